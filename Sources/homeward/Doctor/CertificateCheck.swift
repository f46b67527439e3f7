import Linux
import Loop

/// The broker's certificate, as Debian's openssl sees it: dates, names and who vouches for it. Without that program
/// the login tells only that TLS failed.
enum CertificateCheck {
    private static let patience: Duration = .seconds(10)
    /// A certificate that ends sooner is told.
    private static let soonSeconds = 21 * 24 * 3600
    private static let systemAuthorities = "/etc/ssl/certs"

    /// - Throws: what is wrong with it.
    static func findings(
        _ broker: Configuration.BrokerConfiguration, _ tls: Configuration.BrokerConfiguration.TLS, _ loop: EventLoop
    ) async throws(BrokerCheck.Stop) -> [Finding] {
        try files(tls)
        guard let said = await run(arguments(broker, tls), loop), said.contains("CONNECTED") else { return [] }
        guard let certificate = certificate(in: said) else {
            throw stop(
                "tls-none", "the broker does not speak TLS on this port",
                proof: "no certificate came from \(broker.host) port \(broker.port)",
                remedy:
                    "set broker.port to the one with TLS, mostly 8883; or remove broker.tls, when the way to the "
                    + "broker is safe without")
        }
        let facts = await facts(certificate, loop)
        guard let code = verdict(said), code != 0 else { return await soon(certificate, facts, loop) }
        throw complaint(code, facts, broker, tls)
    }

    private static func files(_ tls: Configuration.BrokerConfiguration.TLS) throws(BrokerCheck.Stop) {
        for path in [tls.caFile, tls.certificateFile, tls.keyFile].compactMap({ $0 }) {
            do throws(SystemError) { _ = try File.read(path) } catch {
                if FileFacts.caller.user != 0, File.exists(path) || error.isDenied {
                    throw BrokerCheck.Stop(
                        .unseen(
                            BrokerCheck.part, "tls-file-unseen", "you may not read a file that TLS needs",
                            proof: "\(error)", remedy: "run 'sudo homeward doctor'"))
                }
                throw stop(
                    "tls-file", "a file that TLS needs cannot be read", proof: "\(error)",
                    remedy: "put it there, or correct its name in broker.tls")
            }
        }
    }

    private static func arguments(
        _ broker: Configuration.BrokerConfiguration, _ tls: Configuration.BrokerConfiguration.TLS
    ) -> [String] {
        let isAddress = broker.host.contains(":") || broker.host.allSatisfy { $0.isNumber || $0 == "." }
        let host = broker.host.contains(":") ? "[\(broker.host)]" : broker.host
        var words = ["s_client", "-connect", "\(host):\(broker.port)"]
        words +=
            isAddress
            ? ["-verify_ip", broker.host] : ["-servername", broker.host, "-verify_hostname", broker.host]
        words += tls.caFile.map { ["-CAfile", $0] } ?? ["-CApath", systemAuthorities]
        if let own = tls.certificateFile, let key = tls.keyFile { words += ["-cert", own, "-key", key] }
        return words
    }

    private static func run(_ words: [String], _ loop: EventLoop) async -> String? {
        await Tool.said("openssl", words, within: patience, on: loop)
    }

    private static func certificate(in said: String) -> String? {
        let end = "-----END CERTIFICATE-----"
        guard let first = said.firstRange(of: "-----BEGIN CERTIFICATE-----"),
            let last = said[first.lowerBound...].firstRange(of: end)
        else { return nil }
        return said[first.lowerBound ..< last.upperBound] + "\n"
    }

    /// The number behind the last `Verify return code:`, of verify(1).
    private static func verdict(_ said: String) -> Int? {
        said.split(separator: "\n").last { $0.contains("Verify return code:") }?
            .split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) }
    }

    /// Its names and dates, in one line.
    private static func facts(_ certificate: String, _ loop: EventLoop) async -> String {
        await inspect(
            certificate, ["-noout", "-subject", "-startdate", "-enddate", "-ext", "subjectAltName"], loop
        )
        .split(separator: "\n").map { String($0.drop { $0 == " " }) }
        .filter { !$0.hasPrefix("X509v3") }.joined(separator: ", ")
    }

    private static func inspect(_ certificate: String, _ words: [String], _ loop: EventLoop) async -> String {
        let path = "/tmp/homeward-doctor-\(Program.processID).pem"
        do throws(SystemError) {
            try File.write(certificate, to: path)
            let said = await run(["x509", "-in", path] + words, loop)
            try File.remove(path)
            return said ?? ""
        } catch {
            return ""
        }
    }

    private static func soon(_ certificate: String, _ facts: String, _ loop: EventLoop) async -> [Finding] {
        let said = await inspect(certificate, ["-noout", "-checkend", "\(soonSeconds)"], loop)
        guard said.contains("will expire") else { return [] }
        return [
            .warning(
                BrokerCheck.part, "tls-expires-soon",
                "the broker's certificate ends soon: then nothing is delivered",
                proof: facts, remedy: "give the broker a new certificate in time")
        ]
    }

    private static func complaint(
        _ code: Int, _ facts: String, _ broker: Configuration.BrokerConfiguration,
        _ tls: Configuration.BrokerConfiguration.TLS
    ) -> BrokerCheck.Stop {
        let authorities = tls.caFile ?? systemAuthorities
        return switch code {
        case 10:
            stop(
                "tls-expired", "the broker's certificate has ended: nothing is delivered", proof: facts,
                remedy:
                    "give the broker a new certificate; when the dates look right, the clock of this box is wrong: "
                    + "'timedatectl'")
        case 9:
            stop(
                "tls-not-yet-valid", "the broker's certificate is not valid yet: nothing is delivered",
                proof: facts,
                remedy: "set the clock of this box right: 'sudo timedatectl set-ntp true'")
        case 62, 64:
            stop(
                "tls-name-wrong", "the broker's certificate is for another name than \(broker.host)", proof: facts,
                remedy:
                    "set broker.host to a name that stands in the certificate, or give the broker one "
                    + "with this name"
            )
        case 18, 19, 20, 21, 2:
            stop(
                "tls-untrusted", "nobody whom this box trusts vouches for the broker's certificate",
                proof: "\(facts); looked for in \(authorities)",
                remedy: "put the certificate of the authority that signed the broker's into a file, and name it in "
                    + "broker.tls.caFile")
        default:
            stop(
                "tls-refused", "the broker's certificate is not good",
                proof: "verification error \(code); \(facts)",
                remedy: "look it up in openssl-verification-options(1), and give the broker a good certificate")
        }
    }

    private static func stop(_ code: String, _ cause: String, proof: String, remedy: String) -> BrokerCheck.Stop {
        BrokerCheck.Stop(.fault(BrokerCheck.part, code, cause, proof: proof, remedy: remedy))
    }
}
