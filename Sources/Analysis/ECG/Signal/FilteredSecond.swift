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

    /// Samples that are missing yet.
    var room: Int { WorkingSignal.sampleRateHz - count }

    /// As many more as ``room`` at most: the clean signal, what it was made of before the high-pass, and that
    /// before the low-pass.
    mutating func add(
        _ clean: borrowing Span<Float>, smooth: borrowing Span<Float>, plain: borrowing Span<Float>
    ) {
        let range = clean.extremes
        lowest = min(lowest, range.lowest)
        highest = max(highest, range.highest)
        var driftLowest = driftLowest
        var driftHighest = driftHighest
        var power = restPower
        var phase = phase
        for at in clean.indices {
            let drift = smooth[at] - clean[at]
            driftLowest = drift < driftLowest ? drift : driftLowest
            driftHighest = drift > driftHighest ? drift : driftHighest
            let rest = plain[at] - smooth[at]
            power += rest * rest
            restByPhase[phase] += rest
            phase = phase == Self.mainsPeriod - 1 ? 0 : phase &+ 1
        }
        self.driftLowest = driftLowest
        self.driftHighest = driftHighest
        self.phase = phase
        restPower = power
        count += clean.count
    }

    /// Peak to peak (mV).
    var height: Float { max(0, highest - lowest) }
    var driftHeight: Float { max(0, driftHighest - driftLowest) }

    /// Amplitude (mV) of the mains at 50 and at 60 Hz: five and six turns in 20 samples.
    var mains: (fifty: Float, sixty: Float) { (amplitude(Self.fiftyWave), amplitude(Self.sixtyWave)) }

    /// Root mean square (mV) of what is above 40 Hz, without a mains of such amplitudes.
    func restLevel(without mains: (fifty: Float, sixty: Float)) -> Float {
        let power = (mains.fifty * mains.fifty + mains.sixty * mains.sixty) / 2
        return max(0, restPower / Float(max(1, count)) - power).squareRoot()
    }

    /// For each phase, of a wave of so many turns in the period: sine and cosine.
    private static func wave(turns: Int) -> [(sine: Float, cosine: Float)] {
        let sines = (0 ..< mainsPeriod).map { phase in
            Float(Mathematics.sin(2 * Double.pi * Double(phase) / Double(mainsPeriod)))
        }
        return (0 ..< mainsPeriod).map { phase in
            let turn = phase * turns
            return (sines[turn % mainsPeriod], sines[(turn + mainsPeriod / 4) % mainsPeriod])
        }
    }

    private static let fiftyWave = wave(turns: 5)
    private static let sixtyWave = wave(turns: 6)

    private func amplitude(_ wave: [(sine: Float, cosine: Float)]) -> Float {
        var cosine: Float = 0
        var sine: Float = 0
        for phase in 0 ..< Self.mainsPeriod {
            sine += restByPhase[phase] * wave[phase].sine
            cosine += restByPhase[phase] * wave[phase].cosine
        }
        return 2 * (cosine * cosine + sine * sine).squareRoot() / Float(WorkingSignal.sampleRateHz)
    }
}
