import Alarms
import Delivery
import Vitals

/// Alarm conditions as keepsakes of the outbox, so that a restart neither forgets one nor raises it twice.
///
/// One line of words: version, state, level, level reached, acknowledged, then the start's boot, nanoseconds, UTC
/// and clock.
enum AlarmMemory {
    static let prefix = "alarm/"

    static func keepsake(name: String, device: Identifier, _ event: AlarmEvent, start: Stamp) -> Keepsake {
        let key = "\(prefix)\(device)/\(name)"
        guard event.state != .inactive else { return Keepsake(key, nil) }
        let words = [
            "1", event.state.rawValue, String(event.level), String(event.levelReached),
            event.isAcknowledged ? "yes" : "no", start.bootID, String(start.received.nanoseconds),
            String(start.utcNanoseconds), start.clock.rawValue,
        ]
        return Keepsake(key, Array(words.joined(separator: " ").utf8))
    }

    /// The conditions of a device by their names. What cannot be read is left out.
    static func remembered(_ keepsakes: [Keepsake], device: Identifier) -> [String: Condition.Memory] {
        var memories: [String: Condition.Memory] = [:]
        let start = "\(prefix)\(device)/"
        for keepsake in keepsakes where keepsake.key.hasPrefix(start) {
            guard let value = keepsake.value, let memory = memory(String(decoding: value, as: UTF8.self)) else {
                continue
            }
            memories[String(keepsake.key.dropFirst(start.count))] = memory
        }
        return memories
    }

    private static func memory(_ text: String) -> Condition.Memory? {
        let words = text.split(separator: " ").map(String.init)
        guard words.count == 9, words[0] == "1", let state = AlarmState(rawValue: words[1]),
            let level = Int(words[2]),
            let levelReached = Int(words[3]), let nanoseconds = Int64(words[6]), let utc = Int64(words[7]),
            let clock = ClockTrust(rawValue: words[8])
        else { return nil }
        let stamp = Stamp(
            device: nil, bootID: words[5], received: Instant(nanoseconds: nanoseconds), utcNanoseconds: utc,
            uncertaintyMilliseconds: nil, clock: clock, correction: .reception)
        return Condition.Memory(
            state: state, level: level, levelReached: levelReached, isAcknowledged: words[4] == "yes", start: stamp)
    }
}
