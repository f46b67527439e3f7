import Agent
import Linux
import Loop

extension Command {
    static let run = Command(
        name: "run", synopsis: "run --config FILE", summary: "Runs the daemon until SIGTERM or SIGINT.",
        details: [
            "  --config FILE   JSON with comments; /etc/homeward/homeward.json5 unless told",
            "",
            "It tells the service manager READY, STOPPING and WATCHDOG, and stops within seven seconds. What was",
            "measured stays in the data directory until a broker has acknowledged it, also after SIGKILL.",
        ],
        grammar: .init(options: ["--config"])
    ) { arguments, loop in
        // Signals first: only threads that start afterwards leave them to the loop.
        let signals = try Signals(on: loop)
        let (_, configuration) = try ConfigurationFile.read(arguments["--config"])
        let daemon = try await Daemon.start(configuration, on: loop)
        return try await daemon.run(until: signals)
    }
}
