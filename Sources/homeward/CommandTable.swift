import Linux
import Loop
import Synchronization

/// A word of the command line: what it takes, what it says of itself, and what it does.
struct Command {
    var name: String
    var synopsis: String
    var summary: String
    /// Further lines of its help: options and examples.
    var details: [String]
    var grammar: Arguments.Grammar
    /// Words that may follow its own, each with options of its own; then it does nothing itself.
    var subcommands: [Command] = []
    var run: @Sendable (Arguments, EventLoop) async throws -> ExitCode
}

extension Command {
    /// A word before several others.
    init(name: String, summary: String, subcommands: [Command]) {
        self.init(
            name: name, synopsis: "\(name) \(subcommands.map(\.name).joined(separator: "|")) [OPTION …]",
            summary: summary,
            details: subcommands.flatMap { ["  \($0.synopsis)", "      \($0.summary)"] },
            grammar: .init(
                options: subcommands.reduce(into: []) { $0.formUnion($1.grammar.options) },
                flags: subcommands.reduce(into: []) { $0.formUnion($1.grammar.flags) }),
            subcommands: subcommands
        ) { _, _ in .usage }
    }
}

enum CommandTable {
    /// What a technician asks of the running daemon.
    static let technician: [Command] = [
        .scan, .pair, .assign, .unassign, .unpair, .devices, .status, .watch,
    ]
    static let commands: [Command] =
        [
            .run, .checkConfiguration, .doctor, .supportBundle, .drivers, .replay, .record, .report, .evaluate,
            .udevRules, .demo, .version,
        ] + technician
    /// For the package and its services, not for persons: help does not list them.
    static let hidden: [Command] = [.clockState, .completion, .manual]

    /// Runs the command line and ends the process.
    static func run(_ words: [String]) -> Never {
        do {
            Program.exit(try execute(words).rawValue)
        } catch let error as CommandError {
            Complaint.say(error.text)
            Program.exit(error.code.rawValue)
        } catch {
            Complaint.say("\(error)")
            Program.exit(ExitCode.systemError.rawValue)
        }
    }

    private static func execute(_ words: [String]) throws -> ExitCode {
        guard let first = words.first else {
            Complaint.say(Help.usage)
            return .usage
        }
        var rest = words.dropFirst()
        if ["help", "--help", "-h"].contains(first) { return try help(Array(rest)) }
        let name = first == "--version" ? "version" : first
        guard var command = (commands + hidden).first(where: { $0.name == name }) else {
            let hint = Similar.closest(to: first, in: commands.map(\.name)).map { ": did you mean '\($0)'?" } ?? ""
            throw CommandError(.usage, "there is no command '\(first)'\(hint)\n\(Help.pointer)")
        }
        var path = name
        if let word = rest.first, let subcommand = command.subcommands.first(where: { $0.name == word }) {
            command = subcommand
            path += " \(word)"
            rest = rest.dropFirst()
        }
        if rest.contains("--help") || rest.contains("-h") { return try help(command) }
        guard command.subcommands.isEmpty else { throw missing(rest.first, of: command) }
        let arguments: Arguments
        do throws(CommandError) {
            arguments = try Arguments(rest, grammar: command.grammar)
        } catch {
            throw CommandError(error.code, "\(path): \(error.text)\nusage: homeward \(command.synopsis)")
        }
        let run = command.run
        return try onLoop { try await run(arguments, $0) }
    }

    private static func missing(_ word: String?, of command: Command) -> CommandError {
        let names = command.subcommands.map(\.name)
        let known = "one of \(names.joined(separator: ", "))"
        guard let word else {
            return CommandError(.usage, "\(command.name): say what: \(known)\nusage: homeward \(command.synopsis)")
        }
        let hint = Similar.closest(to: word, in: names).map { " (did you mean '\($0)'?)" } ?? ""
        return CommandError(.usage, "\(command.name): there is no '\(word)'\(hint): \(known)")
    }

    private static func help(_ words: [String]) throws -> ExitCode {
        guard let name = words.first, let command = (commands + hidden).first(where: { $0.name == name }) else {
            return try say(Help.text(commands))
        }
        let subcommand = command.subcommands.first { $0.name == words.dropFirst().first }
        return try help(subcommand ?? command)
    }

    private static func help(_ command: Command) throws -> ExitCode { try say(Help.text(command)) }

    private static func say(_ text: String) throws -> ExitCode {
        let console = try Console()
        console.line(text)
        console.flush()
        return .success
    }

    /// Runs asynchronous work on a loop of the calling thread.
    static func onLoop<Value: Sendable>(_ work: @escaping @Sendable (EventLoop) async throws -> Value) throws
        -> Value
    {
        let loop = EventLoop(name: "device", waiter: try KernelWaiter())
        let outcome = Outcome<Value>()
        Task(executorPreference: loop) {
            do {
                let value = try await work(loop)
                outcome.set(.success(value))
            } catch {
                outcome.set(.failure(error))
            }
        }
        loop.run { outcome.isSet }
        return try outcome.get()
    }

    private final class Outcome<Value: Sendable>: Sendable {
        private let result = Mutex<Result<Value, any Error>?>(nil)

        var isSet: Bool { result.withLock { $0 != nil } }

        func set(_ value: Result<Value, any Error>) { result.withLock { $0 = value } }

        func get() throws -> Value {
            guard let value = result.withLock({ $0 }) else {
                throw CommandError(.software, "the loop ended before its work")
            }
            return try value.get()
        }
    }
}
