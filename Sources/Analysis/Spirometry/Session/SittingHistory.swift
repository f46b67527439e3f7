public import Vitals

/// A patient's last sitting that can be relied on, so that one after a bronchodilator can be held against it.
///
/// Nobody tells the box when the drug was given: whoever asks for the comparison says by that that two good
/// sittings shortly after each other are before and after.
public struct SittingHistory: Hashable, Sendable {
    /// Seconds since 1970.
    private var utcSeconds: Int64?
    /// Litres; `nil` where the grade was not good enough.
    private var fev1: Double?
    private var fvc: Double?

    /// Earlier no drug works fully (ATS/ERS 2005, Miller et al., doi 10.1183/09031936.05.00034805: 10 min for
    /// short-acting beta agonists, 30 for anticholinergics): it is the same sitting, gone on with.
    public static let pairSecondsMin: Int64 = 600
    /// Later it is another occasion. Ours.
    public static let pairSecondsMax: Int64 = 3600

    static let rule = "ERS/ATS 2022, bronchodilator responsiveness"

    public init() {}

    /// Adds the change to a session that follows another, and remembers one that does not.
    public mutating func compare(
        _ session: inout Session, at utcSeconds: Int64, with subject: ReferenceSubject,
        by equation: ReferenceEquation
    ) {
        let now = Self.reliable(session)
        guard session.kind == .spirometry, now.fev1 != nil || now.fvc != nil else { return }
        let passed = self.utcSeconds.map { utcSeconds.subtractingReportingOverflow($0) }
        if let passed, !passed.overflow, passed.partialValue <= Self.pairSecondsMax {
            // From a device's memory, and older than what is known.
            if passed.partialValue < 0 { return }
            if passed.partialValue >= Self.pairSecondsMin {
                return addResponse(to: &session, fev1: now.fev1, fvc: now.fvc, subject, equation)
            }
            fev1 = [fev1, now.fev1].compactMap(\.self).max()
            fvc = [fvc, now.fvc].compactMap(\.self).max()
            return
        }
        (self.utcSeconds, fev1, fvc) = (utcSeconds, now.fev1, now.fvc)
    }

    private func addResponse(
        to session: inout Session, fev1 after1: Double?, fvc afterC: Double?, _ subject: ReferenceSubject,
        _ equation: ReferenceEquation
    ) {
        var reasons: [String] = []
        var isCompared = false
        let pairs: [(SessionMeasure, Metric, ReferenceMetric, Double?, Double?)] = [
            (.fev1BronchodilatorChange, .forcedExpiratoryVolume1s, .fev1, fev1, after1),
            (.fvcBronchodilatorChange, .forcedVitalCapacity, .fvc, fvc, afterC),
        ]
        for (measure, metric, reference, before, after) in pairs {
            let predicted = ReferenceValue(reference, of: subject, by: equation).m
            guard let before, let after,
                let response = BronchodilatorResponse(before: before, after: after, predicted: predicted)
            else { continue }
            let quality = session.analysis.results.first { $0.name == .metric(metric) }?.quality ?? .valid
            session.analysis.results.append(SessionResult(measure, response.percentOfPredicted, quality))
            isCompared = true
            if response.isSignificant { reasons.append("\(reference == .fev1 ? "fev1" : "fvc")-change") }
        }
        guard isCompared else { return }
        session.analysis.gradings.append(
            SessionGrading(
                .bronchodilatorResponse, reasons.isEmpty ? "not-significant" : "significant", rule: Self.rule,
                reasons: reasons))
    }

    /// The best of the sitting, where its grade is A to C.
    private static func reliable(_ session: Session) -> (fev1: Double?, fvc: Double?) {
        func best(_ metric: Metric, _ subject: SessionGrading.Subject) -> Double? {
            let grade = session.analysis.gradings.first { $0.subject == subject }?.grade
            guard let grade, SittingGrade(rawValue: grade)?.isReliable ?? false else { return nil }
            return session.analysis.results.first { $0.name == .metric(metric) }?.value
        }
        return (best(.forcedExpiratoryVolume1s, .sessionFEV1), best(.forcedVitalCapacity, .sessionFVC))
    }

    // MARK: Kept

    static let version = "1"

    /// Reads back with ``init(text:)``.
    public var text: String {
        ([Self.version, utcSeconds.map(String.init) ?? "-"] + [fev1, fvc].map { $0.map { "\($0)" } ?? "-" })
            .joined(separator: " ")
    }

    /// `nil` when it cannot be read.
    public init?(text: some StringProtocol) {
        let words = Substring(text).split(separator: " ").map(String.init)
        guard words.count == 4, words[0] == Self.version else { return nil }
        func litres(_ word: String) -> Double? { Double(word).flatMap { $0.isFinite && $0 > 0 ? $0 : nil } }
        (utcSeconds, fev1, fvc) = (Int64(words[1]), litres(words[2]), litres(words[3]))
    }
}

extension SessionReview {
    static let zoneRule = "EPR-3, zones of the personal best"

    /// Adds where the best peak flow of a session stands against the patient's own best. One that was blown badly
    /// says nothing of the lungs.
    ///
    /// - Parameter personalBest: L/min.
    public static func addZone(to session: inout Session, personalBest: Double) {
        guard session.kind == .spirometry,
            let result = session.analysis.results.first(where: { $0.name == .metric(.peakExpiratoryFlow) }),
            !result.quality.reasons.contains(.technique), let flow = result.value.map({ $0 * 60 }),
            let zone = PeakFlowZone(flow, personalBest: personalBest)
        else { return }
        session.analysis.results.append(
            SessionResult(.peakFlowOfPersonalBest, 100 * flow / personalBest, result.quality))
        session.analysis.gradings.append(SessionGrading(.peakFlowZone, zone.rawValue, rule: zoneRule))
    }
}
