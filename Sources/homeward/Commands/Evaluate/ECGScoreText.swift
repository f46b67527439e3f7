import ECG
import Evaluation

/// A score as lines for people.
enum ECGScoreText {
    private static let head = [
        "record", "beats", "TP", "FP", "FN", "Se %", "+P %", "DER %", "V Se", "V +P", "S Se", "S +P", "AF Se",
        "AF Sp",
        "VF/VT Se", "VF/VT Sp", "false/h", "M/s",
    ]

    /// One line a record and one for all.
    static func table(_ scores: [(name: String, score: ECGScore)]) -> [String] {
        TextTable.lines([head] + scores.map { row($0.name, $0.score) })
    }

    private static func row(_ name: String, _ score: ECGScore) -> [String] {
        let beats = score.beats
        let hasReference = score.hasReference
        func count(_ value: Int) -> String { hasReference ? "\(value)" : "-" }
        let ectopic = [BeatClass.ventricular, .supraventricular].flatMap { beatClass in
            let tally = beats.ectopic(beatClass)
            return [
                Percent.of(tally.truePositives, in: tally.truePositives + tally.falseNegatives),
                Percent.of(tally.truePositives, in: tally.truePositives + tally.falsePositives),
            ].map { TextTable.fixed($0, 1) }
        }
        let rhythms = [score.atrialFibrillation, score.ventricularTachyarrhythmia].flatMap {
            [TextTable.fixed($0.sensitivity, 1), TextTable.fixed($0.specificity, 2)]
        }
        return [
            name, count(beats.truePositives + beats.falseNegatives), count(beats.truePositives),
            count(beats.falsePositives), count(beats.falseNegatives), TextTable.fixed(beats.sensitivity, 3),
            TextTable.fixed(beats.positivePredictivity, 3), TextTable.fixed(beats.detectionErrorRate, 3),
        ] + ectopic + rhythms + [
            TextTable.fixed(score.falseAlarmsPerHour, 2),
            TextTable.fixed(score.samplesPerSecond.map { $0 / 1_000_000 }, 2),
        ]
    }

    /// What the table has no room for.
    static func summary(_ score: ECGScore) -> [String] {
        var lines = [""]
        if score.hasReference { lines += matrix(score.beats) + [""] }
        for (name, tally) in score.rhythms where tally.referenceEpisodes + tally.foundEpisodes > 0 {
            lines.append(
                "\(name): \(TextTable.fixed(tally.truePositiveSeconds + tally.falseNegativeSeconds, 0)) s, "
                    + "Se \(TextTable.fixed(tally.sensitivity, 2)) %, "
                    + "Sp \(TextTable.fixed(tally.specificity, 3)) %, "
                    + "+P \(TextTable.fixed(tally.positivePredictivity, 2)) %; "
                    + "\(tally.referenceEpisodesFound) of \(tally.referenceEpisodes) episodes found, "
                    + "\(tally.foundEpisodesTrue) of \(tally.foundEpisodes) told are true; windows of 5 s: "
                    + "Se \(TextTable.fixed(tally.windows.sensitivity, 2)) %, "
                    + "Sp \(TextTable.fixed(tally.windows.specificity, 3)) %")
        }
        for kind in ECG.Finding.Kind.allCases where kind.isLifeThreatening {
            guard let tally = score.alarms[kind], tally != AlarmTally() else { continue }
            lines.append(
                "\(kind.rawValue): \(tally.trueAlarms) true, \(tally.falseAlarms) false, "
                    + "\(tally.unjudgedAlarms) not judged; \(tally.referenceEventsFound) of "
                    + "\(tally.referenceEvents) events told, after "
                    + "\(TextTable.fixed(tally.delaySecondsMedian, 1)) s (median), "
                    + "\(TextTable.fixed(tally.delaySecondsMax, 1)) s (most)")
        }
        let counts = ECG.Finding.Kind.allCases.compactMap { kind in
            score.findings[kind].map { "\(kind.rawValue) \($0)" }
        }
        lines.append("findings: \(counts.isEmpty ? "none" : counts.joined(separator: ", "))")
        lines.append(
            "signal: \(score.qualitySeconds[2]) s good, \(score.qualitySeconds[1]) s poor, "
                + "\(score.qualitySeconds[0]) s bad")
        if let offset = score.beats.offsetMilliseconds {
            lines.append(
                "places of beats: \(TextTable.fixed(offset.mean, 1)) ms off, "
                    + "SD \(TextTable.fixed(offset.deviation, 1)) ms; "
                    + "told after \(TextTable.fixed(score.beatDelay.secondsMean, 2)) s (mean), "
                    + "\(TextTable.fixed(score.beatDelay.secondsMax, 2)) s (most)")
        }
        if let speed = score.samplesPerSecond, let times = score.timesRealTime {
            lines.append(
                "\(TextTable.fixed(speed / 1_000_000, 2)) million samples a second, "
                    + "\(TextTable.fixed(times, 0)) x real time (analysis alone, one core)")
        }
        return lines
    }

    private static func matrix(_ beats: BeatTally) -> [String] {
        let letters = BeatClass.allCases.map { String($0.letter) }
        var rows = [["reference"] + letters + ["missed"]]
        for (row, name) in (letters + ["extra"]).enumerated() {
            rows.append([name] + beats.matrix[row].enumerated().map { row == 5 && $0 == 5 ? "" : "\($1)" })
        }
        return TextTable.lines(rows)
    }
}

/// Columns of text.
enum TextTable {
    /// The first column stands left, the others right.
    static func lines(_ rows: [[String]]) -> [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0 ..< columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            let cells = row.enumerated().map { column, text in
                let space = String(repeating: " ", count: widths[column] - text.count)
                return column == 0 ? text + space : space + text
            }
            return cells.joined(separator: "  ")
        }
    }

    /// With so many digits behind the point; `-` for nothing.
    static func fixed(_ value: Double?, _ digits: Int) -> String {
        guard let value, value.isFinite else { return "-" }
        var scale = 1.0
        for _ in 0 ..< digits { scale *= 10 }
        guard let scaled = Int(exactly: (abs(value) * scale).rounded()) else { return "\(value)" }
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard digits > 0 else { return "\(sign)\(scaled)" }
        let text = "\(scaled)"
        let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
        return "\(sign)\(padded.dropLast(digits)).\(padded.suffix(digits))"
    }
}
