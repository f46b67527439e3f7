import Delivery
import Glibc
import Linux
import Loop
import Synchronization
import Vitals

/// How fast messages get to the disk.
final class OutboxBench {
    private let options: Options
    private let loop: EventLoop
    private let folder: String

    /// One way to use the store.
    private struct Load {
        var name: String
        var lane: Lane
        var group = 1
        var tasks = 1
        var seconds = 4
    }

    private struct Outcome {
        var commits = 0.0
        var rows = 0.0
        var bytesPerRow = 0.0
        var times = Samples()
    }

    /// Members of a usual reading message.
    static let body = Array(
        """
        "patient":"p-17","device":"oximeter","origin":"measured","metric":"oxygen-saturation","unit":"%",\
        "mdc":150456,"mdcReference":"MDC_PULS_OXIM_SAT_O2","loinc":"59408-5","readings":[{"reading":\
        "oximeter/oxygen-saturation/8a5cd0e1-2b4c-4a2e-9f43-5d6c7b8a9f00+12345678901","value":97,"quality":"valid",\
        "source":"live","time":"2026-01-02T03:04:05.678Z","clock":"synchronized","correction":"reception",\
        "uncertaintyMilliseconds":12,"received":{"boot":"8a5cd0e1-2b4c-4a2e-9f43-5d6c7b8a9f00",\
        "nanoseconds":123456789012}}]
        """.utf8)
    /// With the members of the envelope.
    static let payloadBytes = body.count + 150

    init(_ options: Options, _ loop: EventLoop) {
        self.options = options
        self.loop = loop
        folder = options.folder + "/outbox"
    }

    func run(_ report: inout Report) async throws {
        report.title("Outbox: commits to a real folder, \(Self.payloadBytes)-byte messages")
        let loads = [
            Load(name: "alert, each its own commit", lane: .alert),
            Load(name: "reading, 1 at a time", lane: .reading),
            Load(name: "reading, 20 at a time", lane: .reading, group: 20),
            Load(name: "reading, 1 at a time, 8 tasks", lane: .reading, tasks: 8),
            Load(name: "reading, 20 at a time, 8 tasks", lane: .reading, group: 20, tasks: 8),
        ]
        var rows: [[String]] = []
        var alert = Outcome()
        for load in loads {
            let outcome = try await measure(load)
            if load.lane == .alert { alert = outcome }
            rows.append([
                load.name, figure(outcome.commits), figure(outcome.rows), figure(outcome.times.milliseconds(0.5)),
                figure(outcome.times.milliseconds(0.99)), figure(outcome.bytesPerRow),
            ])
        }
        report.table(["", "commits/s", "rows/s", "p50 ms", "p99 ms", "bytes written per row"], rows)
        let floor = try syncFloor()
        report.say(
            "A bare `write` of 8 KiB and `fdatasync` in the same folder: "
                + "p50 \(figure(floor.milliseconds(0.5))) ms, "
                + "p99 \(figure(floor.milliseconds(0.99))) ms.")
        try comparePeer(alert, report)
    }

    private func measure(_ load: Load) async throws -> Outcome {
        _ = try ChildProcess("rm", ["-rf", folder]).waitForEnding(atMost: .seconds(20))
        try File.makeFolder(folder)
        let thread = try LoopThread(name: "store")
        let store = try await Store.open(
            settings: StoreSettings(path: folder + "/outbox.sqlite3", boot: "bench"), loop: thread.loop)
        await store.accept([Self.draft(load.lane)], keeping: [])
        let commits = Counter()
        await store.observeCommits { _, _ in commits.increment() }
        let times = Recorder()
        let rows = Counter()
        let written = try Self.bytesWritten()
        let begin = loop.now
        let end = begin + .seconds(load.seconds)
        let loop = loop
        await withTaskGroup(of: Void.self) { group in
            for _ in 0 ..< load.tasks {
                group.addTask {
                    while loop.now < end {
                        let start = loop.now
                        let drafts = Array(repeating: Self.draft(load.lane), count: load.group)
                        await store.accept(drafts, keeping: [])
                        times.add(loop.now - start)
                        rows.add(load.group)
                    }
                }
            }
        }
        let seconds = (loop.now - begin).seconds
        let bytes = Double(try Self.bytesWritten() - written)
        await store.close()
        thread.stop()
        thread.join()
        return Outcome(
            commits: Double(commits.value) / seconds, rows: Double(rows.value) / seconds,
            bytesPerRow: bytes / Double(rows.value), times: times.all)
    }

    private static func draft(_ lane: Lane) -> Draft {
        Draft(lane: lane, topic: "patient/p-17/reading/oxygen-saturation", schema: "reading", body: body)
    }

    /// What this process has caused to be written to storage.
    private static func bytesWritten() throws -> Int {
        for line in try File.readText("/proc/self/io").split(separator: "\n") where line.hasPrefix("write_bytes:") {
            return Int(line.split(separator: " ").last ?? "") ?? 0
        }
        return 0
    }

    /// What the disk itself takes.
    private func syncFloor() throws -> Samples {
        let path = folder + "/floor"
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw BenchError("cannot write \(path)") }
        defer { close(descriptor) }
        let bytes = [UInt8](repeating: 7, count: 8192)
        var times = Samples()
        for _ in 0 ..< 1000 {
            let start = loop.now
            let count = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
            guard count == bytes.count, fdatasync(descriptor) == 0 else { throw BenchError("cannot sync \(path)") }
            times.add(loop.now - start)
        }
        return times
    }

    private func comparePeer(_ alert: Outcome, _ report: Report) throws {
        guard !options.python.isEmpty else { return }
        let peer = try Peer.run("outbox.py", [folder + "/peer", "1500", "\(Self.payloadBytes)"], options)
        guard let rate = peer["perSecond"], let bytes = peer["bytesPerRow"] else {
            throw BenchError("the peer said nothing")
        }
        let synchronous = peer["synchronous"] == 2 ? "FULL" : "\(peer["synchronous"] ?? -1)"
        report.say(
            "Peer: PyPI `persist-queue`, `SQLiteAckQueue(auto_commit=True)`, WAL with synchronous=\(synchronous), "
                + "payloads of the same size.")
        report.table(
            ["one message, one commit", "homeward alert", "persist-queue", "ratio"],
            [
                ["commits/s", figure(alert.commits), figure(rate), figure(alert.commits / rate)],
                [
                    "p50 ms", figure(alert.times.milliseconds(0.5)), figure(peer["p50"] ?? .nan),
                    figure(alert.times.milliseconds(0.5) / (peer["p50"] ?? .nan)),
                ],
                [
                    "p99 ms", figure(alert.times.milliseconds(0.99)), figure(peer["p99"] ?? .nan),
                    figure(alert.times.milliseconds(0.99) / (peer["p99"] ?? .nan)),
                ],
                [
                    "bytes written per row", figure(alert.bytesPerRow), figure(bytes),
                    figure(alert.bytesPerRow / bytes),
                ],
            ])
    }
}

/// A count that several threads add to.
final class Counter: Sendable {
    private let number = Atomic<Int>(0)
    var value: Int { number.load(ordering: .relaxed) }
    func increment() { add(1) }
    func add(_ count: Int) { number.add(count, ordering: .relaxed) }
}

/// Times that several tasks take.
final class Recorder: Sendable {
    private let times = Mutex(Samples())
    var all: Samples { times.withLock { $0 } }
    func add(_ duration: Duration) { times.withLock { $0.add(duration) } }
}
