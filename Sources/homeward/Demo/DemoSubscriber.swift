import FoundationEssentials
import Linux
import Loop
import Vitals

/// A clinician's subscriber: mosquitto's own client, an independent program, with a session that survives.
final class DemoSubscriber {
    struct Message {
        var topic: String
        var isRetained: Bool
        var members: [String: ConfigurationValue]

        func text(_ name: String) -> String? {
            if case .text(let text)? = members[name] { text } else { nil }
        }

        func number(_ name: String) -> Double? {
            if case .number(let number)? = members[name] { number } else { nil }
        }

        func list(_ name: String) -> [ConfigurationValue] {
            if case .list(let values)? = members[name] { values } else { [] }
        }
    }

    private let process: ChildProcess
    private var rest: [UInt8] = []
    private var payloads: [String: String] = [:]
    private var highest: [String: Int64] = [:]
    private(set) var repeats = 0
    private(set) var contradictions = 0
    private var identities: Set<String> = []
    /// Different readings, by their identity.
    var readings: Int { identities.count }
    /// Readings told by two different messages.
    private(set) var duplicates = 0

    init(port: UInt16) throws(SystemError) {
        process = try ChildProcess(
            "mosquitto_sub",
            [
                "-h", "127.0.0.1", "-p", "\(port)", "-V", "mqttv5", "-q", "1", "-i", "clinician", "-c", "-x",
                "3600",
                "-t", "homeward/1/#", "-F", "%r %t %p",
            ], output: .pipe, errors: .nowhere)
    }

    func end() { process.terminate() }

    /// Unique messages of a lane, and the highest number among them.
    func delivered(_ lane: String) -> (unique: Int, highest: Int64) {
        (payloads.keys.count { $0.contains("-\(lane)-") }, highest[lane] ?? 0)
    }

    /// What has come since the last call; messages whose id is known are counted and left out.
    func take() throws(SystemError) -> [Message] {
        while let bytes = try process.readOutput(), !bytes.isEmpty { rest += bytes }
        var messages: [Message] = []
        while let end = rest.firstIndex(of: 0x0A) {
            let line = String(decoding: rest[..<end], as: UTF8.self)
            rest.removeSubrange(...end)
            if let message = message(line) { messages.append(message) }
        }
        return messages
    }

    private func message(_ line: String) -> Message? {
        let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        let payload = String(parts[2])
        guard !payload.isEmpty else {
            return Message(topic: String(parts[1]), isRetained: parts[0] == "1", members: [:])
        }
        guard let value = try? JSONDecoder().decode(ConfigurationValue.self, from: Data(payload.utf8)),
            case .section(let members) = value
        else { return nil }
        let message = Message(topic: String(parts[1]), isRetained: parts[0] == "1", members: members)
        guard isNew(message, payload) else { return nil }
        for case .section(let reading) in message.list("readings") {
            guard case .text(let identity)? = reading["reading"] else { continue }
            if !identities.insert(identity).inserted { duplicates += 1 }
        }
        return message
    }

    private func isNew(_ message: Message, _ payload: String) -> Bool {
        guard let id = message.text("id"), let lane = message.text("lane"), let number = message.number("seq")
        else {
            return true
        }
        if let known = payloads[id] {
            repeats += 1
            if known != payload { contradictions += 1 }
            return false
        }
        payloads[id] = payload
        highest[lane] = max(highest[lane] ?? 0, Int64(number))
        return true
    }
}
