import Delivery
import Evaluation
import Oximetry
import Vitals

/// What `homeward evaluate oximetry` prints.
enum OximetryReport {
    static func json(_ evaluations: [(String, OximetryEvaluation)]) -> [UInt8] {
        JSONText.object { json in
            json.objects("files", evaluations) { evaluation, json in
                json.member("file", evaluation.0)
                write(evaluation.1.reference, &json)
                json.objects("columns", evaluation.1.columns) { column, json in
                    json.member("name", column.name)
                    write(column, &json)
                }
                json.objects("comparisons", evaluation.1.comparisons) { write($0, &$1) }
            }
        }
    }

    private static func write(_ result: OximetryEvaluation.Result, _ json: inout JSONText) {
        let summary = result.summary
        json.member("evaluated", result.name)
        json.object("definitions") { json in
            write("vendorCompatible", summary.vendorCompatible, result, .vendorCompatible, &json)
            write("aasm", summary.aasm, result, .aasm, &json)
        }
        json.member("validHours", summary.validHours)
        json.member("heldSeconds", summary.heldSeconds)
        json.member("gapSeconds", summary.gapSeconds)
        json.number("t90Percent", summary.t90Percent)
        json.number("t88Percent", summary.t88Percent)
        json.number("mean", summary.mean)
        json.number("nadir", summary.nadir)
        json.number("deltaIndex", summary.deltaIndex)
        json.number("hypoxicBurden", summary.hypoxicBurden)
        json.number("meanPulseRate", summary.meanPulseRate)
        json.object("perfusion") { json in
            json.number("mean", summary.perfusion.mean)
            json.number("perHour", summary.perfusion.perHour)
            json.number("lowShare", summary.perfusion.lowShare)
        }
        json.object("clusters") { json in
            json.member("count", summary.clusters.count)
            json.member("events", summary.clusters.events)
            json.member("seconds", summary.clusters.seconds)
        }
        json.object("screening") { json in
            if let grade = summary.screening.grade {
                json.member("grade", grade.rawValue)
            } else {
                json.null("grade")
            }
            json.member("isConclusive", summary.screening.isConclusive)
            json.member("note", note)
        }
        json.object("rejected") { json in
            for reason in OximetryRejection.allCases { json.member(reason.rawValue, summary.rejected[reason] ?? 0) }
        }
        events(result.events[.aasm] ?? [], &json)
    }

    static let note = "a screening from saturation alone, not a diagnosis"

    private static func write(
        _ name: String, _ counts: DesaturationCounts, _ result: OximetryEvaluation.Result,
        _ definition: DesaturationDefinition, _ json: inout JSONText
    ) {
        json.object(name) { json in
            json.number("odi3", counts.odi3)
            json.number("odi4", counts.odi4)
            json.member("events3", counts.events3)
            json.member("events4", counts.events4)
            events(result.events[definition] ?? [], &json)
        }
    }

    private static func events(_ events: [DesaturationEvent], _ json: inout JSONText) {
        json.objects("events", events) { event, json in
            json.member("startSeconds", event.startSecond)
            json.member("durationSeconds", event.durationSeconds)
            json.member("nadirSeconds", event.nadirSecond)
            json.member("baseline", Double(event.baseline) / 100)
            json.member("nadir", Double(event.nadir) / 100)
            json.member("depth", Double(event.depth) / 100)
            json.member("isCutOff", event.isCutOff)
        }
    }

    private static func write(_ comparison: OximetryEvaluation.Comparison, _ json: inout JSONText) {
        json.member("name", comparison.name)
        json.member("matched", comparison.matched)
        json.member("missed", comparison.missed)
        json.member("extra", comparison.extra)
        json.number("nadirDifference", comparison.nadirDifference)
        json.number("eventNadirDifference", comparison.eventNadirDifference)
    }
}

extension OximetryReport {
    /// For people.
    static func lines(_ file: String, _ evaluation: OximetryEvaluation) -> [String] {
        let results =
            evaluation.columns.count > 1 ? [evaluation.reference] + evaluation.columns : evaluation.columns
        var lines = [file]
        for result in results { lines += self.lines(result).map { "  \($0)" } }
        for comparison in evaluation.comparisons {
            let difference = text(comparison.nadirDifference, 1)
            lines.append(
                "  \(comparison.name) against the others: events matched \(comparison.matched), missed "
                    + "\(comparison.missed), extra \(comparison.extra); nadir \(difference) % apart")
        }
        return lines
    }

    private static func lines(_ result: OximetryEvaluation.Result) -> [String] {
        let summary = result.summary
        let screening = summary.screening
        let grade = screening.grade.map(\.rawValue) ?? "too little time"
        return [
            "\(result.name): \(text(summary.validHours, 2)) h valid, \(summary.gapSeconds) s without a value",
            "  saturation mean \(text(summary.mean, 1)) %, nadir \(text(summary.nadir, 1)) %, below 90 % "
                + "\(text(summary.t90Percent, 1)) % of the time, below 88 % \(text(summary.t88Percent, 1)) %",
            "  vendor-compatible: \(text(summary.vendorCompatible))", "  AASM-style:        \(text(summary.aasm))",
            "  hypoxic burden \(text(summary.hypoxicBurden, 1)) %min/h, clusters \(summary.clusters.count)",
            "  screening (not a diagnosis): \(grade)\(screening.isConclusive ? "" : ", not conclusive")",
        ]
    }

    private static func text(_ counts: DesaturationCounts) -> String {
        "ODI3 \(text(counts.odi3, 1)) (\(counts.events3) events), ODI4 \(text(counts.odi4, 1)) (\(counts.events4))"
    }

    private static func text(_ value: Double?, _ digits: Int) -> String {
        value.map { decimal($0, fractionDigits: digits) } ?? "-"
    }
}

extension JSONText {
    /// One object for each.
    fileprivate mutating func objects<Element>(
        _ name: String, _ elements: [Element], _ write: (Element, inout JSONText) -> Void
    ) {
        array(name, objects: elements.count) { write(elements[$0], &$1) }
    }
}
