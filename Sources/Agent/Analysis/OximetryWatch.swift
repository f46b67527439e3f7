import Alarms
import Oximetry
import Vitals

/// The alarms of an oximeter's signal: events that repeat, and a signal that cannot be judged.
struct OximetryWatch {
    private struct Fall {
        var at: Instant
        var nadir: Double
    }

    private var falls: [Fall] = []
    private var clusters = EventClusters()
    private var isClustered = false
    /// Of the last minutes: when, and whether the value could be used.
    private var values: [(at: Instant, isUsable: Bool)] = []
    private var doubts: QualityReasons = []
    private var lastValue: Instant?

    static let clusterRule = FindingRule(
        condition: ConditionDefinition(
            id: "desaturation-cluster", kind: .physiological,
            levels: [.init(priority: .low, onset: .zero), .init(priority: .medium, onset: .zero)],
            clearAfter: .seconds(60), freshness: .seconds(300)),
        words: "Repeated desaturations", valueWords: "lowest saturation", valueUnit: "%",
        advice: "As pauses of breathing in sleep make them: look at the patient, the airway and the oxygen.",
        metric: .oxygenSaturation)
    static let signalRule = FindingRule(
        condition: ConditionDefinition(
            id: "oximeter-signal-poor", kind: .technical, levels: [.init(priority: .low, onset: .zero)],
            clearAfter: .seconds(30), freshness: .seconds(300)),
        words: "Oximeter signal too poor to judge", advice: "Warm the hand, or try another finger.",
        isOfDevice: true)
    static let pulseRule = FindingRule(
        condition: ConditionDefinition(
            id: "pulse-rate-disagrees", kind: .technical, levels: [.init(priority: .low, onset: .zero)],
            clearAfter: .seconds(30), freshness: .seconds(60)),
        words: "Pulse rate and heart rate do not agree", valueWords: "apart", valueUnit: "/min",
        advice: "Check the sensor; an irregular heart beat may not reach the finger.", isOfDevice: true)

    /// The cluster is over when so long no event has come.
    static let clusterQuiet = Duration.seconds(EventClusters.windowSeconds / 2)
    /// A cluster with a nadir below this is worth more.
    static let deepNadir = 80.0
    /// The window in which half of the values have to be usable, and how many there must be.
    static let signalWindow = Duration.seconds(300)
    static let signalValuesMin = 240
    /// Looks come at most once in so long.
    static let valueAge = Duration.seconds(30)

    /// - Parameter milliseconds: of second 0 of the events.
    mutating func hear(_ finding: OximetryAnalyzer.Finding, since milliseconds: Int64) {
        guard case .desaturation(.aasm, let event) = finding, !event.isSustained else { return }
        let second = milliseconds &+ Int64(event.nadirSecond) &* 1000
        let (nanoseconds, overflow) = second.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow else { return }
        falls.append(Fall(at: Instant(nanoseconds: nanoseconds), nadir: Double(event.nadir) / 100))
        if falls.count > FindingAlarm.evidenceMax { falls.removeFirst() }
        if clusters.add(startSecond: event.startSecond) { isClustered = true }
        if !clusters.isOpen { isClustered = false }
    }

    mutating func note(_ reading: Reading, _ turn: inout AnalysisTurn) {
        let now = turn.stamp.received
        let reasons = reading.quality.reasons
        // A sensor that nobody wears has no poor signal.
        guard reasons.isDisjoint(with: [.sensorOff, .sensorFault]) else {
            values.removeAll(keepingCapacity: true)
            return
        }
        let isUsable = reading.value != nil && reasons.isDisjoint(with: OximetryParameters.refused)
        if isUsable { lastValue = now } else { doubts.formUnion(reasons) }
        values.append((now, isUsable))
        if values.count > 600 { values.removeFirst(values.count - 600) }
    }

    mutating func tick(_ turn: inout AnalysisTurn) {
        let now = turn.stamp.received
        values.removeAll { now - $0.at > Self.signalWindow }
        if values.count >= Self.signalValuesMin {
            let isPoor = 2 * values.count(where: \.isUsable) < values.count
            turn.report(
                FindingLook(Self.signalRule.condition.id, level: isPoor ? 1 : 0, doubts: isPoor ? doubts : []))
            if !isPoor { doubts = [] }
        }
        if let last = falls.last, now - last.at > Self.clusterQuiet { isClustered = false }
        // Without a value nobody sees whether they go on.
        guard let lastValue, now - lastValue <= Self.valueAge else { return }
        let lowest = falls.suffix(EventClusters.eventsMin).map(\.nadir).min()
        let level = isClustered ? (lowest ?? 100) < Self.deepNadir ? 2 : 1 : 0
        turn.report(
            FindingLook(
                Self.clusterRule.condition.id, level: level, value: level > 0 ? lowest : nil,
                began: level > 0 ? falls.suffix(EventClusters.eventsMin).first?.at : nil,
                evidence: level > 0 ? falls.map { FindingLook.Sample(at: $0.at, value: $0.nadir) } : []))
    }
}
