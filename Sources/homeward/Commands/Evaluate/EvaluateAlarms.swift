import Delivery
import ECG
import Evaluation
import Linux
import WFDB

extension Command {
    static let evaluateAlarms = Command(
        name: "alarms", synopsis: "evaluate alarms --records DIR [--only R1,R2] [--json]",
        summary: "Judges monitors' alarms as true or false (Computing in Cardiology Challenge 2015).",
        details: [
            "  --records DIR    WFDB records with an alarm at 300 s",
            "  --only R1,R2     of these records only",
            "  --json           one object with records, types and total",
            "",
            "What each alarm is, and whether it was true, says the file ALARMS (record,kind,0 or 1), or else the",
            "comments of the headers. Only what was before the alarm is looked at. The score is",
            "100 (TP + TN) / (TP + TN + FP + 5 FN): a true alarm that is suppressed (FN) counts five times.",
        ],
        grammar: .init(options: ["--records", "--only"], flags: ["--json"])
    ) { arguments, _ in
        try AlarmEvaluation(arguments).run(isJSON: arguments.has("--json"))
    }
}

/// One run of `homeward evaluate alarms`.
struct AlarmEvaluation {
    private let folder: DiskFolder
    private let records: [String]
    /// By the list beside the records; `nil` without one.
    private let listed: [String: AlarmCase]?

    struct Judged {
        var alarm: AlarmCase
        var verdict: AlarmVerdict
    }

    init(_ arguments: Arguments) throws(CommandError) {
        folder = try DiskFolder(arguments["--records"], of: "alarms")
        let chosen = try folder.chosen(arguments["--only"], of: "alarms")
        guard File.exists("\(folder.path)/\(AlarmCase.listName)") else {
            records = chosen
            listed = nil
            return
        }
        do {
            let list = try AlarmCase.list(parsing: try folder.bytes(of: AlarmCase.listName))
            let cases = Dictionary(list.map { ($0.record, $0) }, uniquingKeysWith: { $1 })
            listed = cases
            records = chosen.filter { cases[$0] != nil }
        } catch {
            throw CommandError(.dataError, "evaluate alarms: \(error)")
        }
    }

    func run(isJSON: Bool) throws -> ExitCode {
        let console = try Console()
        var judged: [Judged] = []
        var failures: [(record: String, problem: String)] = []
        for name in records {
            do throws(EvaluationFailure) {
                judged.append(try judge(name))
            } catch {
                failures.append((name, error.text))
                Complaint.say("evaluate alarms: \(name): \(error.text)")
            }
        }
        if isJSON {
            console.line(Self.json(judged, failures))
        } else {
            for line in Self.text(judged) { console.line(line) }
        }
        console.flush()
        return failures.isEmpty ? .success : .dataError
    }

    private func judge(_ name: String) throws(EvaluationFailure) -> Judged {
        let record = try EvaluationFailure.of { try Record(named: name) { try folder.bytes(of: $0) } }
        guard let alarm = listed?[name] ?? AlarmCase(record.header) else {
            throw EvaluationFailure("neither \(AlarmCase.listName) nor its header says what the alarm was")
        }
        return Judged(alarm: alarm, verdict: AlarmRun.verdict(on: alarm, in: record))
    }

    private static func tallies(_ judged: [Judged]) -> (
        types: [(AlarmKind, SuppressionTally)], total: SuppressionTally
    ) {
        var types: [(AlarmKind, SuppressionTally)] = []
        var total = SuppressionTally()
        for kind in AlarmKind.allCases {
            var tally = SuppressionTally()
            for one in judged where one.alarm.kind == kind {
                tally.count(one.alarm.isTrue, kept: one.verdict.isTrue)
            }
            types.append((kind, tally))
            total += tally
        }
        return (types, total)
    }

    private static func text(_ judged: [Judged]) -> [String] {
        let rows = judged.map { one in
            [
                one.alarm.record, one.alarm.kind.rawValue, one.alarm.isTrue ? "true" : "false",
                one.verdict.isTrue ? "kept" : "suppressed", one.alarm.isTrue == one.verdict.isTrue ? "" : "WRONG",
                one.verdict.reasons.map(\.rawValue).joined(separator: " "),
            ]
        }
        let (types, total) = tallies(judged)
        let sums = (types.map { ($0.rawValue, $1) } + [("total", total)]).map { name, tally in
            [
                name, "\(tally.truePositives)", "\(tally.falsePositives)", "\(tally.falseNegatives)",
                "\(tally.trueNegatives)", TextTable.fixed(tally.sensitivity, 1),
                TextTable.fixed(tally.specificity, 1),
                TextTable.fixed(tally.score, 2),
            ]
        }
        return TextTable.lines([["record", "alarm", "truth", "verdict", "", "reasons"]] + rows) + [""]
            + TextTable.lines([["alarm", "TP", "FP", "FN", "TN", "Se %", "Sp %", "score"]] + sums)
    }

    private static func json(_ judged: [Judged], _ failures: [(record: String, problem: String)]) -> [UInt8] {
        let (types, total) = tallies(judged)
        return JSONText.object { json in
            json.member("units", "sensitivity, specificity, score: percent, 0...100; null: of nothing")
            json.array("records", objects: judged.count) { index, json in
                let one = judged[index]
                json.member("record", one.alarm.record)
                json.member("type", one.alarm.kind.rawValue)
                json.member("truth", one.alarm.isTrue)
                json.member("verdict", one.verdict.isTrue)
                json.array("reasons", one.verdict.reasons.map(\.rawValue))
            }
            json.object("types") { json in
                for (kind, tally) in types { json.object(kind.rawValue) { write(tally, &$0) } }
            }
            json.object("total") { write(total, &$0) }
            json.array("failures", objects: failures.count) { index, json in
                json.member("record", failures[index].record)
                json.member("problem", failures[index].problem)
            }
        }
    }

    private static func write(_ tally: SuppressionTally, _ json: inout JSONText) {
        json.member("tp", tally.truePositives)
        json.member("fp", tally.falsePositives)
        json.member("fn", tally.falseNegatives)
        json.member("tn", tally.trueNegatives)
        json.share("sensitivity", tally.sensitivity)
        json.share("specificity", tally.specificity)
        json.share("score", tally.score)
    }
}
