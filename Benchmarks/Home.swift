import Glibc
import Linux
import Loop
import Vitals

/// A broker, a daemon, and a subscriber, as real processes.
final class BenchHome {
    let port: UInt16
    let folder: String
    private let program: String
    private let loop: EventLoop
    private var broker: ChildProcess?
    private(set) var daemon: ChildProcess?

    init(_ options: Options, _ loop: EventLoop) throws {
        self.loop = loop
        program = options.program
        folder = options.folder + "/home"
        _ = try ChildProcess("rm", ["-rf", folder]).waitForEnding(atMost: .seconds(20))
        try File.makeFolder(folder)
        port = try freeLoopbackPort()
        try startBroker()
    }

    deinit { end() }

    var database: String { folder + "/data/outbox.sqlite3" }

    func startBroker() throws {
        let settings = "listener \(port) 127.0.0.1\nallow_anonymous true\npersistence false\n"
        try File.write(settings, to: folder + "/mosquitto.conf", mode: 0o644)
        let path = "/usr/sbin/mosquitto"
        broker = try ChildProcess(
            File.exists(path) ? path : "mosquitto", ["-c", folder + "/mosquitto.conf"], output: .nowhere,
            errors: .file(folder + "/mosquitto.log"))
        for _ in 0 ..< 1000 where !isLoopbackPortOpen(port) { usleep(10_000) }
    }

    func startDaemon(_ devices: [SimulatedDevice]) throws {
        try File.makeFolder(folder + "/data")
        let setups = devices.enumerated().map { $1.setup($0) }.joined(separator: "\n")
        let text = """
            {
              gateway: "bench", dataDirectory: "\(folder)/data", logLevel: "notice", healthIntervalSeconds: 5,
              broker: { host: "127.0.0.1", port: \(port) },
              limits: { "oxygen-saturation-low": {
                levels: [ { limit: 88, onsetSeconds: 0, priority: "medium" } ], clearAfterSeconds: 0 } },
              devices: [ \(setups) ],
            }
            """
        try File.write(text, to: folder + "/homeward.json5")
        daemon = try ChildProcess(
            program, ["run", "--config", folder + "/homeward.json5"], output: .nowhere,
            errors: .file(folder + "/homeward.log"))
    }

    /// A subscriber that prints payloads; with `count` it ends after so many.
    func subscriber(_ topic: String, count: Int? = nil, format: String = "%p") throws -> Subscriber {
        let end = count.map { ["-C", "\($0)"] } ?? []
        return Subscriber(
            try ChildProcess(
                "mosquitto_sub", ["-h", "127.0.0.1", "-p", "\(port)", "-q", "0", "-t", topic, "-F", format] + end,
                output: .pipe, errors: .nowhere), loop)
    }

    func stopDaemon() {
        daemon?.terminate()
        _ = daemon?.waitForEnding(atMost: .seconds(10))
        daemon = nil
    }

    func end() {
        stopDaemon()
        broker?.terminate()
        _ = broker?.waitForEnding(atMost: .seconds(5))
        broker = nil
    }
}

/// `mosquitto_sub`, line by line.
final class Subscriber {
    private let process: ChildProcess
    private let loop: EventLoop
    private var rest: [UInt8] = []
    private var lines: [String] = []

    init(_ process: ChildProcess, _ loop: EventLoop) {
        self.process = process
        self.loop = loop
    }

    deinit { process.terminate() }

    /// The last line so far that was not given before.
    func latest() throws -> String? {
        while let bytes = try process.readOutput(), !bytes.isEmpty { rest += bytes }
        while let end = rest.firstIndex(of: 0x0A) {
            lines.append(String(decoding: rest[..<end], as: UTF8.self))
            rest.removeSubrange(...end)
        }
        defer { lines = [] }
        return lines.last
    }

    /// Waits for a further line.
    func next(within limit: Duration) async throws -> String {
        let deadline = loop.now + limit
        while loop.now < deadline {
            if let line = try latest() { return line }
            await loop.sleep(until: loop.now + .milliseconds(1))
        }
        throw BenchError("no message within \(limit)")
    }

    private var hasEnded: Bool { process.waitForEnding(atMost: .zero) != nil }

    /// Waits until it has ended by itself.
    func ended(within limit: Duration) async throws {
        let deadline = loop.now + limit
        while loop.now < deadline {
            _ = try latest()
            if hasEnded { return }
            await loop.sleep(until: loop.now + .milliseconds(2))
        }
        throw BenchError("not all messages came within \(limit)")
    }
}
