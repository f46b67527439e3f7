import Vitals

/// How long something took, in a fixed number of steps: each is a quarter longer than the one before.
public struct LatencyHistogram: Hashable, Sendable {
    private var counts = [UInt32](repeating: 0, count: stepsMax)
    public private(set) var longest: Duration = .zero
    public private(set) var count: UInt64 = 0

    private static let stepsMax = 96
    /// The first step ends at 100 µs, the last beyond a day.
    private static let edgesNanoseconds: [Int64] = {
        var edges: [Int64] = []
        var edge = 100_000.0
        for _ in 0 ..< stepsMax {
            edges.append(Int64(edge))
            edge *= 1.25
        }
        return edges
    }()

    public init() {}

    public mutating func record(_ duration: Duration) {
        let nanoseconds = duration.wholeNanoseconds
        let step = Self.edgesNanoseconds.firstIndex { nanoseconds <= $0 } ?? Self.stepsMax - 1
        let (sum, overflow) = counts[step].addingReportingOverflow(1)
        // Halving all keeps the shape.
        if overflow { for index in counts.indices { counts[index] /= 2 } } else { counts[step] = sum }
        longest = max(longest, duration)
        count += 1
    }

    /// The upper edge of the step in which that share of all lies; never more than ``longest``.
    public func quantile(_ share: Double) -> Duration {
        let total = counts.reduce(0) { $0 + Double($1) }
        guard total > 0 else { return .zero }
        var sum = 0.0
        for (step, count) in counts.enumerated() {
            sum += Double(count)
            if sum >= total * share { return min(longest, .nanoseconds(Self.edgesNanoseconds[step])) }
        }
        return longest
    }
}
