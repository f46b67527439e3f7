import Agent
import Delivery
import Linux
import Synchronization
import Vitals

/// Set once, seen from any thread.
final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
}

/// Tells the journal when the connection to the broker changes, and only then.
struct BrokerNews {
    let journal: Journal
    private var state: DeliveryStatus.State?
    private var trouble: String?
    private var storeTrouble: String?
    private var areCommandsHeard: Bool?

    init(journal: Journal) { self.journal = journal }

    mutating func tell(_ status: DeliveryStatus) {
        if status.state == .live, state != .live {
            journal.notice("the broker is connected by \(status.protocolName)")
            trouble = nil
        } else if let text = status.troubleLast, text != trouble, status.state != .live {
            journal.warning("the broker: \(text); everything measured is kept")
            trouble = text
        }
        if status.state == .live || status.state == .down { state = status.state }
        if status.areCommandsHeard == false, areCommandsHeard != false {
            journal.warning("the broker does not let this gateway listen to command/+: commands do not arrive")
        }
        areCommandsHeard = status.areCommandsHeard
        if let text = status.storeFaultLast, text != storeTrouble {
            journal.error("the outbox: \(text)")
            storeTrouble = text
        }
    }
}

/// What the process knows of itself, for the health message.
struct HealthReport: Sendable {
    let session: BrokerSession
    let root: String

    func members() -> [UInt8] {
        let status = session.status
        return JSONText.members { json in
            json.object("broker") { write(status, &$0) }
            json.object("lanes") { json in
                for lane in Lane.allCases { json.object(lane.name) { write(status.lanes[lane] ?? .init(), &$0) } }
            }
            json.object("process") { json in
                guard let usage = try? ProcessUsage.read() else { return }
                json.member("residentBytes", usage.residentBytes)
                json.member("cpuSeconds", (usage.cpuSeconds * 1000).rounded() / 1000)
                json.member("openDescriptors", usage.openDescriptors)
            }
        }
    }

    private func write(_ status: DeliveryStatus, _ json: inout JSONText) {
        json.member("state", status.state.rawValue)
        json.member("protocol", status.protocolName)
        json.member("connection", ifPresent: status.connection)
        json.member("connections", status.connections)
        json.member("troubleLast", ifPresent: status.troubleLast)
        json.member("inFlight", status.inFlight)
        json.array("heldTopics", status.heldTopics)
        json.member("publishesRefused", status.publishesRefused)
        json.member("publishRefusedLast", ifPresent: status.publishRefusedLast)
        json.member("acksTimedOut", status.acksTimedOut)
        json.member("alertsWithoutSubscriber", status.alertsWithoutSubscriber)
        if let isAlertHeard = status.isAlertHeard { json.member("isAlertHeard", isAlertHeard) }
        if let areCommandsHeard = status.areCommandsHeard { json.member("areCommandsHeard", areCommandsHeard) }
        json.member("outboxEpoch", status.epoch)
        json.member("storeFaults", status.storeFaults)
        json.member("storeFaultLast", ifPresent: status.storeFaultLast)
        json.member("storeFailingMilliseconds", ifPresent: status.storeFailingMilliseconds)
        json.member("storesSetAside", status.storesSetAside)
    }

    private func write(_ lane: DeliveryStatus.Lane, _ json: inout JSONText) {
        json.member("depth", lane.depth)
        json.member("bytes", lane.bytes)
        json.member("oldestAgeMilliseconds", ifPresent: lane.oldestAgeMilliseconds)
        json.member("committed", lane.committed)
        json.member("delivered", lane.delivered)
        json.member("evicted", lane.evicted)
        json.object("fromCommit") { write(lane.fromCommit, &$0) }
        json.object("fromReception") { write(lane.fromReception, &$0) }
    }

    private func write(_ latency: DeliveryStatus.Latency, _ json: inout JSONText) {
        json.member("count", latency.count)
        json.member("p50Milliseconds", latency.p50Milliseconds)
        json.member("p99Milliseconds", latency.p99Milliseconds)
        json.member("maxMilliseconds", latency.maxMilliseconds)
    }
}

extension LogLevel {
    var journal: Journal.Level {
        switch self {
        case .error: .error
        case .warning: .warning
        case .notice: .notice
        case .info: .info
        case .debug: .debug
        }
    }
}

extension Configuration.BrokerConfiguration {
    func settings(clientID: String) -> BrokerSettings {
        var settings = BrokerSettings(host: host, port: UInt16(port), clientID: clientID)
        settings.version = usesVersion5 ? .mqtt5 : .mqtt311
        settings.keepaliveSeconds = Int32(keepAliveSeconds)
        settings.user = username
        settings.passwordFile = passwordFile
        settings.tls = tls.map {
            BrokerSettings.TLS(authorityFile: $0.caFile, certificateFile: $0.certificateFile, keyFile: $0.keyFile)
        }
        return settings
    }
}
