public import Vitals

/// Adds to a session of a spirometer what this program makes of it: numbers of its own beside the device's,
/// grades with their reasons, and a hint for the next blow.
public struct SessionReview: Sendable {
    /// Whom the numbers are compared with; `nil`: with nobody.
    public var subject: ReferenceSubject?
    public var equation: ReferenceEquation

    public init(subject: ReferenceSubject? = nil, equation: ReferenceEquation = .gliGlobal2022) {
        self.subject = subject
        self.equation = equation
    }

    static let blowRule = "ATS/ERS 2019, table 7"
    static let sittingRule = "ATS/ERS 2019, table 10"

    private var isYoungChild: Bool { subject.map { $0.ageYears <= BlowLimits.youngChildYearsMax } ?? false }

    /// Other kinds of sessions are left as they are.
    public func complete(_ session: inout Session) {
        guard session.kind == .spirometry else { return }
        var sitting = Sitting(isYoungChild: isYoungChild)
        for index in session.manoeuvres.indices {
            guard let samples = BlowSamples(session.manoeuvres[index]), let blow = Self.blow(samples) else {
                continue
            }
            sitting.add(blow)
            guard let attempt = sitting.attempts.last else { continue }
            session.manoeuvres[index].analysis = Self.analysis(
                attempt, blow, doubts: session.manoeuvres[index].quality.reasons)
        }
        session.analysis =
            sitting.attempts.isEmpty ? devicesOwn(session.manoeuvres) : analysis(sitting, session.quality.reasons)
    }

    private static func blow(_ samples: BlowSamples) -> Blow? {
        do throws(BlowProblem) { return try Blow(samples) } catch { return nil }
    }

    // MARK: One blow

    private static func analysis(
        _ attempt: Sitting.Attempt, _ blow: Blow, doubts: QualityReasons
    ) -> SessionAnalysis {
        let (measures, judgement) = (attempt.measures, attempt.judgement)
        let doubts = doubts.intersection([.incomplete, .uncalibrated])
        let results = measures.metrics.compactMap { metric, value, graded -> SessionResult? in
            guard let value else { return nil }
            let doubts = judgement[graded] == .acceptable ? doubts : doubts.union(.technique)
            return SessionResult(metric, value, Quality(doubts: doubts))
        }
        let hints = judgement.faults.filter(\.isHint).map(\.rawValue)
        let gradings = GradedMeasure.allCases.map { measure in
            let reasons = judgement.reasons(against: measure).map(\.rawValue)
            return SessionGrading(
                measure == .fev1 ? .acceptabilityFEV1 : .acceptabilityFVC, judgement[measure].rawValue,
                rule: blowRule, reasons: measure == .fev1 ? reasons + hints : reasons)
        }
        return SessionAnalysis(
            results: results, gradings: gradings, annotations: marks(blow),
            hint: CoachingHint.hint(for: judgement)?.sentence)
    }

    private static func marks(_ blow: Blow) -> [SessionAnnotation] {
        let measures = blow.measures
        let zero = measures.timeZeroSeconds
        let dips = FlowDips(blow)
        var marks = [
            SessionAnnotation(.startOfTest, seconds: zero),
            SessionAnnotation(
                .peakFlow, seconds: measures.peakSeconds, value: measures.peakFlowLitresPerSecond),
            SessionAnnotation(
                .endOfTest, seconds: zero + measures.expirationSeconds, value: measures.forcedVitalCapacityLitres),
        ]
        marks += dips.coughSeconds.map { SessionAnnotation(.cough, seconds: zero + $0) }
        return marks.sorted { $0.seconds < $1.seconds }
    }

    // MARK: The sitting

    private func analysis(_ sitting: Sitting, _ doubts: QualityReasons) -> SessionAnalysis {
        let doubts = doubts.intersection([.incomplete, .uncalibrated])
        let quality = { (measure: GradedMeasure) in
            Quality(doubts: sitting.grade(measure).isReliable ? doubts : doubts.union(.technique))
        }
        var best = Best(quality: (quality(.fev1), quality(.fvc)))
        best.fvc = sitting.best(.fvc)
        // FEV0.75 stands for FEV1 in a young child; it goes by its own name.
        best.fev1 = isYoungChild ? nil : sitting.best(.fev1)
        best.fev075 = isYoungChild ? sitting.best(.fev1) : nil
        best.peakFlow = sitting.bestPeakFlowLitresPerSecond
        let measures = sitting.bestAttempt.map { sitting.attempts[$0].measures }
        best.fev6 = measures?.fev6Litres
        best.fef2575 = measures?.fef2575LitresPerSecond
        let gradings = GradedMeasure.allCases.map { measure in
            SessionGrading(
                measure == .fev1 ? .sessionFEV1 : .sessionFVC, sitting.grade(measure).rawValue,
                rule: Self.sittingRule, reasons: sitting.reasons(against: measure))
        }
        return analysis(best, gradings, hint: sitting.hint)
    }

    /// Without any curve the device's numbers are graded as they are: nobody can say how they were blown.
    private func devicesOwn(_ manoeuvres: [Manoeuvre]) -> SessionAnalysis {
        let accepted = manoeuvres.filter { !$0.quality.reasons.contains(.deviceRejected) }
        let values = { (metric: Metric) in
            accepted.compactMap { manoeuvre in manoeuvre.results.first { $0.metric == metric }?.value }
        }
        let (fev1, fvc) = (values(.forcedExpiratoryVolume1s), values(.forcedVitalCapacity))
        var doubts: QualityReasons = .resultsOnly
        if manoeuvres.contains(where: { $0.quality.reasons.contains(.uncalibrated) }) {
            doubts.insert(.uncalibrated)
        }
        var best = Best(quality: (Quality(doubts: doubts), Quality(doubts: doubts)))
        best.fev1 = fev1.max()
        best.fvc = fvc.max()
        best.peakFlow = values(.peakExpiratoryFlow).max()
        best.fev6 = values(.forcedExpiratoryVolume6s).max()
        var gradings: [SessionGrading] = []
        for (subject, volumes) in [(SessionGrading.Subject.sessionFEV1, fev1), (.sessionFVC, fvc)] {
            guard !volumes.isEmpty else { continue }
            let grade = SittingGrade(acceptable: volumes, usableCount: 0, isYoungChild: isYoungChild)
            gradings.append(
                SessionGrading(
                    subject, grade.rawValue, rule: Self.sittingRule,
                    reasons: ["results-only"] + Sitting.reasons(volumes, isYoungChild: isYoungChild)))
        }
        return analysis(best, gradings, hint: nil)
    }

    private func analysis(
        _ best: Best, _ gradings: [SessionGrading], hint: CoachingHint?
    ) -> SessionAnalysis {
        var analysis = SessionAnalysis(results: best.results, gradings: gradings, hint: hint?.sentence)
        if let subject { compare(best, with: subject, &analysis) }
        return analysis
    }

    // MARK: Beside what is expected

    private func compare(_ best: Best, with subject: ReferenceSubject, _ analysis: inout SessionAnalysis) {
        let z = { (metric: ReferenceMetric, value: Double?) -> Double? in
            guard let value, metric.possible.contains(value) else { return nil }
            return ReferenceValue(metric, of: subject, by: equation).z(value)
        }
        let (fev1, fvc, ratio) = (z(.fev1, best.fev1), z(.fvc, best.fvc), z(.fev1OverFVC, best.ratio))
        if let fev1, let value = best.fev1 {
            let percent = ReferenceValue(.fev1, of: subject, by: equation).percentPredicted(value)
            analysis.results.append(SessionResult(.fev1PercentPredicted, percent, best.quality.fev1))
            analysis.results.append(SessionResult(.fev1ZScore, fev1, best.quality.fev1))
        }
        if let fvc { analysis.results.append(SessionResult(.fvcZScore, fvc, best.quality.fvc)) }
        if let ratio { analysis.results.append(SessionResult(.fev1OverFVCZScore, ratio, best.quality.fvc)) }
        guard let fev1, let fvc, let ratio else { return }
        let interpretation = Interpretation(fev1Z: fev1, fvcZ: fvc, ratioZ: ratio)
        analysis.gradings.append(
            SessionGrading(
                .interpretation, interpretation.pattern.rawValue,
                rule: "ERS/ATS 2022 interpretive strategy, \(equation.rawValue)",
                reasons: interpretation.severity.map { ["severity-\($0.rawValue)"] } ?? []))
    }
}

/// The best of a sitting, on the way into an analysis.
private struct Best {
    let quality: (fev1: Quality, fvc: Quality)
    var fev1: Double?
    var fev075: Double?
    var fvc: Double?
    var fev6: Double?
    var peakFlow: Double?
    var fef2575: Double?

    init(quality: (fev1: Quality, fvc: Quality)) { self.quality = quality }

    var ratio: Double? {
        guard let fev1, let fvc, fvc > 0 else { return nil }
        return fev1 / fvc
    }

    var results: [SessionResult] {
        let found: [(Metric, Double?, Quality)] = [
            (.forcedExpiratoryVolume1s, fev1, quality.fev1), (.forcedExpiratoryVolume750ms, fev075, quality.fev1),
            (.forcedVitalCapacity, fvc, quality.fvc), (.fev1OverFVC, ratio.map { $0 * 100 }, quality.fvc),
            (.peakExpiratoryFlow, peakFlow, quality.fev1), (.forcedExpiratoryVolume6s, fev6, quality.fvc),
            (.forcedExpiratoryFlow25To75, fef2575, quality.fvc),
        ]
        return found.compactMap { metric, value, quality in value.map { SessionResult(metric, $0, quality) } }
    }
}
