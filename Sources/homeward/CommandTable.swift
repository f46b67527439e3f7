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
    var run: @Sendable (Arguments, EventLoop) async throws -> ExitCode
}

enum CommandTable {
    /// What a technician asks of the running daemon.
    static let technician: [Command] = [
        .scan, .pair, .assign, .unassign, .unpair, .devices, .status, .watch,
    ]
    static let commands: [Command] =
        [
            .run, .checkConfiguration, .doctor, .supportBundle, .drivers, .replay, .record, .udevRules, .demo,
            .version,
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
        let rest = words.dropFirst()
        if ["help", "--help", "-h"].contains(first) { return try help(rest.first) }
        let name = first == "--version" ? "version" : first
        guard let command = (commands + hidden).first(where: { $0.name == name }) else {
            let hint = Similar.closest(to: first, in: commands.map(\.name)).map { ": did you mean '\($0)'?" } ?? ""
            throw CommandError(.usage, "there is no command '\(first)'\(hint)\n\(Help.pointer)")
        }
        if rest.contains("--help") || rest.contains("-h") { return try help(command.name) }
        let arguments: Arguments
        do throws(CommandError) {
            arguments = try Arguments(rest, grammar: command.grammar)
        } catch {
            throw CommandError(error.code, "\(command.name): \(error.text)\nusage: homeward \(command.synopsis)")
        }
        return try onLoop { try await command.run(arguments, $0) }
    }

    private static func help(_ name: String?) throws -> ExitCode {
        let console = try Console()
        if let name, let command = (commands + hidden).first(where: { $0.name == name }) {
            console.line(Help.text(command))
        } else {
            console.line(Help.text(commands))
        }
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
