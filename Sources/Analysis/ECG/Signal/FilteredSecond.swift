import Numbers

/// What the filters took out of one second of a lead, and what they left.
struct FilteredSecond: Sendable {
    /// Samples after which both mains frequencies are where they began: 20 at 200 Hz.
    static let mainsPeriod = 20

    let second: Int
    private(set) var count = 0
    /// Of the clean signal.
    private(set) var lowest = Float.infinity
    private(set) var highest = -Float.infinity
    /// Of what the high-pass took: the baseline.
    private var driftLowest = Float.infinity
    private var driftHighest = -Float.infinity
    /// Of what the low-pass took: above 40 Hz.
    private var restPower: Float = 0
    private var restByPhase = InlineArray<20, Float>(repeating: 0)
    private var phase = 0

    init(_ second: Int) { self.second = second }

    /// The second is joined after so many of its samples.
    mutating func begin(at sample: Int) {
        count = sample
        phase = sample % Self.mainsPeriod
    }

    /// Whether it was the last one of the second.
    @inline(__always)
    mutating func add(_ clean: Float, drift: Float, rest: Float) -> Bool {
        lowest = min(lowest, clean)
        highest = max(highest, clean)
        driftLowest = min(driftLowest, drift)
        driftHighest = max(driftHighest, drift)
        restPower += rest * rest
        restByPhase[phase] += rest
        phase = phase == Self.mainsPeriod - 1 ? 0 : phase + 1
        count += 1
        return count >= WorkingSignal.sampleRateHz
    }

    /// Peak to peak (mV).
    var height: Float { max(0, highest - lowest) }
    var driftHeight: Float { max(0, driftHighest - driftLowest) }

    /// Amplitude (mV) of the mains at 50 and at 60 Hz: five and six turns in 20 samples.
    var mains: (fifty: Float, sixty: Float) { (amplitude(turns: 5), amplitude(turns: 6)) }

    /// Root mean square (mV) of what is above 40 Hz, without a mains of such amplitudes.
    func restLevel(without mains: (fifty: Float, sixty: Float)) -> Float {
        let power = (mains.fifty * mains.fifty + mains.sixty * mains.sixty) / 2
        return max(0, restPower / Float(max(1, count)) - power).squareRoot()
    }

    private static let sines = (0 ..< mainsPeriod).map { phase in
        Float(Mathematics.sin(2 * Double.pi * Double(phase) / Double(mainsPeriod)))
    }

    private func amplitude(turns: Int) -> Float {
        let sines = Self.sines
        var cosine: Float = 0
        var sine: Float = 0
        for phase in 0 ..< Self.mainsPeriod {
            let turn = phase * turns
            sine += restByPhase[phase] * sines[turn % Self.mainsPeriod]
            cosine += restByPhase[phase] * sines[(turn + Self.mainsPeriod / 4) % Self.mainsPeriod]
        }
        return 2 * (cosine * cosine + sine * sine).squareRoot() / Float(WorkingSignal.sampleRateHz)
    }
}
