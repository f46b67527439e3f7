import Linux
import Loop
import Vitals

/// The processes of the demonstration: a broker and the daemon, in a folder that goes with them.
final class DemoKit {
    let port: UInt16
    private let scratch: DirectoryScratch
    private let broker: ChildProcess
    private var daemon: ChildProcess?
    private let device: String

    init(device: String) throws(CommandError) {
        self.device = device
        do throws(SystemError) {
            scratch = try DirectoryScratch(name: "homeward-demo")
            port = try freeLoopbackPort()
            let settings = "listener \(port) 127.0.0.1\nallow_anonymous true\npersistence false\n"
            try File.write(settings, to: scratch.file("mosquitto.conf"), mode: 0o644)
            broker = try ChildProcess(
                Self.mosquitto, ["-c", scratch.file("mosquitto.conf")], output: .nowhere,
                errors: .file(scratch.file("mosquitto.log")))
            try File.write(configuration, to: scratch.file("homeward.json5"))
        } catch {
            throw CommandError(
                .unavailable, "demo: \(error): Debian's packages mosquitto and mosquitto-clients are needed")
        }
    }

    /// Debian keeps it where only root's PATH looks.
    private static let mosquitto = File.exists("/usr/sbin/mosquitto") ? "/usr/sbin/mosquitto" : "mosquitto"

    private var configuration: String {
        """
        {
          // Shorter delays than the defaults, so that the show is short.
          gateway: "demo",
          dataDirectory: "\(scratch.file("data"))",
          broker: { host: "127.0.0.1", port: \(port) },
          logLevel: "debug",
          healthIntervalSeconds: 5,
          limits: {
            "oxygen-saturation-low": {
              levels: [
                { limit: 88, onsetSeconds: 6, priority: "medium" },
                { limit: 85, onsetSeconds: 5, priority: "high" },
              ],
              clearAfterSeconds: 5,
            },
          },
          devices: [ { id: "oximeter", driver: "contec-cms50-v7", port: "\(device)", patient: "p-demo" } ],
        }
        """
    }

    /// Waits until it listens.
    func isBrokerReady(on loop: EventLoop) async -> Bool {
        let deadline = loop.now + Self.brokerReadyWithin
        while !isLoopbackPortOpen(port) {
            guard loop.now < deadline else { return false }
            await loop.sleep(until: loop.now + .milliseconds(20))
        }
        return true
    }

    private static let brokerReadyWithin: Duration = .seconds(10)

    var daemonProcessID: Int32 { daemon?.processID ?? 0 }

    func startDaemon() throws(SystemError) {
        daemon = try ChildProcess(
            Program.path, ["run", "--config", scratch.file("homeward.json5")], output: .nowhere,
            errors: .file(scratch.file("homeward.log")))
    }

    func killDaemon() {
        daemon?.kill(9)
        _ = daemon?.waitForEnding(atMost: .seconds(5))
    }

    func stopDaemon() -> ChildProcess.Ending? {
        daemon?.terminate()
        return daemon?.waitForEnding(atMost: .seconds(10))
    }

    func end() {
        daemon?.kill(9)
        broker.terminate()
        _ = broker.waitForEnding(atMost: .seconds(5))
    }

    /// What the daemon says it has committed, lane by lane: the last number.
    func committed() throws(SystemError) -> [String: Int64] {
        var last: [String: Int64] = [:]
        let log = try File.readText(scratch.file("homeward.log"), bytesMax: 64 << 20)
        for line in log.split(separator: "\n") {
            guard let start = line.firstRange(of: "committed ") else { continue }
            let words = line[start.upperBound...].split(separator: " ")
            guard words.count >= 2, let number = words[1].split(separator: ".").last.flatMap({ Int64($0) }) else {
                continue
            }
            last[String(words[0])] = max(last[String(words[0])] ?? 0, number)
        }
        return last
    }

    func log() -> String { (try? File.readText(scratch.file("homeward.log"), bytesMax: 64 << 20)) ?? "" }
}
