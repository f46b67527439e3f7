import Delivery
import Linux
import Loop

/// The way to the broker, step by step: name, connection, TLS, login, and a message that it takes. The first step
/// that fails is told, and the rest is not tried.
enum BrokerCheck {
    static let part = "broker"
    private static let connectMilliseconds: Int32 = 5000

    static func findings(_ box: Box) async -> [Finding] {
        guard let configuration = box.configuration else {
            return [
                .unseen(
                    part, "broker-unseen", "where the broker is, is not known", proof: nil,
                    remedy: "see what is said of the configuration")
            ]
        }
        let broker = configuration.broker
        var steps: [String] = []
        do throws(Stop) {
            let addresses = try resolve(broker.host)
            steps.append("name")
            let address = try reach(addresses, broker)
            steps.append("TCP to \(address) port \(broker.port)")
            var notes: [Finding] = []
            if let tls = broker.tls {
                notes = try await CertificateCheck.findings(broker, tls, box.loop)
                steps.append("TLS")
            }
            try await BrokerTalk(configuration, box.loop).tell()
            steps += ["login", "a message"]
            return [.fine(part, "broker-good", "the broker \(broker.host) takes all steps: \(list(steps))")] + notes
        } catch {
            var finding = error.finding
            if !steps.isEmpty, finding.proof != nil { finding.proof? += "; good until then: \(list(steps))" }
            return [finding]
        }
    }

    /// The step that failed.
    struct Stop: Error {
        var finding: Finding

        init(_ finding: Finding) { self.finding = finding }
    }

    private static func list(_ steps: [String]) -> String { steps.joined(separator: ", ") }

    private static func resolve(_ host: String) throws(Stop) -> [String] {
        do throws(Reachability.Failure) {
            return try Reachability.addresses(of: host)
        } catch {
            throw Stop(
                .fault(
                    part, "broker-name-unknown", "the broker's name is not known: nothing is delivered",
                    proof: "\(host): \(error)",
                    remedy: "look whether broker.host is spelt right, and whether the box has a network and a name "
                        + "server: 'getent hosts \(host)'"))
        }
    }

    private static func reach(
        _ addresses: [String], _ broker: Configuration.BrokerConfiguration
    ) throws(Stop) -> String {
        var failures: [String] = []
        for address in addresses {
            do throws(Reachability.Failure) {
                try Reachability.connect(address, port: UInt16(broker.port), milliseconds: connectMilliseconds)
                return address
            } catch {
                failures.append("\(address) port \(broker.port): \(error)")
            }
        }
        throw Stop(
            .fault(
                part, "broker-unreachable", "the broker cannot be reached: nothing is delivered",
                proof: failures.joined(separator: "; "),
                remedy:
                    "look whether the broker runs and listens on broker.port \(broker.port), and whether "
                    + "a firewall "
                    + "between here and there lets it through"))
    }
}
