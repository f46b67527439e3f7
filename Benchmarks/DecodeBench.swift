import DriverKit
import Drivers
import Glibc
import Linux
import Vitals

/// How fast drivers turn bytes into readings.
struct DecodeBench {
    private let options: Options
    private static let budgetMegabytesPerSecond = 100.0
    private static let chunks = [64, 4096]

    init(_ options: Options) { self.options = options }

    func run(_ report: inout Report) throws {
        report.title("Decoders: MB/s on one core (budget: \(figure(Self.budgetMegabytesPerSecond)))")
        var rows: [[String]] = []
        var bci: [Int: Double] = [:]
        for stream in Stream.all() {
            for hasWaveform in stream.hasWaveform ? [false, true] : [false] {
                let rates = Self.chunks.map { Self.rate(stream, chunk: $0, hasWaveform: hasWaveform) }
                if stream.name == "BCI", hasWaveform { bci = [64: rates[0], 4096: rates[1]] }
                let real = rates[0] / Double(stream.bytesPerSecond)
                rows.append(
                    [stream.name, hasWaveform ? "on" : "off"] + rates.map { figure($0 / 1e6) } + [figure(real)])
            }
        }
        report.table(["format", "waveform", "64-byte chunks", "4096-byte chunks", "× real time (64)"], rows)
        try comparePeer(bci, report)
    }

    /// Bytes per second of processor time, for at least a second and 64 MB.
    private static func rate(_ stream: Stream, chunk: Int, hasWaveform: Bool) -> Double {
        var driver: any Driver = stream.driver.init(settings: DriverSettings(reportsWaveforms: hasWaveform))
        play(stream, chunk, &driver)
        var bytes = 0
        let begin = processorSeconds
        while bytes < 64_000_000 || processorSeconds - begin < 1 {
            play(stream, chunk, &driver)
            bytes += stream.bytes.count
        }
        return Double(bytes) / (processorSeconds - begin)
    }

    /// Of this thread: what else runs on the machine matters less than on a wall clock.
    private static var processorSeconds: Double {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// Once through, a turn for each chunk as in the daemon.
    @inline(never)
    private static func play(_ stream: Stream, _ chunk: Int, _ driver: inout any Driver) {
        let span = stream.bytes.span
        var start = 0
        var readings = 0
        while start < span.count {
            let end = min(start + chunk, span.count)
            var turn = Turn(now: .boot)
            driver.receive(span.extracting(start ..< end), from: .serial, &turn)
            readings += turn.events.count
            start = end
        }
        precondition(readings >= Stream.seconds, "\(stream.name) was not understood")
    }

    private func comparePeer(_ ours: [Int: Double], _ report: Report) throws {
        guard !options.python.isEmpty else { return }
        let file = options.folder + "/bci.bin"
        try File.write(Array(Stream.bci()), to: file)
        var rows: [[String]] = []
        for (chunk, rate) in ours.sorted(by: { $0.key < $1.key }) {
            let peer = try Peer.run("decode.py", [file, "\(chunk)"], options)
            guard let theirs = peer["bytesPerSecond"] else { throw BenchError("the peer said nothing") }
            rows.append([
                "BCI, \(chunk)-byte chunks, waveform on", figure(rate / 1e6), figure(theirs / 1e6),
                figure(rate / theirs),
            ])
        }
        report.say("Peer: PyPI `berry-oximeter`, its BCI parser on the same bytes, in the same run.")
        report.table(["", "homeward MB/s", "berry-oximeter MB/s", "ratio"], rows)
    }
}

/// Another program that does the same.
enum Peer {
    /// Runs a script of `Benchmarks/Peers`; it prints lines `name number`.
    static func run(_ script: String, _ arguments: [String], _ options: Options) throws -> [String: Double] {
        let child = try ChildProcess(options.python, ["\(options.peers)/\(script)"] + arguments, output: .pipe)
        var text: [UInt8] = []
        while let bytes = try child.readOutput() {
            text += bytes
            if bytes.isEmpty { usleep(10_000) }
        }
        guard child.waitForEnding(atMost: .seconds(10)) == .status(0) else { throw BenchError("\(script) failed") }
        var figures: [String: Double] = [:]
        for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2 { figures[String(words[0])] = Double(String(words[1])) }
        }
        return figures
    }
}
