import ECG
import Glibc
import Linux
import Vitals
import WFDB

/// How fast the ECG's analysis is: the detection of beats alone, and all of it.
struct ECGBench {
    private let options: Options
    private static let budgetMillionsPerSecond = (detection: 40.0, chain: 16.0)
    /// Samples in a piece: a second of most devices.
    private static let piece = 250
    private static let secondsMin = 2.0

    init(_ options: Options) { self.options = options }

    func run(_ report: inout Report) throws {
        let leads = try Self.leads(options)
        let detection = Self.rate(leads, Self.detect)
        let chain = Self.rate(leads, Self.analyze)
        report.title("ECG: million samples a second on one core, \(leads.count) records")
        report.table(
            ["", "M samples/s", "budget"],
            [
                ["detection", figure(detection / 1e6), figure(Self.budgetMillionsPerSecond.detection)],
                ["whole chain", figure(chain / 1e6), figure(Self.budgetMillionsPerSecond.chain)],
            ])
        try File.write("detection \(detection)\nchain \(chain)\n", to: options.folder + "/ecg.txt", mode: 0o644)
    }

    /// Some samples of the first record through one of the two, to be counted by callgrind.
    static func runOnce(_ what: String, samples count: Int, _ options: Options) throws {
        guard let lead = try leads(options, recordsMax: 1).first else { throw BenchError("there is no record") }
        let samples = Lead(rate: lead.rate, samples: Array(lead.samples.prefix(count)))
        let beats = what == "detection" ? detect(samples) : analyze(samples)
        Report.complain("\(samples.samples.count) samples, \(beats) beats")
    }

    struct Lead {
        var rate: Double
        var samples: [Float]
    }

    /// The first signals of the records.
    private static func leads(_ options: Options, recordsMax: Int = .max) throws -> [Lead] {
        let headers = try File.names(in: options.records).filter { $0.hasSuffix(".hea") }
        return try headers.prefix(recordsMax).map { header in
            let record = try Record(named: String(header.dropLast(4))) {
                try File.read("\(options.records)/\($0)", bytesMax: 1 << 29)
            }
            return Lead(
                rate: record.sampleRateHz(of: 0), samples: record.physical(of: 0, frames: 0 ..< record.frameCount))
        }
    }

    /// Samples per second of processor time: the best of several times through all.
    private static func rate(_ leads: [Lead], _ work: (Lead) -> Int) -> Double {
        let count = leads.reduce(0) { $0 + $1.samples.count }
        var best = 0.0
        var passed = 0.0
        while passed < secondsMin {
            let begin = processorSeconds
            for lead in leads { precondition(work(lead) > 0, "nothing was found") }
            let seconds = processorSeconds - begin
            best = max(best, Double(count) / seconds)
            passed += seconds
        }
        return best
    }

    private static var processorSeconds: Double {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    @inline(never)
    private static func detect(_ lead: Lead) -> Int {
        guard var detector = LeadDetector(sampleRateHz: lead.rate) else { return 0 }
        var output = LeadOutput()
        var beats = 0
        var at = 0
        while at < lead.samples.count {
            let next = min(at + piece, lead.samples.count)
            detector.append(lead.samples[at ..< next], &output)
            beats += output.beats.count
            output.removeAll(keepingCapacity: true)
            at = next
        }
        detector.finish(&output)
        return beats + output.beats.count
    }

    @inline(never)
    private static func analyze(_ lead: Lead) -> Int {
        guard
            var analyzer = ECGAnalyzer(leads: [LeadDescription(.ecgLeadII, sampleRateHz: lead.rate)])
        else { return 0 }
        var output = ECGOutput()
        var beats = 0
        var at = 0
        while at < lead.samples.count {
            let next = min(at + piece, lead.samples.count)
            analyzer.append(lead: 0, lead.samples[at ..< next], &output)
            beats += output.beats.count
            output.removeAll()
            at = next
        }
        analyzer.finish(&output)
        return beats + output.beats.count
    }
}
