public import ECG
public import WFDB

/// A monitor's alarm in a record of the Computing in Cardiology Challenge 2015, and whether it was true.
public struct AlarmCase: Hashable, Sendable {
    public var record: String
    public var kind: AlarmKind
    public var isTrue: Bool

    /// Where the alarm is in every record of the challenge.
    public static let alarmSeconds = 300.0
    /// The list of alarms beside the records.
    public static let listName = "ALARMS"

    public init(record: String, kind: AlarmKind, isTrue: Bool) {
        self.record = record
        self.kind = kind
        self.isTrue = isTrue
    }

    /// What the challenge calls them.
    private static let names: [String: AlarmKind] = [
        "Asystole": .asystole, "Bradycardia": .extremeBradycardia, "Tachycardia": .extremeTachycardia,
        "Ventricular_Tachycardia": .ventricularTachycardia, "Ventricular_Flutter_Fib": .ventricularFibrillation,
    ]

    /// Lines of record, kind and 1 (true) or 0 (false), with commas between.
    public static func list(parsing bytes: [UInt8]) throws(WFDBError) -> [AlarmCase] {
        var cases: [AlarmCase] = []
        for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            let words = String(decoding: line, as: UTF8.self).split(separator: ",").map {
                String($0.filter { !$0.isWhitespace })
            }
            if words.allSatisfy(\.isEmpty) { continue }
            guard words.count == 3, let kind = names[words[1]], words[2] == "0" || words[2] == "1" else {
                throw WFDBError(
                    file: listName,
                    problem: "line \(index + 1): 'record,kind,0' or 'record,kind,1' is needed, with one of "
                        + names.keys.sorted().joined(separator: ", "))
            }
            cases.append(AlarmCase(record: words[0], kind: kind, isTrue: words[2] == "1"))
        }
        return cases
    }

    /// From the comments of a header: `Asystole` and `False alarm`. `nil` when they say nothing of it.
    public init?(_ header: RecordHeader) {
        guard let kind = header.comments.compactMap({ Self.names[$0] }).first else { return nil }
        let words = header.comments.map { $0.lowercased() }
        guard words.contains("true alarm") != words.contains("false alarm") else { return nil }
        self.init(record: header.name, kind: kind, isTrue: words.contains("true alarm"))
    }
}

/// Alarms kept and suppressed, rightly and wrongly.
public struct SuppressionTally: Hashable, Sendable {
    /// True alarms kept.
    public private(set) var truePositives = 0
    /// False alarms kept.
    public private(set) var falsePositives = 0
    /// True alarms suppressed: the worst that can be.
    public private(set) var falseNegatives = 0
    /// False alarms suppressed.
    public private(set) var trueNegatives = 0

    /// A suppressed true alarm counts so much.
    static let penalty = 5

    public init() {}

    public mutating func count(_ truth: Bool, kept: Bool) {
        switch (truth, kept) {
        case (true, true): truePositives += 1
        case (false, true): falsePositives += 1
        case (true, false): falseNegatives += 1
        case (false, false): trueNegatives += 1
        }
    }

    public static func += (sum: inout SuppressionTally, other: SuppressionTally) {
        sum.truePositives += other.truePositives
        sum.falsePositives += other.falsePositives
        sum.falseNegatives += other.falseNegatives
        sum.trueNegatives += other.trueNegatives
    }

    /// The challenge's score: 100 (TP + TN) / (TP + TN + FP + 5 FN).
    public var score: Double? {
        let right = truePositives + trueNegatives
        return Percent.of(right, in: right + falsePositives + Self.penalty * falseNegatives)
    }
    /// True alarms that were kept, in percent.
    public var sensitivity: Double? { Percent.of(truePositives, in: truePositives + falseNegatives) }
    /// False alarms that were suppressed, in percent.
    public var specificity: Double? { Percent.of(trueNegatives, in: trueNegatives + falsePositives) }
}
