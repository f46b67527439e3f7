import Linux
import Loop

/// The box that is looked at: its settings and its system files.
final class Box {
    let file: String
    let loop: EventLoop
    /// In front of `/sys`, `/proc`, `/run`, `/etc` and `/dev`.
    let root: String
    let configuration: Configuration?
    /// Why there is none.
    let configurationError: CommandError?
    private let socket: String?

    private static let textBytesMax = 1 << 20
    static let processesMax = 8192

    init(file: String, socket: String?, root: String, loop: EventLoop) {
        self.file = file
        self.socket = socket
        self.root = root
        self.loop = loop
        do throws(CommandError) {
            configuration = try ConfigurationFile.read(file).configuration
            configurationError = nil
        } catch {
            configuration = nil
            configurationError = error
        }
    }

    var socketPath: String { socket ?? configuration?.socketPath ?? Technician.socketPath }
    var dataDirectory: String { configuration?.dataDirectory ?? "/var/lib/homeward" }

    // MARK: System files

    /// Without white space at its end; `nil` when it cannot be read.
    func text(_ path: String) -> String? {
        guard let text = try? File.readText(root + path, bytesMax: Self.textBytesMax) else { return nil }
        return String(text.reversed().drop(while: \.isWhitespace).reversed())
    }

    func names(_ folder: String) -> [String] { (try? File.names(in: root + folder)) ?? [] }
    func exists(_ path: String) -> Bool { File.exists(root + path) }

    // MARK: Processes

    struct Process {
        var id: Int32
        var name: String
    }

    private(set) lazy var processes: [Process] = names("/proc").compactMap { entry in
        guard let id = Int32(entry), let name = text("/proc/\(entry)/comm") else { return nil }
        return Process(id: id, name: name)
    }

    func process(_ name: String) -> Process? { processes.first { $0.name == name } }

    /// The running daemon: it was started with the word `run`.
    private(set) lazy var daemon: Process? = processes.first { process in
        guard process.name == "homeward" else { return false }
        let words = (text("/proc/\(process.id)/cmdline") ?? "").split(separator: "\0")
        return words.dropFirst().first == "run"
    }

    /// A number in a process's status: `Uid`, `Gid` (the effective ones), `CapEff`.
    func status(_ process: Process, _ field: String) -> [Substring]? {
        let line = (text("/proc/\(process.id)/status") ?? "").split(separator: "\n")
            .first { $0.hasPrefix("\(field):") }
        return line?.dropFirst(field.utf8.count + 1).split(whereSeparator: \.isWhitespace)
    }

    // MARK: Accounts

    func accounts(_ path: String) -> [[String]] {
        (text(path) ?? "").split(separator: "\n").map { line in
            line.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        }
    }

    func userNumber(_ name: String) -> UInt32? {
        accounts("/etc/passwd").first { $0.count > 3 && $0[0] == name }.flatMap { UInt32($0[2]) }
    }

    func userName(_ number: UInt32) -> String {
        accounts("/etc/passwd").first { $0.count > 3 && $0[2] == String(number) }?[0] ?? "number \(number)"
    }

    func groupName(_ number: UInt32) -> String {
        accounts("/etc/group").first { $0.count > 2 && $0[2] == String(number) }?[0] ?? "number \(number)"
    }

    func groups(of user: String) -> [UInt32] {
        let own = accounts("/etc/passwd").first { $0.count > 3 && $0[0] == user }.flatMap { UInt32($0[3]) }
        let others = accounts("/etc/group").filter {
            $0.count > 3 && $0[3].split(separator: ",").contains(Substring(user))
        }.compactMap { UInt32($0[2]) }
        return (own.map { [$0] } ?? []) + others
    }

    /// Who the daemon is, or would be: its name, number and groups. Without a user `homeward` it is whoever asks.
    private(set) lazy var service: (name: String, user: UInt32, groups: [UInt32]) = {
        if let daemon, let user = status(daemon, "Uid")?.dropFirst().first.flatMap({ UInt32($0) }) {
            let groups = (status(daemon, "Groups") ?? []) + (status(daemon, "Gid")?.prefix(2) ?? [])
            return (userName(user), user, groups.compactMap { UInt32($0) })
        }
        if let user = userNumber("homeward") { return ("homeward", user, groups(of: "homeward")) }
        let caller = FileFacts.caller
        return (userName(caller.user), caller.user, caller.groups)
    }()
}
