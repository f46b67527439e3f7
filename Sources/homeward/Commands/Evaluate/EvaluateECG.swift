import Delivery
import ECG
import Evaluation
import Linux
import WFDB

extension Command {
    static let evaluateECG = Command(
        name: "ecg",
        synopsis: "evaluate ecg --records DIR [--only R1,R2] [--lead N] [--start SECONDS] [--no-events] [--json] "
            + "[--annotate DIR]",
        summary: "Runs the ECG analysis over WFDB records, and scores it against their annotations (EC57).",
        details: [
            "  --records DIR    header, signal and annotation (.atr) files",
            "  --only R1,R2     of these records only",
            "  --lead N         which signal: its number from 0, or its name; 0 unless told",
            "  --start SECONDS  what is before is analysed, and not scored",
            "  --no-events      without annotations nothing happened: life-threatening alarms are false",
            "  --json           one object with records and total; shares in percent",
            "  --annotate DIR   writes RECORD.hwa there: what was found, for WFDB's own tools",
            "",
            "The analysis is the daemon's: one lead, in pieces, without a look ahead. A record that cannot be read",
            "is told, the others are done, and the exit status is 65.",
        ],
        grammar: .init(
            options: ["--records", "--only", "--lead", "--start", "--annotate"], flags: ["--json", "--no-events"])
    ) { arguments, _ in
        try ECGEvaluation(arguments).run()
    }
}

/// One run of `homeward evaluate ecg`.
struct ECGEvaluation {
    private let folder: DiskFolder
    private let records: [String]
    private let lead: String
    private let startSeconds: Double
    private let isWithoutEvents: Bool
    private let isJSON: Bool
    private let annotations: String?

    static let startSecondsMax = 10_000_000

    init(_ arguments: Arguments) throws(CommandError) {
        folder = try DiskFolder(arguments["--records"], of: "ecg")
        records = try folder.chosen(arguments["--only"], of: "ecg")
        lead = arguments["--lead"] ?? "0"
        startSeconds = Double(try arguments.integer("--start", in: 0 ... Self.startSecondsMax) ?? 0)
        isWithoutEvents = arguments.has("--no-events")
        isJSON = arguments.has("--json")
        annotations = arguments["--annotate"]
        guard let annotations else { return }
        do throws(SystemError) { try File.makeFolder(annotations, mode: 0o755) } catch {
            throw CommandError(.cannotCreate, "evaluate ecg: --annotate: \(error)")
        }
    }

    func run() throws -> ExitCode {
        let console = try Console()
        var scores: [(name: String, score: ECGScore)] = []
        var failures: [(record: String, problem: String)] = []
        var total = ECGScore()
        for name in records {
            do throws(EvaluationFailure) {
                let score = try evaluate(name)
                scores.append((name, score))
                total += score
            } catch {
                failures.append((name, error.text))
                Complaint.say("evaluate ecg: \(name): \(error.text)")
            }
        }
        if isJSON {
            console.line(json(scores, total, failures))
        } else if !scores.isEmpty {
            for line in ECGScoreText.table(scores + [("total", total)]) { console.line(line) }
            for line in ECGScoreText.summary(total) { console.line(line) }
        }
        console.flush()
        return failures.isEmpty ? .success : .dataError
    }

    private func evaluate(_ name: String) throws(EvaluationFailure) -> ECGScore {
        let record = try EvaluationFailure.of { try Record(named: name) { try folder.bytes(of: $0) } }
        let lead = try number(of: record.header)
        if record.signalsWithWrongChecksum.contains(lead) {
            Complaint.say("evaluate ecg: \(name): signal \(lead) has another checksum than its header says")
        }
        let rate = record.sampleRateHz(of: lead)
        guard var chain = OneLead(sampleRateHz: rate) else {
            throw EvaluationFailure("it has \(rate) samples a second: \(OneLead.sampleRateHzRange) can be analysed")
        }
        let output = ECGRun.output(of: record, lead: lead, through: &chain) {
            // Of the processor: what else runs on the box matters less than on a wall clock.
            (try? ProcessUsage.read().cpuSeconds) ?? 0
        }
        if let annotations {
            try EvaluationFailure.of {
                try File.write(output.annotationFile.bytes, to: "\(annotations)/\(name).hwa", mode: 0o644)
            }
        }
        let reference = try reference(name, rate: record.header.sampleRateHz, leadRate: rate, output.seconds)
        return ECGScore(
            output, reference: reference, startSeconds: startSeconds, isWithoutEvents: isWithoutEvents)
    }

    /// Annotations count the record's frames, whatever the rate of the lead.
    private func reference(
        _ name: String, rate: Double, leadRate: Double, _ seconds: Double
    ) throws(EvaluationFailure) -> ReferenceECG? {
        let file = "\(name).atr"
        guard File.exists("\(folder.path)/\(file)") else { return nil }
        return try EvaluationFailure.of {
            var annotations = try AnnotationFile(parsing: try folder.bytes(of: file), file: file)
            annotations.ticksPerSecond = annotations.ticksPerSecond ?? rate
            return ReferenceECG(annotations, sampleRateHz: leadRate, seconds: seconds)
        }
    }

    private func number(of header: RecordHeader) throws(EvaluationFailure) -> Int {
        if let number = Int(lead), header.signals.indices.contains(number) { return number }
        if let number = header.signals.firstIndex(where: { $0.description == lead }) { return number }
        let known = header.signals.enumerated().map { "\($0) (\($1.description))" }.joined(separator: ", ")
        throw EvaluationFailure("--lead is '\(lead)', and it has \(known.isEmpty ? "no signal" : known)")
    }

    private func json(
        _ scores: [(name: String, score: ECGScore)], _ total: ECGScore,
        _ failures: [(record: String, problem: String)]
    ) -> [UInt8] {
        JSONText.object { json in
            json.member("units", ECGScoreJSON.units)
            json.array("records", objects: scores.count) { index, json in
                json.member("record", scores[index].name)
                ECGScoreJSON.write(scores[index].score, &json)
            }
            json.object("total") { ECGScoreJSON.write(total, &$0) }
            json.array("failures", objects: failures.count) { index, json in
                json.member("record", failures[index].record)
                json.member("problem", failures[index].problem)
            }
        }
    }
}

/// Why one record could not be evaluated.
struct EvaluationFailure: Error {
    var text: String

    init(_ text: String) { self.text = text }

    static func of<Value>(_ work: () throws -> Value) throws(EvaluationFailure) -> Value {
        do { return try work() } catch { throw EvaluationFailure("\(error)") }
    }
}

extension RecordFolder {
    /// The records that `--only` names, or all.
    func chosen(_ only: String?, of command: String) throws(CommandError) -> [String] {
        let all: [String]
        do { all = try records() } catch { throw CommandError(.noInput, "evaluate \(command): \(error)") }
        guard !all.isEmpty else {
            throw CommandError(.noInput, "evaluate \(command): there is no record (a .hea file) in the folder")
        }
        guard let only else { return all }
        let chosen = only.split(separator: ",").map { String($0) }
        if let missing = chosen.first(where: { !all.contains($0) }) {
            let hint = Similar.closest(to: missing, in: all).map { " (did you mean '\($0)'?)" } ?? ""
            throw CommandError(
                .noInput, "evaluate \(command): there is no record '\(missing)'\(hint) in the folder")
        }
        return chosen
    }
}
