import Alarms
import Delivery
import DriverKit
import Trends
import Vitals

/// Follows the patient of a device from day to day, together with the patient's other devices.
struct TrendAnalysis: DeviceAnalysis {
    private let device: Identifier
    private let patient: Identifier
    private let book: TrendBook
    private var judgedAt = Instant.boot

    let rules = TrendRules.all
    let metrics: Set<Metric> = [.earlyWarningScore, .earlyWarningScoreMax]
    let wantsWaveforms = false

    /// The conditions are looked for so often.
    static let interval = Duration.seconds(60)
    /// A score that has not changed is told again after so long.
    static let scoreInterval = Duration.seconds(900)
    /// Values that come all the time are kept so often; the others at once.
    static let saveInterval = Duration.seconds(600)

    /// `nil`: nobody's device, one that is being tried, or one that gives nothing that is followed.
    ///
    /// - Parameter given: what it measures, and what is derived from that.
    init?(_ setup: DeviceSetup, metrics given: Set<Metric>, _ book: TrendBook) {
        guard let patient = setup.patient, !setup.isTest, given.contains(where: { TrendMetric($0) != nil }) else {
            return nil
        }
        device = setup.id
        self.patient = patient
        self.book = book
    }

    mutating func hear(_ event: AnalysisEvent, _ turn: inout AnalysisTurn) {
        switch event {
        case .reading(let observation): hear(observation, &turn)
        // Of spirometry the session as a whole counts.
        case .derived(let observation) where observation.isOfHeartOrBreath: hear(observation, &turn)
        case .session(let session, let place): hear(session, place, &turn)
        case .tick: if turn.stamp.received - judgedAt >= Self.interval { judge(&turn) }
        case .end: save(&turn)
        case .derived, .known, .waveform, .unlinked: break
        }
    }

    private func hear(_ observation: Observation, _ turn: inout AnalysisTurn) {
        let reading = observation.reading
        guard observation.patient == patient, observation.stamp.clock != .unset, reading.quality == .valid,
            let value = reading.value, let metric = TrendMetric(reading.metric)
        else { return }
        if reading.metric == .heartRate, reading.source == .live {
            book.change(patient) { $0.heartRate = (value, observation.stamp.received) }
        }
        let utc = observation.stamp.utcNanoseconds / 1_000_000_000
        // Breathing that was guessed from an ECG would hold for hours in the score: it is followed, not scored.
        let isScored = observation.origin != .derived || metric != .respirationRate
        change(&turn, isRare: !Self.continuous.contains(metric)) {
            $0.add(reading.metric, value, at: utc, isScored: isScored)
        }
    }

    /// The best of each number of a sitting at a spirometer, unless its grade says that it is worth little.
    private func hear(_ session: Session, _ place: SessionPlace, _ turn: inout AnalysisTurn) {
        guard session.kind == .spirometry, Self.isGood(session), place.patient == patient, place.isPlausible,
            place.start.clock != .unset
        else { return }
        let utc = place.start.utcNanoseconds / 1_000_000_000
        for metric in [Metric.forcedExpiratoryVolume1s, .forcedVitalCapacity, .peakExpiratoryFlow] {
            let own = session.analysis.results.filter { $0.name == .metric(metric) && $0.quality == .valid }
            let blows = session.manoeuvres.filter { $0.quality.reasons.isDisjoint(with: .deviceRejected) }
            let best =
                own.compactMap(\.value).max()
                ?? blows.flatMap(\.results).filter { $0.metric == metric && $0.isPossible }.map(\.value).max()
            // Sessions tell flows in litres a second.
            guard let best, best > 0 else { continue }
            let value = metric == .peakExpiratoryFlow ? best * 60 : best
            change(&turn, isRare: true) { $0.add(metric, value, at: utc) }
        }
    }

    private static let continuous: Set<TrendMetric> = [.oxygenSaturation, .pulseRate, .respirationRate]
    /// Grades of ATS/ERS 2019 with which a session may be followed.
    private static let goodGrades: Set<String> = ["A", "B", "C"]

    private static func isGood(_ session: Session) -> Bool {
        let grades = session.analysis.gradings.filter { $0.subject == .sessionFEV1 }.map(\.grade)
        return grades.isEmpty || grades.contains { goodGrades.contains($0) }
    }

    private func change(_ turn: inout AnalysisTurn, isRare: Bool, _ work: (inout PatientTrends) -> Void) {
        book.change(patient) { entry in
            work(&entry.trends)
            entry.isChanged = true
        }
        if isRare { save(&turn) }
    }

    private func save(_ turn: inout AnalysisTurn) {
        let keepsake = book.change(patient) { entry -> Keepsake? in
            guard entry.isChanged else { return nil }
            entry.isChanged = false
            entry.savedAt = turn.stamp.received
            return TrendBook.keepsake(entry, of: patient)
        }
        if let keepsake { turn.keep(keepsake) }
    }

    private mutating func judge(_ turn: inout AnalysisTurn) {
        judgedAt = turn.stamp.received
        if book.change(patient, { judge(&$0, &turn) }) { save(&turn) }
    }

    /// `true`: the state is to be kept now.
    private func judge(_ entry: inout TrendBook.Entry, _ turn: inout AnalysisTurn) -> Bool {
        let now = turn.stamp.received
        guard speaks(&entry, &turn), turn.stamp.clock != .unset else { return false }
        let utc = turn.stamp.utcNanoseconds / 1_000_000_000
        if entry.trends.advance(to: utc, isCertain: turn.stamp.clock == .synchronized) { entry.isChanged = true }
        for look in TrendRules.looks(entry.trends, at: utc) { turn.report(look) }
        tellScore(&entry, utc, &turn)
        return now - entry.savedAt >= Self.saveInterval
    }

    /// One of the patient's devices speaks for all: the one that did, as long as it is there.
    private func speaks(_ entry: inout TrendBook.Entry, _ turn: inout AnalysisTurn) -> Bool {
        let now = turn.stamp.received
        if let speaker = entry.speaker, speaker != device {
            let silentSince = entry.spokenAt ?? now
            entry.spokenAt = silentSince
            guard now - silentSince > TrendBook.speakerSilence else { return false }
        }
        if entry.speaker != device { turn.keep(TrendBook.keepsake(speaker: device, of: patient)) }
        entry.speaker = device
        entry.spokenAt = now
        return true
    }

    private func tellScore(_ entry: inout TrendBook.Entry, _ utc: Int64, _ turn: inout AnalysisTurn) {
        let score = entry.trends.news2(at: utc)
        let now = turn.stamp.received
        // Without a measured value there is nothing to score.
        guard score.parts.contains(where: { $0.parameter != .supplementalOxygen }) else { return }
        if let told = entry.score, told.low == score.score, told.high == score.scoreMax,
            now - told.at < Self.scoreInterval
        {
            return
        }
        entry.score = (score.score, score.scoreMax, now)
        let quality: Quality = score.isComplete ? .valid : .questionable(.incomplete)
        turn.report(Reading(.earlyWarningScore, Double(score.score), quality))
        turn.report(Reading(.earlyWarningScoreMax, Double(score.scoreMax), quality))
    }
}

extension Observation {
    /// What an ECG gives besides itself.
    fileprivate var isOfHeartOrBreath: Bool { [.heartRate, .respirationRate].contains(reading.metric) }
}
