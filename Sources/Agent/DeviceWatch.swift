import Alarms
import Delivery
import DriverKit
import Vitals

/// The alarms of one device on one patient: limits on what it measures, and its silence.
///
/// A value apart from any link, so that it outlives the device's connections.
struct DeviceWatch {
    let device: Identifier
    let patient: Identifier?
    private var limits: [Watched<LimitAlarm>]
    private var missing: Watched<ObservationAlarm>?

    private struct Watched<Alarm> {
        /// The condition's name for this patient: with the device's name where two devices measure the same.
        let name: String
        var alarm: Alarm
    }

    /// - Parameter isFirst: whether this is the patient's first device that measures a metric.
    init(
        _ setup: DeviceSetup, limits rules: [LimitRule], isFirst: (Metric) -> Bool,
        remembered: [String: Condition.Memory]
    ) {
        device = setup.id
        patient = setup.patient
        let metrics = setup.driver.manifest.metrics
        let isClinical = setup.patient != nil && !setup.isTest
        limits =
            !isClinical
            ? []
            : rules.filter { metrics.contains($0.metric) }.map { rule in
                let name = isFirst(rule.metric) ? rule.condition.id : "\(rule.condition.id)-\(setup.id)"
                let alarm = remembered[name].map { LimitAlarm(rule, remembering: $0) } ?? LimitAlarm(rule)
                return Watched(name: name, alarm: alarm)
            }
        if case .continuous(let missingAfter) = setup.expectation, isClinical {
            let name = "measurement-missing-\(setup.id)"
            let alarm =
                remembered[name].map { ObservationAlarm(missingAfter: missingAfter, remembering: $0) }
                ?? ObservationAlarm(missingAfter: missingAfter)
            missing = Watched(name: name, alarm: alarm)
        }
    }

    /// What an observation does to the alarms.
    mutating func observe(_ observation: Observation) -> [Told] {
        var told: [Told] = []
        for index in limits.indices {
            let events = limits[index].alarm.observe(observation)
            told += events.map {
                tell($0, name: limits[index].name, limit: limits[index].alarm, at: observation.stamp)
            }
        }
        if let value = observation.reading.value, value.isFinite, observation.reading.source == .live {
            told += look(isMeasuring: true, at: observation.stamp)
        }
        return told
    }

    /// What the passing of time does to them.
    mutating func tick(at stamp: Stamp) -> [Told] {
        var told: [Told] = []
        for index in limits.indices {
            let events = limits[index].alarm.tick(at: stamp.received)
            told += events.map { tell($0, name: limits[index].name, limit: limits[index].alarm, at: stamp) }
        }
        return told + look(isMeasuring: false, at: stamp)
    }

    private mutating func look(isMeasuring: Bool, at stamp: Stamp) -> [Told] {
        guard let name = missing?.name, let events = missing?.alarm.look(isMeasuring: isMeasuring, at: stamp) else {
            return []
        }
        return events.map { tell($0, name: name, limit: nil, at: stamp) }
    }

    /// Conditions that are not inactive, for the health message.
    var activeConditions: [String] {
        var names = limits.filter { $0.alarm.condition.state != .inactive }.map(\.name)
        if let missing, missing.alarm.condition.state != .inactive { names.append(missing.name) }
        return names
    }

    /// A message, and what to remember of the condition.
    struct Told {
        var message: AlertMessage
        var keepsake: Keepsake
    }

    private func tell(_ event: AlarmEvent, name: String, limit: LimitAlarm?, at stamp: Stamp) -> Told {
        let start = event.start ?? stamp
        let message = AlertMessage(
            patient: patient, device: device, condition: name,
            occurrence: "\(device)/\(name)/\(start.bootID)+\(start.received.nanoseconds / 1000)",
            kind: event.condition.kind, phase: event.phase, state: event.state, priority: event.priority,
            isObserved: event.isObserved, isAcknowledged: event.isAcknowledged,
            text: AlertText.sentence(for: event, limit: limit), start: start, time: stamp,
            limit: limit.map { Self.limit(of: $0, at: event) },
            evidence: limit?.evidence.map {
                AlertMessage.Sample(utcNanoseconds: $0.stamp.utcNanoseconds, value: $0.value)
            } ?? [])
        return Told(
            message: message, keepsake: AlarmMemory.keepsake(name: name, device: device, event, start: start))
    }

    private static func limit(of alarm: LimitAlarm, at event: AlarmEvent) -> AlertMessage.Limit {
        let index = min(max(event.level, 1), alarm.rule.limits.count) - 1
        return AlertMessage.Limit(
            metric: alarm.rule.metric, side: alarm.rule.side.rawValue, value: alarm.rule.limits[index],
            onsetSeconds: Double(alarm.rule.condition.levels[index].onset.wholeMilliseconds) / 1000,
            worst: alarm.worst)
    }
}
