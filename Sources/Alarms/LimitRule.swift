public import Vitals

/// A limit on one metric, with its levels: too low or too high, for too long.
public struct LimitRule: Hashable, Sendable {
    public var condition: ConditionDefinition
    public var metric: Metric
    public var side: Side
    /// One for each level of the condition, each graver than the one before.
    public var limits: [Double]
    /// How far a value must come back beyond a limit before its level is left.
    public var hysteresis: Double
    /// Doubts that do not keep a value from being judged.
    public var toleratedDoubts: QualityReasons

    public enum Side: String, Hashable, Sendable, CaseIterable { case below, above }

    public init(
        condition: ConditionDefinition, metric: Metric, side: Side, limits: [Double], hysteresis: Double,
        toleratedDoubts: QualityReasons = []
    ) {
        self.condition = condition
        self.metric = metric
        self.side = side
        self.limits = limits
        self.hysteresis = hysteresis
        self.toleratedDoubts = toleratedDoubts
    }

    /// The value to be judged, or `nil` when it may not be: none, impossible, in doubt, from memory, or a trial.
    public func judged(_ observation: Observation) -> Double? {
        let reading = observation.reading
        guard reading.metric == metric, reading.source == .live, observation.origin != .test,
            let value = reading.value, metric.definition.possible.contains(value)
        else { return nil }
        switch reading.quality {
        case .valid: return value
        case .questionable(let reasons): return toleratedDoubts.isSuperset(of: reasons) ? value : nil
        case .calibrating, .invalid: return nil
        }
    }

    /// The gravest level whose limit the value passes, 0 for none.
    public func entering(_ value: Double) -> Int { gravest { isBeyond(value, $0) } }

    /// The gravest level that the value has not left with the hysteresis, 0 for none.
    public func holding(_ value: Double) -> Int {
        gravest { isBeyond(value, side == .below ? $0 + hysteresis : $0 - hysteresis) }
    }

    /// The limit and the onset that a level stands for; beyond the gravest, the gravest's.
    public func bounds(ofLevel level: Int) -> (limit: Double, onset: Duration)? {
        let index = min(max(level, 1), limits.count, condition.levels.count) - 1
        return index < 0 ? nil : (limits[index], condition.levels[index].onset)
    }

    private func isBeyond(_ value: Double, _ limit: Double) -> Bool {
        side == .below ? value < limit : value > limit
    }

    private func gravest(_ isPassed: (Double) -> Bool) -> Int {
        (limits.lastIndex(where: isPassed) ?? -1) + 1
    }
}

extension LimitRule {
    /// Low saturation: below 88 % for 15 s is medium, below 85 % for 10 s is high.
    ///
    /// Sources: 88 % with a delay of 15 s instead of 90 % at once removes about 70 % of the alarms
    /// (Rheineck-Leyssius and Kalkman); ISO 80601-2-61 wants a default of at least 85 %.
    public static let oxygenSaturationLow = LimitRule(
        condition: ConditionDefinition(
            id: "oxygen-saturation-low", kind: .physiological,
            levels: [
                .init(priority: .medium, onset: .seconds(15)), .init(priority: .high, onset: .seconds(10)),
            ],
            clearAfter: .seconds(10), freshness: .seconds(10)),
        metric: .oxygenSaturation, side: .below, limits: [88, 85], hysteresis: 2)

    /// Slow pulse: below 40 /min for 15 s. NEWS2 gives its highest score at 40 and less.
    public static let pulseRateLow = LimitRule(
        condition: ConditionDefinition(
            id: "pulse-rate-low", kind: .physiological,
            levels: [.init(priority: .medium, onset: .seconds(15))],
            clearAfter: .seconds(10), freshness: .seconds(10)),
        metric: .pulseRate, side: .below, limits: [40], hysteresis: 5)

    /// Fast pulse: above 130 /min for 30 s. NEWS2 gives its highest score at 131 and more.
    public static let pulseRateHigh = LimitRule(
        condition: ConditionDefinition(
            id: "pulse-rate-high", kind: .physiological,
            levels: [.init(priority: .medium, onset: .seconds(30))],
            clearAfter: .seconds(10), freshness: .seconds(10)),
        metric: .pulseRate, side: .above, limits: [130], hysteresis: 5)

    public static let defaults = [oxygenSaturationLow, pulseRateLow, pulseRateHigh]
}
