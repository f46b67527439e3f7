/// The blows of one sitting before or after a bronchodilator, judged in their order: ATS/ERS 2019, tables 7 and 10.
public struct Sitting: Sendable {
    /// One blow with what it is worth.
    public struct Attempt: Sendable {
        public let measures: BlowMeasures
        public internal(set) var judgement: BlowJudgement
    }

    public private(set) var attempts: [Attempt] = []
    public let isYoungChild: Bool
    private var largestPriorFVC: Double?

    /// Adults make no more (ATS/ERS 2019, on the number of attempts); a child may go on.
    public static let attemptsMaxAdult = 8
    /// More is no sitting; nothing more is kept.
    public static let attemptsMax = 64

    public init(isYoungChild: Bool = false) { self.isYoungChild = isYoungChild }

    public init(_ blows: some Sequence<Blow>, isYoungChild: Bool = false) {
        self.init(isYoungChild: isYoungChild)
        for blow in blows { add(blow) }
    }

    public mutating func add(_ blow: Blow) {
        guard attempts.count < Self.attemptsMax else { return }
        var judgement = BlowJudgement(blow, largestPriorFVC: largestPriorFVC, isYoungChild: isYoungChild)
        if let best = bestPeakFlowLitresPerSecond,
            blow.measures.peakFlowLitresPerSecond < BlowLimits.weakPeakShare * best
        {
            judgement.addSubmaximal()
        }
        attempts.append(Attempt(measures: blow.measures, judgement: judgement))
        // A blow with a slow start or a wrong zero says nothing about the capacity.
        if judgement[.fvc] != .unusable {
            largestPriorFVC = max(largestPriorFVC ?? 0, blow.measures.forcedVitalCapacityLitres)
        }
    }

    /// Litres; up to 6 years FEV0.75 in the place of FEV1.
    public func volume(_ measure: GradedMeasure, of attempt: Attempt) -> Double? {
        switch measure {
        case .fev1: isYoungChild ? attempt.measures.fev075Litres : attempt.measures.fev1Litres
        case .fvc: attempt.measures.forcedVitalCapacityLitres
        }
    }

    private func volumes(_ measure: GradedMeasure, _ worth: Acceptability) -> [Double] {
        attempts.filter { $0.judgement[measure] == worth }.compactMap { volume(measure, of: $0) }
    }

    public func grade(_ measure: GradedMeasure) -> SittingGrade {
        SittingGrade(
            acceptable: volumes(measure, .acceptable), usableCount: volumes(measure, .usable).count,
            isYoungChild: isYoungChild)
    }

    /// The largest of the acceptable blows, or of the usable ones where none is acceptable. FEV1 and FVC may come
    /// from different blows: ATS/ERS 2019, on reported values.
    public func best(_ measure: GradedMeasure) -> Double? {
        volumes(measure, .acceptable).max() ?? volumes(measure, .usable).max()
    }

    /// Litres between the two largest acceptable ones: table 7.
    public func repeatability(_ measure: GradedMeasure) -> Double? {
        Repeatability.difference(of: volumes(measure, .acceptable))
    }

    /// The largest of the blows whose start is good enough.
    public var bestPeakFlowLitresPerSecond: Double? {
        attempts.filter { $0.judgement[.fev1] != .unusable }.map(\.measures.peakFlowLitresPerSecond).max()
    }

    /// The blow with the greatest sum of FEV1 and FVC, from which all other numbers and the curve are taken
    /// (ATS/ERS 2019, on reported values): its place, from 0. Acceptable ones go before usable ones.
    public var bestAttempt: Int? {
        func best(_ isGood: (BlowJudgement) -> Bool) -> Int? {
            let sums = attempts.indices.compactMap { index -> (index: Int, sum: Double)? in
                let attempt = attempts[index]
                guard isGood(attempt.judgement), let volume = volume(.fev1, of: attempt) else { return nil }
                return (index, volume + attempt.measures.forcedVitalCapacityLitres)
            }
            return sums.max { $0.sum < $1.sum }?.index
        }
        return best { $0[.fev1] == .acceptable && $0[.fvc] == .acceptable } ?? best { $0[.fev1] == .acceptable }
            ?? best { $0[.fev1] == .usable }
    }

    /// Three acceptable blows, and FEV1 and FVC repeatable: nothing more is needed (ATS/ERS 2019, on the
    /// evaluation between manoeuvres).
    public var isComplete: Bool { grade(.fev1) == .a && grade(.fvc) == .a }

    /// What to say before the next blow.
    public var hint: CoachingHint {
        guard let last = attempts.last else { return .begin }
        if isComplete { return .enough }
        if attempts.count >= Self.attemptsMaxAdult, !isYoungChild { return .stop }
        if let hint = CoachingHint.hint(for: last.judgement) { return hint }
        let isFar = GradedMeasure.allCases.contains { measure in
            let volumes = volumes(measure, .acceptable)
            return volumes.count > 1
                && !Repeatability.isWithin(.ab, volumes, isYoungChild: isYoungChild)
        }
        return isFar ? .fillLungs : .again
    }
}
