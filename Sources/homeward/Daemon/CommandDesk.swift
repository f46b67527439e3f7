import Agent
import Delivery
import FoundationEssentials
import Linux
import Loop
import Synchronization
import Vitals

/// The door for commands by MQTT: each is read, allowed or refused, carried out by the agent, answered on
/// `response`, and noted in the journal.
final class CommandDesk: Sendable {
    /// Commands there are.
    static let names = ["acknowledge"]
    /// Commands under way; more at a time are refused unread.
    static let underWayMax = 16

    private let allowed: Set<String>
    private let courier: any Courier
    private let journal: Journal
    private let loop: EventLoop
    private let agent = Mutex<HomeAgent?>(nil)
    private let underWay = Atomic<Int>(0)
    private let recent = Mutex(Recent())

    /// Answers are kept like alerts, so that whoever may publish commands must not be able to fill the disk.
    static let commandsPerMinuteMax = 30

    private struct Recent {
        var minute: Int64 = 0
        var count = 0
    }

    init(allowed: Set<String>, courier: any Courier, journal: Journal, loop: EventLoop) {
        self.allowed = allowed
        self.courier = courier
        self.journal = journal
        self.loop = loop
    }

    func open(for agent: HomeAgent) { self.agent.withLock { $0 = agent } }

    /// Called on the broker loop; returns at once.
    func take(_ name: String, _ payload: [UInt8]) {
        guard isWithinRate(at: loop.now) else { return }
        guard underWay.add(1, ordering: .relaxed).newValue <= Self.underWayMax else {
            underWay.subtract(1, ordering: .relaxed)
            return
        }
        Task(executorPreference: loop) { [self] in
            let answer = await carryOut(name, payload)
            await courier.accept([answer.draft], keeping: [])
            journal.notice(answer.line)
            underWay.subtract(1, ordering: .relaxed)
        }
    }

    private func isWithinRate(at now: Instant) -> Bool {
        let minute = now.nanoseconds / 60_000_000_000
        let count = recent.withLock { recent in
            if recent.minute != minute { recent = Recent(minute: minute) }
            recent.count += 1
            return recent.count
        }
        if count == Self.commandsPerMinuteMax + 1 {
            journal.warning(
                "more than \(Self.commandsPerMinuteMax) commands in a minute: the rest of it is not heard")
        }
        return count <= Self.commandsPerMinuteMax
    }

    private func carryOut(_ name: String, _ payload: [UInt8]) async -> Answer {
        var answer = Answer(command: String(name.prefix(32)))
        guard Self.names.contains(name) else {
            answer.refuse("there is no such command; there is: \(Self.names.joined(separator: ", "))")
            return answer
        }
        guard case .section(let members)? = try? JSONDecoder().decode(ConfigurationValue.self, from: Data(payload))
        else {
            answer.refuse("the payload is not a JSON object")
            return answer
        }
        answer.request = Self.identifier("request", members)
        answer.by = Self.identifier("by", members)
        guard allowed.contains(name) else {
            answer.refuse("not allowed: set commands.\(name) to true in the configuration")
            return answer
        }
        await acknowledge(members, &answer)
        return answer
    }

    private func acknowledge(_ members: [String: ConfigurationValue], _ answer: inout Answer) async {
        guard let patient = Self.identifier("patient", members),
            let condition = Self.condition(members)
        else { return answer.refuse("patient and condition are needed: \(Identifier.rule)") }
        guard answer.by != nil else { return answer.refuse("by is needed, a pseudonym: \(Identifier.rule)") }
        guard let agent = agent.withLock({ $0 }) else { return answer.refuse("the agent is not ready") }
        if await agent.acknowledge(condition, of: patient) {
            answer.result = "done"
        } else {
            answer.refuse("nothing to acknowledge: \(condition) of \(patient) is not active, or is acknowledged")
        }
    }

    private static func identifier(_ name: String, _ members: [String: ConfigurationValue]) -> Identifier? {
        if case .text(let text)? = members[name] { Identifier(text) } else { nil }
    }

    /// As it stands in topics: a rule's name, with a device's behind it where two devices measure the same.
    private static func condition(_ members: [String: ConfigurationValue]) -> String? {
        guard case .text(let text)? = members["condition"], text.utf8.count <= conditionBytesMax,
            text.utf8.allSatisfy({ (0x61 ... 0x7A).contains($0) || (0x30 ... 0x39).contains($0) || $0 == 0x2D })
        else { return nil }
        return text
    }

    private static let conditionBytesMax = 128

    /// What became of a command.
    private struct Answer {
        var command: String
        var request: Identifier?
        var by: Identifier?
        var result = "refused"
        var reason: String?

        mutating func refuse(_ reason: String) { self.reason = reason }

        var draft: Draft {
            let body = JSONText.members { json in
                json.member("command", command)
                json.member("request", ifPresent: request?.text)
                json.member("by", ifPresent: by?.text)
                json.member("result", result)
                json.member("reason", ifPresent: reason)
            }
            return Draft(lane: .alert, topic: Topic.response, schema: "response", body: body)
        }

        var line: String {
            "command \(command) by \(by?.text ?? "nobody named"): \(result)\(reason.map { ", \($0)" } ?? "")"
        }
    }
}
