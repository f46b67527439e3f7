import Delivery
import FoundationEssentials
import Linux
import Loop
import Vitals

/// One of the commands that ask the running daemon: its way there, and its way of telling a person or a program.
final class Technician {
    let name: String
    let console: Console
    let text: TerminalText
    let conversation: Conversation
    let loop: EventLoop
    /// The daemon's lines are printed as they are.
    let isJSON: Bool

    static let socketPath = "/run/homeward/homeward.sock"
    static let options: Set<String> = ["--socket"]
    static let flags: Set<String> = ["--json"]
    static let help = [
        "  --socket PATH   the daemon's socket; 'socket.path' of /etc/homeward/homeward.json5, or "
            + "/run/homeward/homeward.sock unless told",
        "  --json          the daemon's own lines, for programs; answers are read from standard input",
    ]

    init(_ name: String, _ arguments: Arguments, on loop: EventLoop) throws {
        self.name = name
        self.loop = loop
        isJSON = arguments.has("--json")
        console = try Console()
        text = TerminalText(hasUnicode: console.hasUnicode)
        let path = arguments["--socket"] ?? Self.configuredPath ?? Self.socketPath
        conversation = try Conversation(path: path, on: loop)
    }

    /// The technician may not be allowed to read the configuration, and it may be wrong: then it does not count.
    private static var configuredPath: String? {
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = true
        guard
            let bytes = try? File.read("/etc/homeward/homeward.json5", bytesMax: Configuration.bytesMax),
            case .section(let root)? = try? decoder.decode(ConfigurationValue.self, from: Data(bytes)),
            case .section(let socket)? = root["socket"], case .text(let path)? = socket["path"]
        else { return nil }
        return path
    }

    /// What a command waits for.
    enum Moment {
        case event(TechnicianEvent)
        case typed(String?)
        case interrupted
        /// The daemon has done what it was asked.
        case done
        /// Nothing until the deadline.
        case pause
    }

    func begin(_ request: [UInt8]) async throws(CommandError) {
        do throws(LocalSocketError) { try await conversation.begin(request) } catch {
            throw fail(Failure(connecting: error))
        }
    }

    /// - Throws: what the daemon refuses, or that it is gone.
    func next(before deadline: Instant = .never) async throws(CommandError) -> Moment {
        guard let arrival = await conversation.next(before: deadline) else { return .pause }
        switch arrival {
        case .typed(let line): return .typed(line)
        case .interrupted: return .interrupted
        case .closed: throw fail(.vanished)
        case .line(let bytes):
            guard let event = TechnicianEvent(bytes) else { throw fail(.unintelligible) }
            if isJSON {
                console.line(bytes)
                console.flush()
            }
            switch event {
            case .done:
                await conversation.end()
                return .done
            case .failure(let failure): throw Failure(failure, text).error(of: name)
            default: return .event(event)
            }
        }
    }

    /// A failure of our own, which a program is told as the daemon would have.
    func fail(_ failure: Failure) -> CommandError {
        if isJSON {
            console.line(
                JSONText.object { json in
                    json.object("error") { json in
                        json.member("code", failure.code)
                        json.member("text", failure.cause)
                        json.member("remedy", ifPresent: failure.remedy)
                    }
                })
            console.flush()
        }
        return failure.error(of: name)
    }

    /// A whole conversation with one answer, or with as many as come.
    ///
    /// - Parameter each: what to do with an event, for people.
    func ask(_ request: [UInt8], _ each: (TechnicianEvent) -> Void) async throws(CommandError) -> ExitCode {
        if isJSON { return try await relay(request) }
        try await begin(request)
        while true {
            switch try await next() {
            case .event(let event): each(event)
            case .done: return finished()
            case .interrupted: return .failure
            case .typed, .pause: break
            }
        }
    }

    func finished() -> ExitCode {
        console.flush()
        return .success
    }

    /// `{"command":"unpair","device":"…"}`
    static func request(_ command: String, _ write: (inout JSONText) -> Void = { _ in }) -> [UInt8] {
        JSONText.object { json in
            json.member("command", command)
            write(&json)
        }
    }
}

extension Failure {
    /// Why the socket could not be reached.
    init(connecting error: LocalSocketError) {
        switch error {
        case .denied(let path):
            self.init(
                code: "not-permitted-user", cause: "you may not talk to the daemon: permission denied for \(path)",
                remedy: "the group 'homeward' may: run 'sudo usermod -aG homeward $USER' and log in again, "
                    + "or put 'sudo' in front of the command")
        case .busy:
            self.init(
                code: "busy", cause: "too many commands run at once", remedy: "wait for one of them to end")
        case .notRunning(let path):
            self.init(
                code: "no-daemon", cause: "the daemon is not running: nobody listens at \(path)",
                remedy: "start it with 'sudo systemctl start homeward'; 'journalctl -u homeward -e' says why it "
                    + "has ended. Another place of its socket is named by --socket PATH")
        case .notASocket(let path):
            self.init(code: "no-daemon", cause: "\(path) is no socket", remedy: "name the daemon's: --socket PATH")
        case .taken, .system:
            self.init(code: "no-daemon", cause: "\(error)", remedy: nil)
        }
    }

    static let vanished = Failure(
        code: "no-daemon", cause: "the daemon has ended the connection: it has stopped, or is being restarted",
        remedy: "try again in a moment; 'journalctl -u homeward -e' says what has happened")

    static let unintelligible = Failure(
        code: "unknown-command", cause: "the daemon's answer is not understood",
        remedy: "the daemon and this program may be of different versions: restart the daemon with "
            + "'sudo systemctl restart homeward'")
}
