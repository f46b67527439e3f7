public import Vitals

/// Everything that is followed of one patient from day to day, with a state of fixed size that can be kept.
public struct PatientTrends: Hashable, Sendable {
    public internal(set) var metrics: [TrendMetric: MetricTrend] = [:]
    public internal(set) var vitals: [NEWS2.Parameter: NEWS2.Input] = [:]
    public var settings: TrendSettings
    /// Behind an exacerbation: days on which it was not seen, until it counts as over.
    var calmDays = 0
    var lastJudgedDay: Int64?
    var standing = 0

    public init(_ settings: TrendSettings = TrendSettings()) { self.settings = settings }

    /// A value that is believed. Of a metric that is not followed nothing is kept.
    public mutating func add(_ metric: Metric, _ value: Double, at utcSeconds: Int64) {
        guard value.isFinite else { return }
        if let parameter = NEWS2.Parameter(metric), vitals[parameter].map({ $0.utcSeconds <= utcSeconds }) ?? true {
            vitals[parameter] = NEWS2.Input(value, at: utcSeconds)
        }
        guard let followed = TrendMetric(metric) else { return }
        metrics[followed, default: MetricTrend(followed)].add(value, at: utcSeconds)
    }

    /// What a person said: oxygen, alertness.
    public mutating func set(_ parameter: NEWS2.Parameter, _ value: Double, at utcSeconds: Int64) {
        vitals[parameter] = NEWS2.Input(value, at: utcSeconds)
    }

    /// Time has passed: ends days that are over, and judges.
    public mutating func advance(to utcSeconds: Int64) {
        var isNew = false
        for metric in metrics.keys where metrics[metric]?.advance(to: utcSeconds) ?? false { isNew = true }
        let day = MetricTrend.day(ofSlot: MetricTrend.slot(utcSeconds))
        guard isNew || day != lastJudgedDay else { return }
        let level = assessment(at: utcSeconds).level
        if level > 0 {
            standing = max(standing, level)
            calmDays = 0
        } else if let last = lastJudgedDay, day > last, standing > 0 {
            calmDays += 1
            if calmDays > Self.calmDaysMin {
                standing = 0
                calmDays = 0
            }
        }
        lastJudgedDay = max(lastJudgedDay ?? day, day)
    }

    /// An exacerbation is over after so many whole days without it.
    public static let calmDaysMin = 2

    /// The signs of an exacerbation today, or yesterday while today has shown nothing yet.
    public func assessment(at utcSeconds: Int64) -> ExacerbationAssessment {
        let day = MetricTrend.day(ofSlot: MetricTrend.slot(utcSeconds))
        func on(_ day: Int64) -> ExacerbationAssessment {
            ExacerbationAssessment(
                metrics, day: day, saturationLimit: settings.saturationLimit,
                personalBestPEF: settings.personalBestPEF)
        }
        let today = on(day)
        return today.points > 0 || metrics.values.contains { $0.today != nil } ? today : on(day - 1)
    }

    /// The level at which an exacerbation stands: it does not come and go with single days.
    public var exacerbationLevel: Int { standing }

    /// Metrics whose charts speak of a change for the worse.
    public var declines: [MetricTrend] {
        TrendMetric.allCases.compactMap { metrics[$0] }.filter(\.isFlagged)
    }

    /// Metrics that are measured on most days and now have not been for so long.
    public func missed(at utcSeconds: Int64) -> [(metric: TrendMetric, days: Int)] {
        TrendMetric.allCases.compactMap { metric in
            let days = metrics[metric]?.missedDays(at: utcSeconds) ?? 0
            return days >= settings.missedDaysMin ? (metric, days) : nil
        }
    }

    public func news2(at utcSeconds: Int64) -> NEWS2 {
        var inputs = vitals
        if let isOnOxygen = settings.isOnOxygen {
            inputs[.supplementalOxygen] = NEWS2.Input(isOnOxygen ? 1 : 0, at: utcSeconds)
        }
        return NEWS2(inputs, scale: settings.scale, at: utcSeconds)
    }
}

/// What a clinician decides for one patient.
public struct TrendSettings: Hashable, Sendable {
    /// Scale 2 only where a target of 88–92 % is prescribed.
    public var scale: NEWS2.Scale
    /// %, below it the daily saturation is a sign of an exacerbation; `nil`: only a fall from the own level is.
    public var saturationLimit: Double?
    /// L/min; `nil`: the best that was seen.
    public var personalBestPEF: Double?
    /// Days without a value until a measurement counts as missed.
    public var missedDaysMin: Int
    /// Whether oxygen is given; `nil`: nobody said.
    public var isOnOxygen: Bool?

    public init(
        scale: NEWS2.Scale = .scale1, saturationLimit: Double? = nil, personalBestPEF: Double? = nil,
        missedDaysMin: Int = 2, isOnOxygen: Bool? = nil
    ) {
        self.scale = scale
        self.saturationLimit = saturationLimit
        self.personalBestPEF = personalBestPEF
        self.missedDaysMin = missedDaysMin
        self.isOnOxygen = isOnOxygen
    }
}

extension NEWS2.Parameter {
    public init?(_ metric: Metric) {
        switch TrendMetric(metric) {
        case .respirationRate: self = .respirationRate
        case .oxygenSaturation: self = .oxygenSaturation
        case .pulseRate: self = .pulseRate
        case .temperature: self = .temperature
        case .systolicPressure: self = .systolicPressure
        default: return nil
        }
    }
}
