import Alarms
import Delivery
import Vitals

/// An alarm condition as a keepsake of the outbox, so that a restart neither forgets it nor raises it twice.
///
/// The key names patient, device and condition: what was believed of one patient is never believed of another,
/// whoever has the device next. The value is a line of words: version, state, level, level reached, acknowledged,
/// observed, the start's boot, nanoseconds, UTC and clock, kind, priority, worst.
struct AlarmMemory {
    var patient: Identifier
    var device: Identifier
    var name: String
    var condition: Condition.Memory
    var kind: AlarmKind
    var priority: AlarmPriority
    var worst: Double?

    static let prefix = "alarm/"

    var key: String { Self.key(patient, device, name) }

    static func key(_ patient: Identifier, _ device: Identifier, _ name: String) -> String {
        "\(prefix)\(patient)/\(device)/\(name)"
    }

    /// What to remember after an event; nothing once the condition has ended.
    static func keepsake(
        patient: Identifier, device: Identifier, name: String, _ event: AlarmEvent, start: Stamp, worst: Double?
    ) -> Keepsake {
        let key = key(patient, device, name)
        guard event.state != .inactive else { return Keepsake(key, nil) }
        let words = [
            "1", event.state.rawValue, String(event.level), String(event.levelReached),
            event.isAcknowledged ? "yes" : "no", event.isObserved ? "yes" : "no", start.bootID,
            String(start.received.nanoseconds), String(start.utcNanoseconds), start.clock.rawValue,
            event.condition.kind.rawValue, event.priority.name, worst.map { "\($0)" } ?? "-",
        ]
        return Keepsake(key, Array(words.joined(separator: " ").utf8))
    }

    /// Nobody watches it any more: the device or the limit has left the configuration, or has another patient.
    /// Told, so that it does not stand in the retained state for ever.
    func farewell(
        at time: Stamp,
        because reason: String = "No longer watched: the configuration has changed. Nobody saw it end."
    ) -> DeviceWatch.Told {
        DeviceWatch.Told(
            message: AlertMessage(
                patient: patient, device: device, condition: name,
                occurrence: DeviceWatch.occurrence(of: name, device: device, start: condition.start), kind: kind,
                phase: .end, state: .inactive, priority: priority, isObserved: false,
                isAcknowledged: condition.isAcknowledged,
                text: reason, start: condition.start, time: time, limit: nil, evidence: []),
            keepsake: Keepsake(key, nil))
    }
}

extension AlarmMemory {
    /// `nil` when it cannot be read.
    init?(_ keepsake: Keepsake) {
        let parts = keepsake.key.dropFirst(Self.prefix.count).split(separator: "/", maxSplits: 2)
        guard keepsake.key.hasPrefix(Self.prefix), parts.count == 3, let patient = Identifier(parts[0]),
            let device = Identifier(parts[1]), let value = keepsake.value
        else { return nil }
        let words = String(decoding: value, as: UTF8.self).split(separator: " ").map(String.init)
        guard words.count == 13, words[0] == "1", let state = AlarmState(rawValue: words[1]),
            let level = Int(words[2]), let levelReached = Int(words[3]), let nanoseconds = Int64(words[7]),
            let utc = Int64(words[8]), let clock = ClockTrust(rawValue: words[9]),
            let kind = AlarmKind(rawValue: words[10]),
            let priority = AlarmPriority.allCases.first(where: { $0.name == words[11] })
        else { return nil }
        let start = Stamp(
            device: nil, bootID: words[6], received: Instant(nanoseconds: nanoseconds), utcNanoseconds: utc,
            uncertaintyMilliseconds: nil, clock: clock, correction: .reception)
        self.patient = patient
        self.device = device
        self.name = String(parts[2])
        self.kind = kind
        self.priority = priority
        condition = Condition.Memory(
            state: state, level: level, levelReached: levelReached, isAcknowledged: words[4] == "yes",
            isObserved: words[5] == "yes", start: start)
        worst = Double(words[12]).flatMap { $0.isFinite ? $0 : nil }
    }
}
