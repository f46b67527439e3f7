/// One pulse wave in a plethysmogram or an arterial pressure.
public struct PulseBeat: Hashable, Sendable {
    /// Of the middle of its rise, since the start of the stream.
    public var seconds: Double
    /// How high it rises, in the signal's unit.
    public var rise: Double
    /// How long it rises.
    public var riseSeconds: Double
    /// Of the usual rise: about 1 for a pulse like those before.
    public var riseRatio: Double

    public init(seconds: Double, rise: Double, riseSeconds: Double, riseRatio: Double = 1) {
        self.seconds = seconds
        self.rise = rise
        self.riseSeconds = riseSeconds
        self.riseRatio = riseRatio
    }
}

/// Finds the pulses of a plethysmogram or an arterial pressure, at any rate, by their rises.
///
/// A pulse is a rise nearly as high as the usual one; what is smaller is a dicrotic wave or noise. The usual rise
/// is the middle of the last ones, and follows slowly when the pulse becomes weaker.
public struct PulseDetector: Sendable {
    /// Rates (Hz) that it works at.
    public static let sampleRateHzRange = 25.0 ... 1000.0
    /// The signal is looked at no faster than this.
    private static let workingRateHzMax = 65.0
    /// The shortest time between two pulses: 200 per minute.
    private static let refractorySeconds = 0.30
    /// A pulse rises at least so much of the usual rise.
    private static let riseShareMin = 0.45
    /// A dip of so much of the rise does not end it.
    private static let dipShareMax = 0.15
    /// Rises that no vessel makes.
    private static let riseSecondsRange = 0.04 ... 0.60
    /// Before so much has been heard, the usual rise is not known.
    private static let learningSeconds = 4.0
    /// Without a pulse for so long, the usual rise becomes smaller by ``weakening`` a second.
    private static let patienceSeconds = 3.0
    private static let weakening = 0.97

    private let factor: Int
    private let rateHz: Double
    private var sum = 0.0
    private var summed = 0
    private var index = 0
    /// Means of three working samples.
    private var tail = (0.0, 0.0)

    private var low = (value: 0.0, index: 0)
    private var high = (value: 0.0, index: 0)
    private var isRising = false
    private var rises = RecentValues(capacity: 16)
    private var greatestHeard = 0.0
    private var usual = 0.0
    private var lastPulseSeconds = -10.0

    /// `nil` for a rate outside ``sampleRateHzRange``.
    public init?(sampleRateHz: Double) {
        guard Self.sampleRateHzRange.contains(sampleRateHz) else { return nil }
        factor = max(1, Int((sampleRateHz / Self.workingRateHzMax).rounded(.up)))
        rateHz = sampleRateHz / Double(factor)
    }

    /// Samples in the signal's unit; what is no number holds the value before it.
    public mutating func append(_ samples: [Float], _ pulses: inout [PulseBeat]) {
        for sample in samples {
            let last = summed > 0 ? sum / Double(summed) : tail.1
            sum += sample.isFinite ? Double(min(max(sample, -1e6), 1e6)) : last
            summed += 1
            guard summed == factor else { continue }
            let mean = sum / Double(factor)
            sum = 0
            summed = 0
            let smooth = index < 2 ? mean : (tail.0 + tail.1 + mean) / 3
            tail = index == 0 ? (mean, mean) : (tail.1, mean)
            follow(smooth, &pulses)
            index += 1
        }
    }

    private mutating func follow(_ value: Double, _ pulses: inout [PulseBeat]) {
        if index == 0 {
            low = (value, index)
            high = low
        }
        let seconds = Double(index) / rateHz
        if seconds - lastPulseSeconds > Self.patienceSeconds, seconds > Self.learningSeconds {
            usual *= 1 - (1 - Self.weakening) / rateHz
        }
        if isRising {
            if value > high.value {
                high = (value, index)
            } else if high.value - value > Self.dipShareMax * max(high.value - low.value, usual) {
                endRise(&pulses)
                low = (value, index)
                isRising = false
            }
        } else if value <= low.value {
            low = (value, index)
        } else if value - low.value > Self.dipShareMax * usual {
            high = (value, index)
            isRising = true
        }
    }

    private mutating func endRise(_ pulses: inout [PulseBeat]) {
        let rise = high.value - low.value
        let length = Double(high.index - low.index) / rateHz
        let seconds = Double(high.index + low.index) / 2 / rateHz
        guard rise > 0, Self.riseSecondsRange.contains(length) else { return }
        if seconds < Self.learningSeconds {
            greatestHeard = max(greatestHeard, rise)
            usual = 0.8 * greatestHeard
            return
        }
        guard rise >= Self.riseShareMin * usual, seconds - lastPulseSeconds >= Self.refractorySeconds else {
            return
        }
        let ratio = usual > 0 ? rise / usual : 1
        pulses.append(PulseBeat(seconds: seconds, rise: rise, riseSeconds: length, riseRatio: ratio))
        lastPulseSeconds = seconds
        // A jump of the sensor is not to become the usual.
        rises.append(usual > 0 ? min(rise, 3 * usual) : rise)
        var sorted = InsertionSorted()
        for age in 0 ..< rises.count { sorted.insert(rises[age]) }
        usual = sorted[sorted.count / 2]
    }
}
