/// Two charts over a series of standardised daily values, for a change too slow for any single limit.
///
/// EWMA with λ 0.2 and limits at 2.86 σ, and a two-sided CUSUM with k 0.5 and h 5 (Montgomery, Introduction to
/// Statistical Quality Control: in-control runs of about 370 and 465 values). Values count up to 3 σ only.
public struct ControlCharts: Hashable, Sendable {
    public internal(set) var ewma = 0.0
    public internal(set) var cusumHigh = 0.0
    public internal(set) var cusumLow = 0.0

    public static let smoothing = 0.2
    public static let ewmaLimit = 2.86
    public static let cusumSlack = 0.5
    public static let cusumLimit = 5.0
    public static let valueMax = 3.0

    /// σ of the EWMA of independent standard values, after many of them.
    static var ewmaDeviation: Double { (smoothing / (2 - smoothing)).squareRoot() }

    public init() {}

    public mutating func add(_ value: Double) {
        guard value.isFinite else { return }
        let value = min(max(value, -Self.valueMax), Self.valueMax)
        ewma += Self.smoothing * (value - ewma)
        // Behind an alarm a sum would take weeks to come back: it is held at twice the limit.
        cusumHigh = min(max(0, cusumHigh + value - Self.cusumSlack), 2 * Self.cusumLimit)
        cusumLow = min(max(0, cusumLow - value - Self.cusumSlack), 2 * Self.cusumLimit)
    }

    public var isHigh: Bool { cusumHigh > Self.cusumLimit || ewma > Self.ewmaLimit * Self.ewmaDeviation }
    public var isLow: Bool { cusumLow > Self.cusumLimit || ewma < -Self.ewmaLimit * Self.ewmaDeviation }
}
