import Agent
import Delivery
import Linux
import Loop
import Vitals

/// Login and one test message, under a name of its own: the daemon's connection is not disturbed.
final class BrokerTalk {
    private let link: MosquittoLink
    private let loop: EventLoop
    private let topic: String
    private let host: String
    private let hasUser: Bool
    private let events = Events()

    private static let patience: Duration = .seconds(8)
    private static let step: Duration = .milliseconds(20)

    private final class Events {
        var waiting: [BrokerEvent] = []
    }

    init(_ configuration: Configuration, _ loop: EventLoop) {
        let gateway = configuration.home.gateway
        var settings = configuration.broker.settings(clientID: "homeward-\(gateway)-doctor")
        // We give up first, with words of our own.
        settings.keepaliveSeconds = 60
        link = MosquittoLink(settings: settings, loop: loop)
        self.loop = loop
        topic = "homeward/1/\(gateway)/doctor"
        host = configuration.broker.host
        hasUser = configuration.broker.username != nil
    }

    private static let payload = JSONText.object { json in
        json.member("schema", "homeward/1/doctor")
        json.member("version", Version.text)
    }

    func tell() async throws(BrokerCheck.Stop) {
        defer { link.close() }
        let message = BrokerMessage(topic: topic, payload: Self.payload, isRetained: false)
        do throws(BrokerLinkError) {
            try link.connect(will: message) { [events] in events.waiting.append($0) }
        } catch {
            throw settings(error)
        }
        try await login()
        do throws(BrokerLinkError) { try link.publish(message, token: 1) } catch { throw ended("\(error)") }
        try await acknowledgement()
        link.disconnect()
    }

    private func login() async throws(BrokerCheck.Stop) {
        switch await next() {
        case .accepted?: return
        case .refused(let refusal)?:
            throw stop(
                "broker-refuses", "\(refusal.text)", proof: "CONNACK: \(refusal)",
                remedy: refusal.kind == .credentials
                    ? "compare broker.username and the first line of broker.passwordFile with the user "
                        + "at the broker"
                        + (hasUser ? "" : "; none is set here")
                    : "change the settings as told, here or at the broker")
        case .ended(let reason)?: throw ended(reason)
        default:
            throw stop(
                "broker-silent", "the broker lets connect, and does not answer the login",
                proof: "no CONNACK within \(Self.patience.components.seconds) s",
                remedy:
                    "look whether it is MQTT that listens on broker.port, and whether it wants TLS "
                    + "there: broker.tls"
            )
        }
    }

    private func acknowledgement() async throws(BrokerCheck.Stop) {
        switch await next() {
        case .acknowledged(_, let reason)?:
            guard reason >= 0x80 else { return }
            throw stop(
                "publish-refused", "the broker logs this box in, and does not take its messages",
                proof: "PUBACK with reason 0x\(String(reason, radix: 16)) for \(topic)",
                remedy: "allow this user to publish and subscribe below \(topic.dropLast(6))# at the broker")
        case .ended(let reason)?: throw ended(reason)
        default:
            throw stop(
                "publish-unacknowledged", "the broker does not acknowledge a message",
                proof: "no PUBACK for \(topic) within \(Self.patience.components.seconds) s",
                remedy: "look at the broker's own log: its disk may be full, or a rule may drop messages silently")
        }
    }

    private func next() async -> BrokerEvent? {
        let deadline = loop.now + Self.patience
        while events.waiting.isEmpty, loop.now < deadline {
            if link.nextTick <= loop.now { link.tick() }
            await loop.sleep(until: loop.now + Self.step)
        }
        return events.waiting.isEmpty ? nil : events.waiting.removeFirst()
    }

    private func settings(_ error: BrokerLinkError) -> BrokerCheck.Stop {
        if case .settings(let text) = error, FileFacts.caller.user != 0 {
            return BrokerCheck.Stop(
                .unseen(
                    BrokerCheck.part, "broker-login-unseen", "the login at the broker cannot be tried by you",
                    proof: text, remedy: "run 'sudo homeward doctor'"))
        }
        return stop(
            "broker-settings", "the settings of the broker cannot be used", proof: "\(error)",
            remedy:
                "look whether the files that broker.passwordFile and broker.tls name are there, and readable for "
                + "the user 'homeward'")
    }

    private func ended(_ reason: String) -> BrokerCheck.Stop {
        stop(
            "broker-hangs-up", "the broker ends the connection", proof: "\(host): \(reason)",
            remedy: "look at the broker's own log; where it wants TLS, or none, set or remove broker.tls")
    }

    private func stop(_ code: String, _ cause: String, proof: String, remedy: String) -> BrokerCheck.Stop {
        BrokerCheck.Stop(.fault(BrokerCheck.part, code, cause, proof: proof, remedy: remedy))
    }
}
