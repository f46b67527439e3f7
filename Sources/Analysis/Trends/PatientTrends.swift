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
    /// What gave points when NEWS2 last asked for an urgent response: without it nobody knows that it is over.
    var urgentParts: Set<NEWS2.Parameter> = []

    public init(_ settings: TrendSettings = TrendSettings()) { self.settings = settings }

    /// A value that is believed. Of a metric that is not followed nothing is kept.
    ///
    /// - Parameter isScored: it may count in NEWS2.
    public mutating func add(_ metric: Metric, _ value: Double, at utcSeconds: Int64, isScored: Bool = true) {
        guard value.isFinite else { return }
        if isScored, let parameter = NEWS2.Parameter(metric),
            vitals[parameter].map({ $0.utcSeconds <= utcSeconds }) ?? true
        {
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
    ///
    /// - Parameter isCertain: the time is vouched for: what lies behind it was noted by a wrong clock, and goes.
    /// - Returns: whether a day was judged.
    @discardableResult
    public mutating func advance(to utcSeconds: Int64, isCertain: Bool = false) -> Bool {
        if isCertain { forget(after: utcSeconds) }
        var isNew = false
        for metric in metrics.keys where metrics[metric]?.advance(to: utcSeconds) ?? false { isNew = true }
        noteUrgency(at: utcSeconds)
        let day = MetricTrend.day(ofSlot: MetricTrend.slot(utcSeconds))
        guard isNew || day != lastJudgedDay else { return false }
        // Days that are over: also those that ended while the box was off.
        if let last = lastJudgedDay, last < day {
            for over in max(last, day - Int64(Self.calmDaysMin)) ..< day { judge(whole: over) }
        }
        let level = assessment(on: day).level
        if level > 0 { stand(level) }
        lastJudgedDay = max(lastJudgedDay ?? day, day)
        return true
    }

    private mutating func stand(_ level: Int) {
        standing = max(standing, level)
        calmDays = 0
    }

    /// A day without a measurement of what showed the signs is no calm day: who is ill stops measuring.
    private mutating func judge(whole day: Int64) {
        let level = assessment(on: day).level
        if level > 0 { return stand(level) }
        guard standing > 0, isMeasured(signs(before: day), since: day, until: day) else { return }
        calmDays += 1
        guard calmDays >= Self.calmDaysMin else { return }
        standing = 0
        calmDays = 0
    }

    /// An exacerbation is over after so many whole days without it.
    public static let calmDaysMin = 2

    /// The signs of an exacerbation on a day, of those that are kept.
    public func assessment(on day: Int64) -> ExacerbationAssessment {
        ExacerbationAssessment(
            metrics, day: day, saturationLimit: settings.saturationLimit,
            personalBestPEF: settings.personalBestPEF)
    }

    /// The latest signs that were enough: what stands, stands by them. None: they are too long ago.
    public func assessment(at utcSeconds: Int64) -> ExacerbationAssessment {
        let day = MetricTrend.day(ofSlot: MetricTrend.slot(utcSeconds))
        for back in 0 ..< Int64(MetricTrend.daysMax) {
            let assessment = assessment(on: day - back)
            if assessment.level > 0 { return assessment }
        }
        return assessment(on: day)
    }

    /// The level at which an exacerbation stands: it does not come and go with single days.
    public var exacerbationLevel: Int { standing }

    /// Whether what showed the signs has been measured of late, so that the level means something.
    public func isExacerbationSeen(at utcSeconds: Int64) -> Bool {
        let day = MetricTrend.day(ofSlot: MetricTrend.slot(utcSeconds))
        return isMeasured(signs(before: day + 1), since: day - Int64(Self.calmDaysMin), until: day)
    }

    /// What showed the latest signs; when they are too long ago, everything that could.
    private func signs(before day: Int64) -> Set<TrendMetric> {
        for back in 1 ... Int64(MetricTrend.daysMax) {
            let assessment = assessment(on: day - back)
            if assessment.level > 0 { return Set(assessment.indicators.map(\.metric)) }
        }
        return ExacerbationAssessment.metrics
    }

    private func isMeasured(_ signs: Set<TrendMetric>, since first: Int64, until last: Int64) -> Bool {
        signs.contains { metrics[$0]?.daysSoFar.contains { $0.day >= first && $0.day <= last } ?? false }
    }

    /// What was noted for a time that has not come yet would keep out everything that is measured now.
    private mutating func forget(after utcSeconds: Int64) {
        let end = utcSeconds.addingReportingOverflow(Self.aheadSecondsMax)
        guard !end.overflow else { return }
        for metric in metrics.keys { metrics[metric]?.forget(after: end.partialValue) }
        vitals = vitals.filter { $0.value.utcSeconds <= end.partialValue }
        let day = MetricTrend.day(ofSlot: MetricTrend.slot(utcSeconds))
        if let last = lastJudgedDay, last > day { lastJudgedDay = nil }
    }

    /// Two clocks that are right differ by no more, s.
    static let aheadSecondsMax: Int64 = 300

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

    /// What a clinician named, or the best of the last four weeks once a week is known; L/min.
    public var personalBestPeakFlow: Double? {
        if let named = settings.personalBestPEF { return named }
        let days = metrics[.peakExpiratoryFlow]?.days ?? []
        return days.count >= PersonalBaseline.valuesMin ? days.map(\.value).max() : nil
    }

    public func news2(at utcSeconds: Int64) -> NEWS2 {
        var inputs = vitals
        if let isOnOxygen = settings.isOnOxygen {
            inputs[.supplementalOxygen] = NEWS2.Input(isOnOxygen ? 1 : 0, at: utcSeconds)
        }
        return NEWS2(inputs, scale: settings.scale, at: utcSeconds)
    }

    /// Whether NEWS2 asks for an urgent response; `nil`: something was measured too long ago to say.
    public func isUrgent(at utcSeconds: Int64) -> Bool? {
        let score = news2(at: utcSeconds)
        if score.isUrgent { return true }
        return score.parts.isEmpty || !urgentParts.isSubset(of: score.parts.map(\.parameter)) ? nil : false
    }

    private mutating func noteUrgency(at utcSeconds: Int64) {
        switch isUrgent(at: utcSeconds) {
        case true?:
            urgentParts = Set(news2(at: utcSeconds).parts.filter { $0.points > 0 }.map(\.parameter))
        case false?: urgentParts = []
        case nil: break
        }
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
