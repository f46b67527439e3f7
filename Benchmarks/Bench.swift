import Linux
import Loop
import Synchronization

/// Measures the program: see `script/bench`, which builds what is measured and calls this.
@main
struct Bench {
    static func main() {
        let words = Array(CommandLine.arguments.dropFirst())
        guard let options = Options(words) else {
            Report.complain(Options.usage)
            Program.exit(64)
        }
        do {
            try onLoop { loop in try await run(options, loop) }
        } catch {
            Report.complain("bench: \(error)")
            Program.exit(1)
        }
    }

    private static func run(_ options: Options, _ loop: EventLoop) async throws {
        var report = Report(isMarkdown: options.isMarkdown)
        try File.makeFolder(options.folder)
        if options.wants("decode") { try DecodeBench(options).run(&report) }
        if options.wants("outbox") { try await OutboxBench(options, loop).run(&report) }
        if options.wants("daemon") { try await DaemonBench(options, loop).run(&report) }
        if options.part == "ecg" { try ECGBench(options).run(&report) }
        if let what = options.instructionsOf { try ECGBench.runOnce(what, samples: options.samples, options) }
        if options.wants("size") { try SizeBench(options).run(&report) }
    }

    /// Runs asynchronous work on a loop of the calling thread.
    private static func onLoop(_ work: @escaping @Sendable (EventLoop) async throws -> Void) throws {
        let loop = EventLoop(name: "bench", waiter: try KernelWaiter())
        let failure = Mutex<(any Error)?>(nil)
        let isDone = Atomic<Bool>(false)
        Task(executorPreference: loop) {
            do { try await work(loop) } catch { failure.withLock { $0 = error } }
            isDone.store(true, ordering: .releasing)
        }
        loop.run { isDone.load(ordering: .acquiring) }
        if let error = failure.withLock({ $0 }) { throw error }
    }
}

/// What the command line asks for.
struct Options: Sendable {
    static let parts = ["decode", "outbox", "daemon", "size", "ecg", "ecg-detection", "ecg-chain"]
    static let usage = """
        usage: Bench [decode|outbox|daemon|size|all|ecg] [--markdown] [--seconds N] [--records FOLDER]
                     --program FILE --folder FOLDER --python FILE --peers FOLDER
        """

    var part = "all"
    var isMarkdown = false
    /// How long the daemon is watched.
    var seconds = 30
    /// The release build of homeward.
    var program = ".build/release/homeward"
    /// Where databases go; on a real disk.
    var folder = ".build/bench"
    /// An interpreter with the peers installed; empty: no peers.
    var python = ""
    var peers = "Benchmarks/Peers"
    /// ECGs as WFDB records.
    var records = ""
    /// How many of them are analysed where instructions are counted.
    var samples = 0

    init?(_ words: [String]) {
        var rest = words[...]
        while let word = rest.popFirst() {
            switch word {
            case "--markdown": isMarkdown = true
            case "--seconds":
                guard let number = rest.popFirst().flatMap({ Int($0) }), number > 0 else { return nil }
                seconds = number
            case "--program": program = rest.popFirst() ?? program
            case "--folder": folder = rest.popFirst() ?? folder
            case "--python": python = rest.popFirst() ?? python
            case "--records": records = rest.popFirst() ?? records
            case "--samples": samples = rest.popFirst().flatMap { Int($0) } ?? samples
            case "--peers": peers = rest.popFirst() ?? peers
            default:
                guard word == "all" || Self.parts.contains(word) else { return nil }
                part = word
            }
        }
    }

    /// What is run once, under a program that counts: `ecg-detection` or `ecg-chain`.
    var instructionsOf: String? { part.hasPrefix("ecg-") ? String(part.dropFirst(4)) : nil }

    func wants(_ name: String) -> Bool { part == "all" || part == name }
}

/// Something that a measurement needs and did not find.
struct BenchError: Error, CustomStringConvertible {
    var description: String
    init(_ text: String) { description = text }
}
