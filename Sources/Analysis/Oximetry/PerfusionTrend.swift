/// Perfusion index over the night: its mean and the straight line through it.
///
/// Sums only; a cold hand shows as a falling line, a loose sensor as a low mean.
public struct PerfusionTrend: Hashable, Sendable {
    private var count = 0.0
    private var sumTime = 0.0
    private var sumTimeSquared = 0.0
    private var sum = 0.0
    private var sumTimesTime = 0.0
    private var low = 0

    /// Below this most sensors no longer promise their accuracy, %.
    public static let lowPercent = 0.3
    /// No line through less than this, s.
    public static let secondsMin = 600.0

    public init() {}

    public mutating func add(_ second: Int, _ percent: Double) {
        let hours = Double(second) / 3600
        count += 1
        sumTime += hours
        sumTimeSquared += hours * hours
        sum += percent
        sumTimesTime += hours * percent
        if percent < Self.lowPercent { low += 1 }
    }

    public var mean: Double? { count > 0 ? sum / count : nil }

    /// Share of the seconds with low perfusion, 0–1.
    public var lowShare: Double? { count > 0 ? Double(low) / count : nil }

    /// Change in an hour, % an hour.
    public var perHour: Double? {
        let spread = count * sumTimeSquared - sumTime * sumTime
        guard count >= Self.secondsMin, spread > 0 else { return nil }
        return (count * sumTimesTime - sumTime * sum) / spread
    }
}
