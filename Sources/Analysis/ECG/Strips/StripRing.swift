import Vitals

/// The last seconds of one lead as they came, to cut strips from.
struct StripRing: Sendable {
    /// A strip, what may still come of its beats' classes, and a chunk that is ahead of the other leads.
    static let seconds = 48.0
    /// Millivolts in one count: ±160 mV fit.
    static let millivoltsPerCount = 0.005
    private static let missing = Int16.min

    let metric: Metric
    /// Of what is kept.
    let sampleRateHz: Double
    /// Samples that are averaged into one.
    private let factor: Int
    private var counts: [Int16]
    private var end = 0
    private var sum: Float = 0
    private var summed = 0
    private var phase = 0

    init(_ lead: LeadDescription, factor: Int) {
        metric = lead.metric
        self.factor = max(1, factor)
        sampleRateHz = lead.sampleRateHz / Double(max(1, factor))
        counts = [Int16](repeating: Self.missing, count: max(1, Int(Self.seconds * sampleRateHz)))
    }

    mutating func append(_ millivolts: borrowing Span<Float>) {
        for index in millivolts.indices { append(millivolts[index]) }
    }

    mutating func appendLost(_ count: Int) {
        let count = min(max(0, count), max(0, LeadChannel.lostMax - end))
        // What a whole round of the ring does, more would not change.
        let whole = min(count, (counts.count + 1) * factor)
        for _ in 0 ..< whole { append(Float.nan) }
        end += (count - whole) / factor
    }

    @inline(__always)
    private mutating func append(_ value: Float) {
        if value.isFinite {
            sum += value
            summed += 1
        }
        phase += 1
        guard phase == factor else { return }
        let scaled = summed > 0 ? sum / Float(summed) / Float(Self.millivoltsPerCount) : .nan
        counts[end % counts.count] =
            scaled.isFinite ? Int16(min(max(scaled.rounded(), -32_767), 32_767)) : Self.missing
        end += 1
        phase = 0
        summed = 0
        sum = 0
    }

    /// What there is between two moments, in seconds since the start of the stream.
    func signal(from start: Double, to stop: Double) -> SessionSignal {
        let first = Int((start * sampleRateHz).rounded())
        let last = min(end, Int((stop * sampleRateHz).rounded()))
        var signal = SessionSignal(metric, sampleRateHz: sampleRateHz, scale: Self.millivoltsPerCount)
        var place = max(first, 0, end - counts.count)
        while place < last {
            let count = counts[place % counts.count]
            if count != Self.missing { signal.append(Int32(count), at: place - first) }
            place += 1
        }
        return signal
    }
}
