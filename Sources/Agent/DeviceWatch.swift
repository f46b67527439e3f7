import Alarms
import Delivery
import DriverKit
import Vitals

/// The alarms of one device on one patient: limits on what it measures, and its silence.
///
/// A value apart from any link, so that it outlives the device's connections. Without a patient, or while the kit
/// is being tried, it watches nothing.
struct DeviceWatch {
    let device: Identifier
    let patient: Identifier?
    private var limits: [Watched<LimitAlarm>] = []
    private var findings: [Watched<FindingAlarm>] = []
    private var missing: Watched<ObservationAlarm>?

    private struct Watched<Alarm> {
        /// The condition's name for this patient: with the device's name where two devices measure the same.
        let name: String
        var alarm: Alarm
    }

    /// A message, and what to remember of the condition.
    struct Told {
        var message: AlertMessage
        var keepsake: Keepsake
    }

    /// - Parameters:
    ///   - isFree: whether no other device of the patient watches a condition under that name.
    ///   - remembered: by their keys; those of other devices and patients are passed over.
    init(
        _ setup: DeviceSetup, limits rules: [LimitRule], analyses: DeviceAnalyses, isFree: (String) -> Bool,
        remembered: [String: AlarmMemory]
    ) {
        device = setup.id
        patient = setup.patient
        guard let patient, !setup.isTest else { return }
        let metrics = analyses.metrics.union(setup.driver.manifest.metrics)
        limits = rules.filter { metrics.contains($0.metric) }.map { rule in
            let name = isFree(rule.condition.id) ? rule.condition.id : "\(rule.condition.id)-\(setup.id)"
            let memory = remembered[AlarmMemory.key(patient, setup.id, name)]
            let alarm = memory.map { LimitAlarm(rule, remembering: $0.condition, worst: $0.worst) }
            return Watched(name: name, alarm: alarm ?? LimitAlarm(rule))
        }
        findings = analyses.rules.map { rule in
            let isPlain = !rule.isOfDevice && isFree(rule.condition.id)
            let name = isPlain ? rule.condition.id : "\(rule.condition.id)-\(setup.id)"
            let memory = remembered[AlarmMemory.key(patient, setup.id, name)]
            let alarm = memory.map { FindingAlarm(rule, remembering: $0.condition) }
            return Watched(name: name, alarm: alarm ?? FindingAlarm(rule))
        }
        guard case .continuous(let missingAfter) = setup.expectation else { return }
        let name = "measurement-missing-\(setup.id)"
        let memory = remembered[AlarmMemory.key(patient, setup.id, name)]
        let alarm = memory.map { ObservationAlarm(missingAfter: missingAfter, remembering: $0.condition) }
        missing = Watched(name: name, alarm: alarm ?? ObservationAlarm(missingAfter: missingAfter))
    }

    /// The keys of what it would remember: a keepsake that nobody names belongs to nobody any more.
    var keys: [String] {
        guard let patient else { return [] }
        return names.map { AlarmMemory.key(patient, device, $0) }
    }

    /// Of all that it watches.
    var names: [String] { limits.map(\.name) + findings.map(\.name) + (missing.map { [$0.name] } ?? []) }

    /// What an observation does to the alarms.
    mutating func observe(_ observation: Observation) -> [Told] {
        let isMeasuring = counts(observation)
        return changeLimits(at: observation.stamp) { $0.observe(observation) }
            + (isMeasuring
                ? changeMissing(at: observation.stamp) { $0.look(isMeasuring: true, at: observation.stamp) } : [])
    }

    /// What an analysis saw, or saw to be gone.
    mutating func look(_ look: FindingLook, at stamp: Stamp) -> [Told] {
        changeFindings(at: stamp) { $0.rule.condition.id == look.condition ? $0.look(look, at: stamp) : [] }
    }

    /// What the passing of time does to them.
    mutating func tick(at stamp: Stamp) -> [Told] {
        changeLimits(at: stamp) { $0.tick(at: stamp.received) }
            + changeFindings(at: stamp) { $0.tick(at: stamp.received) }
            + changeMissing(at: stamp) { $0.look(isMeasuring: false, at: stamp) }
    }

    /// Somebody takes charge of a condition; nothing when it is not active or already acknowledged.
    mutating func acknowledge(_ condition: String, at stamp: Stamp) -> [Told] {
        changeLimits(only: condition, at: stamp) { $0.acknowledge() }
            + changeFindings(only: condition, at: stamp) { $0.acknowledge() }
            + (missing?.name == condition ? changeMissing(at: stamp) { $0.acknowledge() } : [])
    }

    /// A value that would have been judged: a battery, an old value shown on, or noise do not watch over anybody.
    private func counts(_ observation: Observation) -> Bool {
        guard limits.isEmpty else { return limits.contains { $0.alarm.rule.judged(observation) != nil } }
        let reading = observation.reading
        return reading.source == .live && reading.quality == .valid && reading.value?.isFinite ?? false
            && reading.metric != .batteryLevel && reading.metric != .batteryTimeRemaining
    }

    private mutating func changeLimits(
        only name: String? = nil, at stamp: Stamp, _ change: (inout LimitAlarm) -> [AlarmEvent]
    ) -> [Told] {
        var told: [Told] = []
        for index in limits.indices where name == nil || limits[index].name == name {
            let events = change(&limits[index].alarm)
            told += events.compactMap { event in
                let limit = limits[index].alarm
                let text = AlertText.sentence(for: event, limit: limit)
                return tell(event, name: limits[index].name, worst: limit.worst, text: text, at: stamp) { message in
                    message.limit = Self.limit(of: limit, at: event)
                    message.evidence = limit.evidence.map {
                        AlertMessage.Sample(utcNanoseconds: $0.stamp.utcNanoseconds, value: $0.value)
                    }
                }
            }
        }
        return told
    }

    private mutating func changeFindings(
        only name: String? = nil, at stamp: Stamp, _ change: (inout FindingAlarm) -> [AlarmEvent]
    ) -> [Told] {
        var told: [Told] = []
        for index in findings.indices where name == nil || findings[index].name == name {
            let events = change(&findings[index].alarm)
            told += events.compactMap { event in
                let text = AlertText.sentence(for: event, finding: findings[index].alarm)
                return tell(event, name: findings[index].name, text: text, at: stamp) { message in
                    message.finding = Self.finding(of: findings[index].alarm, at: stamp)
                }
            }
        }
        return told
    }

    private mutating func changeMissing(
        at stamp: Stamp, _ change: (inout ObservationAlarm) -> [AlarmEvent]
    ) -> [Told] {
        guard var watched = missing else { return [] }
        let events = change(&watched.alarm)
        missing = watched
        return events.compactMap {
            tell($0, name: watched.name, text: AlertText.sentence(for: $0, limit: nil), at: stamp)
        }
    }

    /// Nobody watches any more: what is active ends and says why. The watch is of no use behind it.
    func farewell(at stamp: Stamp, because reason: String) -> [Told] {
        standing.map { $0.farewell(at: stamp, because: reason) }
    }

    /// The conditions that are not inactive.
    var standing: [AlarmMemory] {
        guard let patient else { return [] }
        let all =
            limits.map { ($0.name, $0.alarm.condition, $0.alarm.worst) }
            + findings.map { ($0.name, $0.alarm.condition, nil) }
            + (missing.map { [($0.name, $0.alarm.condition, nil)] } ?? [])
        return all.compactMap { name, condition, worst in
            guard let memory = condition.memory, let priority = condition.priority else { return nil }
            return AlarmMemory(
                patient: patient, device: device, name: name, condition: memory, kind: condition.definition.kind,
                priority: priority, worst: worst)
        }
    }

    /// Conditions that are not inactive, for the health message.
    var activeConditions: [String] { standing.map(\.name) }

    /// Names one occurrence of a condition, from its start to its end.
    static func occurrence(of name: String, device: Identifier, start: Stamp) -> String {
        "\(device)/\(name)/\(start.bootID)+\(start.received.nanoseconds / 1000)"
    }

    private func tell(
        _ event: AlarmEvent, name: String, worst: Double? = nil, text: String, at stamp: Stamp,
        _ complete: (inout AlertMessage) -> Void = { _ in }
    ) -> Told? {
        guard let patient else { return nil }
        let start = event.start ?? stamp
        var message = AlertMessage(
            patient: patient, device: device, condition: name,
            occurrence: Self.occurrence(of: name, device: device, start: start),
            kind: event.condition.kind, phase: event.phase, state: event.state, priority: event.priority,
            isObserved: event.isObserved, isAcknowledged: event.isAcknowledged, text: text, start: start,
            time: stamp, limit: nil, evidence: [])
        complete(&message)
        let keepsake = AlarmMemory.keepsake(
            patient: patient, device: device, name: name, event, start: start, worst: worst)
        return Told(message: message, keepsake: keepsake)
    }

    private static func finding(of alarm: FindingAlarm, at stamp: Stamp) -> AlertMessage.Finding? {
        guard let look = alarm.last else { return nil }
        func utc(_ instant: Instant) -> Int64 {
            stamp.utcNanoseconds &- (stamp.received - instant).wholeNanoseconds
        }
        let samples = look.evidence.map { AlertMessage.Sample(utcNanoseconds: utc($0.at), value: $0.value) }
        var finding = AlertMessage.Finding(
            name: alarm.rule.condition.id, value: look.value, unit: alarm.rule.valueUnit,
            confidence: look.confidence, doubts: look.doubts, beganUTCNanoseconds: look.began.map(utc),
            session: look.session, metric: alarm.rule.metric, samples: samples)
        finding.inputs = look.inputs.map {
            FindingInput(
                $0.name, value: $0.value, unit: $0.unit, limit: $0.limit, level: $0.level, points: $0.points)
        }
        return finding
    }

    private static func limit(of alarm: LimitAlarm, at event: AlarmEvent) -> AlertMessage.Limit? {
        let level = event.level > 0 ? event.level : event.levelReached
        return alarm.rule.bounds(ofLevel: level).map { limit, onset in
            AlertMessage.Limit(
                metric: alarm.rule.metric, side: alarm.rule.side.rawValue, value: limit,
                onsetSeconds: Double(onset.wholeMilliseconds) / 1000, worst: alarm.worst)
        }
    }
}
