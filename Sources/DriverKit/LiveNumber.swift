public import Vitals

/// One metric that a device repeats in every frame, as a whole number.
public struct LiveNumber: Hashable, Sendable {
    public let metric: Metric
    /// What the number may be; anything else that is not a mark for "no value" is out of range.
    public let valid: ClosedRange<Int>
    /// The device's marks for "no value".
    public let missing: [Int]
    /// Units of the metric in one count.
    public let scale: Double
    public var cadence: Cadence

    public init(
        _ metric: Metric, valid: ClosedRange<Int>, missing: [Int], scale: Double = 1, framesPerSecond: Int
    ) {
        self.metric = metric
        self.valid = valid
        self.missing = missing
        self.scale = scale
        cadence = Cadence(framesPerSecond: framesPerSecond)
    }

    /// Call it once per frame; `flags` are the bits of the frame on which the quality depends.
    @inlinable @inline(__always)
    public mutating func isDue(_ raw: UInt16, flags: UInt32) -> Bool {
        cadence.isDue(UInt64(raw) | UInt64(flags) << 16)
    }

    /// - Parameters:
    ///   - unusable: why the device itself says that there is nothing to read.
    ///   - doubts: why the number may be wrong.
    public func reading(
        _ raw: UInt16, unusable: QualityReasons, doubts: QualityReasons = [], source: Reading.Source = .live,
        deviceTime: CivilTime? = nil, subindex: Int = 0
    ) -> Reading {
        let number = Int(raw)
        var reasons = unusable
        if missing.contains(number) {
            reasons.insert(.noValue)
        } else if !valid.contains(number) {
            reasons.insert(.outOfRange)
        }
        guard reasons.isEmpty else {
            return Reading(
                metric, nil, .invalid(reasons.union(doubts)), source: source, deviceTime: deviceTime,
                subindex: subindex)
        }
        return Reading(
            metric, Double(number) * scale, Quality(doubts: doubts), source: source, deviceTime: deviceTime,
            subindex: subindex)
    }
}
