import Delivery
import Linux
import Loop
import Vitals

/// The whole program: eight oximeters, the daemon, a broker.
final class DaemonBench {
    private let options: Options
    private let loop: EventLoop
    private static let settleSeconds = 6
    private static let alertSeconds = 30
    static let backlog = 20_000

    init(_ options: Options, _ loop: EventLoop) {
        self.options = options
        self.loop = loop
    }

    func run(_ report: inout Report) async throws {
        try Signals.block()
        let home = try BenchHome(options, loop)
        let steady = try await steady(home)
        report.title("Daemon: 8 oximeters for \(options.seconds) s")
        report.table(["", "measured", "budget"], steady.rows)
        let peer = try peer(home)
        let drain = try await drain(home)
        report.table(
            ["backlog of \(figure(Double(Self.backlog))) messages", "measured"],
            [["drained, messages/s", figure(drain)]])
        guard let p50 = peer["p50"], let p99 = peer["p99"] else { return }
        report.say("Peer: PyPI `paho-mqtt` publishing QoS 1 one by one to the same broker, nothing kept on disk.")
        report.table(
            ["ms", "homeward p50", "homeward p99", "paho p50", "paho p99", "ratio p50", "ratio p99"],
            [("reading", steady.readings), ("alert", steady.alerts)].map { name, latency in
                [
                    name, figure(latency.p50), figure(latency.p99), figure(p50), figure(p99),
                    figure(latency.p50 / p50), figure(latency.p99 / p99),
                ]
            })
    }

    // MARK: Steady state

    private struct Steady {
        var rows: [[String]]
        var readings: Health.Latency
        var alerts: Health.Latency
    }

    private func steady(_ home: BenchHome) async throws -> Steady {
        let devices = try SimulatedDevice.home(on: loop)
        for device in devices { Task(executorPreference: loop) { await device.play() } }
        let status = try home.subscriber("homeward/1/bench/status")
        let health = try home.subscriber("homeward/1/bench/health")
        await loop.sleep(until: loop.now + .milliseconds(500))
        let begin = loop.now
        try home.startDaemon(devices)
        _ = try await status.next(within: .seconds(10))
        let start = loop.now - begin
        await loop.sleep(until: loop.now + .seconds(Self.settleSeconds))
        let (before, from) = (try figures(home), loop.now)
        await loop.sleep(until: from + .seconds(options.seconds))
        let (after, seconds) = (try figures(home), (loop.now - from).seconds)
        _ = try health.latest()
        let calm = Health(try await health.next(within: .seconds(10)))
        await devices[4].alternate(everyFrames: 5)
        await loop.sleep(until: loop.now + .seconds(Self.alertSeconds))
        await devices[4].alternate(everyFrames: nil)
        _ = try health.latest()
        let excited = Health(try await health.next(within: .seconds(10)))
        home.stopDaemon()
        for device in devices { await device.stop() }
        let readings = calm.latency("reading", "fromReception")
        let alerts = excited.latency("alert", "fromReception")
        return Steady(
            rows: resources(before, after, seconds) + latencies("reading", readings, budget: "20")
                + latencies("alert", alerts, budget: "10")
                + [
                    ["reading, commit to PUBACK, p99 ms", figure(calm.latency("reading", "fromCommit").p99), ""],
                    ["alert, commit to PUBACK, p99 ms", figure(excited.latency("alert", "fromCommit").p99), ""],
                    ["start to first publish, ms", figure(start.seconds * 1000), ""],
                ],
            readings: readings, alerts: alerts)
    }

    private func figures(_ home: BenchHome) throws -> ProcessFigures {
        guard let daemon = home.daemon else { throw BenchError("the daemon has ended: see \(home.folder)") }
        return try ProcessFigures(of: daemon.processID)
    }

    private func resources(_ before: ProcessFigures, _ after: ProcessFigures, _ seconds: Double) -> [[String]] {
        func mebibytes(_ kibibytes: Int) -> String { figure(Double(kibibytes) / 1024) }
        let share = (after.processorSeconds - before.processorSeconds) / seconds * 100
        return [
            ["resident memory (VmRSS), MiB", mebibytes(after.residentKibibytes), "16"],
            ["proportional (Pss), MiB", mebibytes(after.proportionalKibibytes), ""],
            ["anonymous, MiB", mebibytes(after.anonymousKibibytes), ""],
            ["processor, % of one core", figure(share), "2"],
            ["wake-ups/s", figure(Double(after.sleeps - before.sleeps) / seconds), ""],
            ["preemptions/s", figure(Double(after.preemptions - before.preemptions) / seconds), ""],
        ]
    }

    private func latencies(_ lane: String, _ latency: Health.Latency, budget: String) -> [[String]] {
        [
            ["\(lane)s acknowledged", figure(latency.count), ""],
            ["\(lane), byte to PUBACK, p50 ms", figure(latency.p50), ""],
            ["\(lane), byte to PUBACK, p99 ms", figure(latency.p99), budget],
            ["\(lane), byte to PUBACK, longest ms", figure(latency.longest), ""],
        ]
    }

    // MARK: Peer and backlog

    private func peer(_ home: BenchHome) throws -> [String: Double] {
        guard !options.python.isEmpty else { return [:] }
        return try Peer.run("publish.py", ["\(home.port)", "2000", "\(OutboxBench.payloadBytes)"], options)
    }

    /// Messages a second that a daemon brings to a broker that was away.
    private func drain(_ home: BenchHome) async throws -> Double {
        let thread = try LoopThread(name: "store")
        let store = try await Store.open(
            settings: StoreSettings(path: home.database, boot: try bootID()), loop: thread.loop)
        for _ in 0 ..< Self.backlog / 500 {
            let draft = Draft(
                lane: .reading, topic: "backlog/reading", schema: "reading", body: OutboxBench.body)
            await store.accept(Array(repeating: draft, count: 500), keeping: [])
        }
        await store.close()
        thread.stop()
        thread.join()
        let first = try home.subscriber("homeward/1/bench/backlog/#", count: 1)
        let all = try home.subscriber("homeward/1/bench/backlog/#", count: Self.backlog, format: "%t")
        await loop.sleep(until: loop.now + .milliseconds(500))
        try home.startDaemon([])
        try await first.ended(within: .seconds(10))
        let begin = loop.now
        try await all.ended(within: .seconds(120))
        let seconds = (loop.now - begin).seconds
        home.stopDaemon()
        return Double(Self.backlog) / seconds
    }

    private func bootID() throws -> String {
        String(try File.readText("/proc/sys/kernel/random/boot_id", bytesMax: 64).prefix { $0 != "\n" })
    }
}
