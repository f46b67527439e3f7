import Linux
import Loop
import Vitals

extension Command {
    static let demo = Command(
        name: "demo", synopsis: "demo [--recording FILE] [--brief]",
        summary: "Shows the main job on real parts, from device to clinician.",
        details: [
            "  --recording FILE   seconds of 'saturation,pulse,perfusion index'; Demo/desaturation.csv unless told",
            "  --brief            fewer lines",
            "",
            "It starts Debian's mosquitto on a free port of 127.0.0.1 and ends it again, in under a minute.",
        ],
        grammar: .init(options: ["--recording"], flags: ["--brief"])
    ) { arguments, loop in
        let demo = try Demo(arguments, on: loop)
        defer { demo.end() }
        return try await demo.run()
    }
}

/// The demonstration: a real desaturation, told by a device, judged by the daemon, heard by a clinician; and the
/// daemon killed in the middle of it.
final class Demo {
    private let loop: EventLoop
    private let signals: Signals
    private let player: DemoPlayer
    private let kit: DemoKit
    private let screen: DemoScreen
    private var subscriber: DemoSubscriber?

    private static let onlineWithin: Duration = .seconds(10)
    private static let deliveredWithin: Duration = .seconds(8)

    init(_ arguments: Arguments, on loop: EventLoop) throws {
        self.loop = loop
        signals = try Signals(on: loop)
        player = try DemoPlayer(try DemoRecording(file: arguments["--recording"]), on: loop)
        kit = try DemoKit(device: player.terminal.path)
        screen = DemoScreen(try Console(), isBrief: arguments.has("--brief"), start: loop.now)
    }

    func end() {
        subscriber?.end()
        kit.end()
    }

    func run() async throws -> ExitCode {
        screen.title("Homeward: from a device's bytes to a clinician's alert")
        screen.say("broker      mosquitto on 127.0.0.1:\(kit.port)")
        screen.say("device      a simulated Contec CMS50 on \(player.terminal.path), in its own V7.0 frames;")
        screen.say("            the numbers are a real person's induced hypoxaemia (UW Ubicomp Lab, MIT)")
        guard await kit.isBrokerReady(on: loop) else { return complain("mosquitto did not start") }
        subscriber = try DemoSubscriber(port: kit.port)
        try kit.startDaemon()
        screen.say("daemon      homeward run, process \(kit.daemonProcessID)")
        screen.say("clinician   mosquitto_sub on homeward/1/#")
        guard try await waitUntilOnline() else { return complain("the daemon did not come online") }
        screen.title("The saturation falls")
        try await play(upTo: DemoPace.killAt)
        try await killAndRestart()
        try await play(upTo: .max)
        return try await finish()
    }

    private func play(upTo end: Int) async throws {
        while player.second < end, !player.isDone {
            try await player.play(upTo: player.second + 1)
            try await listen()
        }
    }

    /// Ctrl-C ends the demonstration and everything that it started.
    private func listen() async throws {
        if let signal = await signals.next(before: loop.now) {
            throw CommandError(.failure, "demo: ended by \(signal); everything that it started is ended too")
        }
        for message in try subscriber?.take() ?? [] { screen.show(message, at: loop.now) }
    }

    private func waitUntilOnline() async throws -> Bool {
        let deadline = loop.now + Self.onlineWithin
        while loop.now < deadline {
            if await signals.next(before: loop.now) != nil { return false }
            let messages = try subscriber?.take() ?? []
            for message in messages { screen.show(message, at: loop.now) }
            if messages.contains(where: { $0.text("state") == "online" }) { return true }
            await loop.sleep(until: loop.now + .milliseconds(50))
        }
        return false
    }

    private func killAndRestart() async throws {
        screen.title("kill -9 in the middle")
        let victim = kit.daemonProcessID
        kit.killDaemon()
        screen.event("killed", "process \(victim) by SIGKILL; the oximeter goes on", .red, at: loop.now)
        try kit.startDaemon()
        screen.event("started", "process \(kit.daemonProcessID)", .green, at: loop.now)
    }

    private func finish() async throws -> ExitCode {
        let ending = kit.stopDaemon()
        let committed = try kit.committed()
        let deadline = loop.now + Self.deliveredWithin
        while loop.now < deadline, !isComplete(committed) {
            try await listen()
            await loop.sleep(until: loop.now + .milliseconds(50))
        }
        try await listen()
        return report(committed, ending)
    }

    private func isComplete(_ committed: [String: Int64]) -> Bool {
        committed.allSatisfy { lane, last in subscriber?.delivered(lane).highest == last }
    }

    private func report(_ committed: [String: Int64], _ ending: ChildProcess.Ending?) -> ExitCode {
        guard let subscriber else { return .software }
        screen.title("The account")
        var lost: Int64 = 0
        for (lane, last) in committed.sorted(by: { $0.key < $1.key }) {
            let unique = subscriber.delivered(lane).unique
            lost += last - Int64(unique)
            screen.say("\(lane) messages: captured \(last), delivered \(unique), lost \(last - Int64(unique))")
        }
        screen.say("readings in them: \(subscriber.readings)")
        screen.say(
            "sent again: \(subscriber.repeats); duplicated after de-duplication by id: \(subscriber.duplicates)")
        screen.say("ids with two contents: \(subscriber.contradictions)")
        screen.say("daemon at the end: \(ending?.description ?? "did not stop")")
        let isGood = lost == 0 && subscriber.duplicates == 0 && subscriber.contradictions == 0 && !committed.isEmpty
        screen.title(isGood ? "Nothing was lost." : "SOMETHING WAS LOST: please report it with the output above.")
        return isGood ? .success : .failure
    }

    private func complain(_ text: String) -> ExitCode {
        screen.title("The demonstration failed: \(text)")
        screen.say(kit.log())
        return .unavailable
    }
}
