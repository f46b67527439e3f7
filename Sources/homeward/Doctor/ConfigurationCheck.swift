import Agent
import Linux

/// The settings: readable, good, and kept from others.
enum ConfigurationCheck {
    private static let part = "configuration"
    private static let problemsMax = 6

    static func findings(_ box: Box) -> [Finding] {
        guard let configuration = box.configuration else { return [failure(box)] }
        let count = Words.count(configuration.home.devices.count, "device")
        return [.fine(part, "configuration-good", "the configuration \(box.file) is good: \(count)")]
            + secrets(configuration)
    }

    private static func failure(_ box: Box) -> Finding {
        let error = box.configurationError
        guard let error, error.code == .configuration else {
            guard File.exists(box.file), FileFacts.caller.user != 0 else {
                return .fault(
                    part, "configuration-missing",
                    "there is no configuration at \(box.file): the daemon does not start",
                    proof: error?.text,
                    remedy:
                        "write it, beginning with the example in /usr/share/doc/homeward, or name it with --config")
            }
            return .unseen(
                part, "configuration-unreadable", "you may not read the configuration \(box.file)",
                proof: error?.text, remedy: "run 'sudo homeward doctor'")
        }
        let lines = error.text.split(separator: "\n").map(String.init)
        let more = lines.count > problemsMax ? "; and \(lines.count - problemsMax) more" : ""
        return .fault(
            part, "configuration-bad", "the configuration is wrong: the daemon does not start with it",
            proof: lines.prefix(problemsMax).joined(separator: "; ") + more,
            remedy: "mend these keys in \(box.file), until 'homeward check-config' has nothing to say, then run "
                + "'sudo systemctl restart homeward'")
    }

    /// Files that hold secrets, and that every user of the box may read.
    private static func secrets(_ configuration: Configuration) -> [Finding] {
        let broker = configuration.broker
        return [broker.passwordFile, broker.tls?.keyFile].compactMap { $0 }.compactMap { path in
            guard let facts = FileFacts(path), facts.mode & 0o007 != 0 else { return nil }
            return .warning(
                part, "secret-open", "every user of this box may use the secret in \(path)",
                proof: "its mode is \(String(facts.mode, radix: 8))",
                remedy: "run 'sudo chown root:homeward \(path)' and 'sudo chmod 640 \(path)'")
        }
    }
}
