import Numbers

/// Whether a patient with COPD or asthma is getting worse: points for what departs from the patient's own days.
///
/// One sign alone is most often the measurement; two together, or one strong one, are worth a call. Every sign
/// carries its value and what it was compared with.
public struct ExacerbationAssessment: Hashable, Sendable {
    /// What speaks for it.
    public enum Sign: String, Hashable, Sendable, CaseIterable {
        /// FEV1, FVC or PEF below the patient's own range on two of three days (Cooper et al. 2020: the mean of
        /// seven days less 1.645 standard deviations).
        case spirometryFall = "spirometry-fall"
        /// PEF below 60 % of the personal best: the red zone of asthma plans. Strong.
        case peakFlowRed = "peak-flow-red-zone"
        case saturationFall = "oxygen-saturation-fall"
        case pulseRise = "pulse-rate-rise"
        case respirationRise = "respiration-rate-rise"

        public var points: Int { self == .peakFlowRed ? 2 : 1 }
    }

    /// A sign that is there.
    public struct Indicator: Hashable, Sendable {
        public var sign: Sign
        public var metric: TrendMetric
        /// Today's value, in the metric's unit.
        public var value: Double
        /// The limit that it passed, and the patient's own level behind that.
        public var limit: Double
        public var level: Double
    }

    /// At most one of each sign.
    public var indicators: [Indicator]

    public var points: Int { indicators.reduce(0) { $0 + $1.sign.points } }

    /// 0 nothing, 1 worth a call, 2 worth a call today.
    public var level: Int {
        switch points {
        case Self.pointsUrgent...: 2
        case Self.pointsMin...: 1
        default: 0
        }
    }

    /// What signs are looked for in.
    static let metrics: Set<TrendMetric> = [
        .forcedExpiratoryVolume1s, .forcedVitalCapacity, .peakExpiratoryFlow, .oxygenSaturation, .pulseRate,
        .respirationRate,
    ]

    public static let pointsMin = 2
    public static let pointsUrgent = 3

    public static let fallDeviations = 1.645
    /// Sessions before the three days that the fall is looked for in.
    public static let referenceDays = 7
    /// The smallest standard deviation of spirometry, as a share of the mean.
    public static let deviationShareMin = 0.03
    public static let fallDaysMin = 2
    public static let fallWindowDays: Int64 = 3
    public static let redZoneShare = 0.6
    /// %, below the patient's own level.
    public static let saturationFall = 3.0
    public static let pulseRiseShare = 0.15
    public static let respirationRiseShare = 0.25

    /// - Parameters:
    ///   - day: days since 1970.
    ///   - saturationLimit: %, below it saturation is a sign whatever the level was; `nil`: only the fall counts.
    ///   - personalBestPEF: L/min; `nil`: the best of the days that are known.
    init(
        _ trends: [TrendMetric: MetricTrend], day: Int64, saturationLimit: Double?, personalBestPEF: Double?
    ) {
        let spirometry: [TrendMetric] = [.forcedExpiratoryVolume1s, .forcedVitalCapacity, .peakExpiratoryFlow]
        let signs = [
            spirometry.lazy.compactMap { trends[$0].flatMap { Self.fall($0, day) } }.first,
            trends[.peakExpiratoryFlow].flatMap { Self.redZone($0, day, best: personalBestPEF) },
            trends[.oxygenSaturation].flatMap { Self.saturation($0, day, limit: saturationLimit) },
            trends[.pulseRate].flatMap { Self.rise($0, day, .pulseRise, Self.pulseRiseShare) },
            trends[.respirationRate].flatMap { Self.rise($0, day, .respirationRise, Self.respirationRiseShare) },
        ]
        indicators = signs.compactMap { $0 }
    }

    private static func value(_ trend: MetricTrend, _ day: Int64) -> Double? {
        trend.daysSoFar.last { $0.day == day }?.value
    }

    private static func fall(_ trend: MetricTrend, _ day: Int64) -> Indicator? {
        let all = trend.daysSoFar
        let reference = all.filter { $0.day <= day - fallWindowDays }.suffix(referenceDays).map(\.value)
        guard reference.count >= referenceDays else { return nil }
        let mean = reference.reduce(0, +) / Double(reference.count)
        let squares = reference.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let deviation = max((squares / Double(reference.count - 1)).squareRoot(), deviationShareMin * mean)
        let limit = mean - fallDeviations * deviation
        let low = all.filter { $0.day > day - fallWindowDays && $0.day <= day && $0.value < limit }
        guard low.count >= fallDaysMin, let latest = low.last else { return nil }
        return Indicator(
            sign: .spirometryFall, metric: trend.metric, value: latest.value, limit: limit, level: mean)
    }

    private static func redZone(_ trend: MetricTrend, _ day: Int64, best: Double?) -> Indicator? {
        guard let value = value(trend, day), let best = best ?? trend.days.map(\.value).max(),
            best > 0, value < redZoneShare * best
        else { return nil }
        return Indicator(
            sign: .peakFlowRed, metric: trend.metric, value: value, limit: redZoneShare * best, level: best)
    }

    private static func saturation(_ trend: MetricTrend, _ day: Int64, limit: Double?) -> Indicator? {
        guard let value = value(trend, day), let level = trend.baseline.level else { return nil }
        let bound = max(level - saturationFall, limit ?? 0)
        guard value <= level - saturationFall || value < (limit ?? 0) else { return nil }
        return Indicator(sign: .saturationFall, metric: trend.metric, value: value, limit: bound, level: level)
    }

    private static func rise(_ trend: MetricTrend, _ day: Int64, _ sign: Sign, _ share: Double) -> Indicator? {
        let before = trend.days.filter { $0.day < day }.suffix(PersonalBaseline.valuesOfLevelMax).map(\.value)
        guard let value = value(trend, day), before.count >= PersonalBaseline.valuesMin, let level = median(before),
            level > 0, value >= level * (1 + share)
        else { return nil }
        return Indicator(sign: sign, metric: trend.metric, value: value, limit: level * (1 + share), level: level)
    }
}
