import Alarms
import DriverKit
import Spirometry
import Trends
import Vitals

/// Reviews the sessions of a spirometer: numbers of its own, grades, hints; the best of a sitting become readings.
struct SpirometryAnalysis: DeviceAnalysis {
    private let review: SessionReview
    /// For what comes from the device's memory: whose it was then is not known here, so it is compared with nobody.
    private let storedReview = SessionReview()
    private let alarmsAtTechnique: Bool
    private let patient: Identifier?
    private let person: AnalysisSettings.Person?
    private let book: AnalysisBook

    /// Of the best of a sitting.
    static let derived: Set<Metric> = [.forcedExpiratoryVolume1s, .forcedVitalCapacity, .peakExpiratoryFlow]

    /// `nil`: the device blows nothing.
    init?(_ setup: DeviceSetup, _ settings: AnalysisSettings, _ book: AnalysisBook) {
        guard !Self.derived.isDisjoint(with: setup.driver.manifest.metrics) else { return nil }
        // A kit that is being tried is no part of anybody's history.
        patient = setup.isTest ? nil : setup.patient
        self.book = book
        person = setup.patient.flatMap { settings.people[$0] }
        review = person.map { SessionReview(subject: $0.subject, equation: $0.equation) } ?? SessionReview()
        alarmsAtTechnique = settings.alarmsAtSpirometryTechnique
    }

    var rules: [FindingRule] { alarmsAtTechnique ? [Self.technique] : [] }
    var metrics: Set<Metric> { Self.derived }
    var wantsWaveforms: Bool { false }

    /// Ours: a sitting without a grade of A, B or C is no measurement until it is repeated. The next good one
    /// ends it.
    static let technique = FindingRule(
        condition: ConditionDefinition(
            id: "spirometry-technique", kind: .technical,
            levels: [ConditionDefinition.Level(priority: .low, onset: .zero)], clearAfter: .zero,
            freshness: .seconds(86_400)),
        words: "Spirometry that cannot be relied on", advice: "Please help with the next blow.", isOfDevice: true)

    func complete(_ session: inout Session, _ place: SessionPlace) {
        (session.source == .stored ? storedReview : review).complete(&session)
        guard session.kind == .spirometry, let patient, place.patient == patient, place.isPlausible,
            place.start.clock != .unset
        else { return }
        if let person, person.isTestedWithBronchodilator {
            book.sittings.compare(
                &session, at: place.start.utcNanoseconds / 1_000_000_000, of: patient, person)
        }
        if let best = book.trends.change(patient, { $0.trends.personalBestPeakFlow }) {
            SessionReview.addZone(to: &session, personalBest: best)
        }
    }

    func hear(_ event: AnalysisEvent, _ turn: inout AnalysisTurn) {
        guard case .session(let session, _) = event, session.kind == .spirometry else { return }
        if person?.isTestedWithBronchodilator ?? false, let kept = patient.flatMap(book.sittings.keepsake) {
            turn.keep(kept)
        }
        for result in session.analysis.results {
            guard case .metric(let metric) = result.name, Self.derived.contains(metric), let value = result.value
            else { continue }
            // As a reading peak flow is in L/min.
            let scaled = metric == .peakExpiratoryFlow ? value * 60 : value
            turn.report(
                Reading(
                    metric, scaled, result.quality, source: session.source, deviceTime: session.deviceTime,
                    subindex: Self.subindex),
                at: session.source == .live ? session.ended : nil)
        }
        guard alarmsAtTechnique, let isReliable = Self.isReliable(session) else { return }
        turn.report(
            FindingLook(
                Self.technique.condition.id, level: isReliable ? 0 : 1, doubts: isReliable ? [] : .technique,
                began: session.begun, session: turn.name(of: session)))
    }

    /// Apart from a reading that the device itself tells at the same time.
    private static let subindex = 100

    /// `nil`: there was no curve to judge by.
    private static func isReliable(_ session: Session) -> Bool? {
        guard session.manoeuvres.contains(where: { $0.analysis != nil }) else { return nil }
        let grades = session.analysis.gradings.filter { [.sessionFEV1, .sessionFVC].contains($0.subject) }
        guard !grades.isEmpty else { return nil }
        return grades.allSatisfy { SittingGrade(rawValue: $0.grade)?.isReliable ?? false }
    }
}
