import Evaluation
import Foundation
import Oximetry
import Testing

@Suite struct `Recorded oximetry` {
    private static func evaluate(_ text: String, _ interval: Int64? = nil) throws -> OximetryEvaluation {
        OximetryEvaluation(
            try OximetryTable(parsing: Array(text.utf8), intervalMilliseconds: interval),
            intervalMilliseconds: interval)
    }

    private static func lines(_ count: Int, _ line: (Int) -> String) -> String {
        (0 ..< count).map(line).joined(separator: "\n")
    }

    @Test(
        arguments: [
            "seconds,spo2\n", "Time;SpO2 (%)\n", "\u{FEFF}elapsed\tOxygen Level\n", "# a night\nt,saturation\n", "",
        ])
    func `has its columns found, whatever they are called`(_ heading: String) throws {
        let separator = heading.contains(";") ? ";" : heading.contains("\t") ? "\t" : ","
        let night = try Self.evaluate(
            heading + Self.lines(900) { "\($0)\(separator)\((400 ..< 430).contains($0) ? 91 : 97)" })
        #expect(night.columns.count == 1)
        #expect((night.reference.summary.validHours * 3600).rounded() == 900)
        #expect(night.reference.summary.aasm.events3 == 1)
    }

    @Test func `has its times read across midnight`() throws {
        let text =
            "Time,Oxygen Level\n"
            + Self.lines(1200) { second in
                let time = (86_000 + second) % 86_400
                return "\(time / 3600):\(time / 60 % 60):\(time % 60) Aug 03 2026,97"
            }
        #expect((try Self.evaluate(text).reference.summary.validHours * 3600).rounded() == 1200)
    }

    @Test func `without times takes the interval that is told`() throws {
        let text = Self.lines(100) { $0 == 50 ? "--" : "96" }
        #expect((try Self.evaluate(text, 4000).reference.summary.validHours * 3600).rounded() == 400)
        #expect((try Self.evaluate(text).reference.summary.validHours * 3600).rounded() == 100)
    }

    @Test(arguments: [
        "", "\n\n", "name,town\na,b\n", "seconds,spo2\n", "seconds,spo2\n1,0\n2,0\n", "0\n0\n", "\u{0}\u{1}",
    ])
    func `that is none is refused`(_ text: String) {
        #expect(throws: OximetryTableError.self) { try OximetryTable(parsing: Array(text.utf8)) }
    }

    @Test func `of several oximeters is compared`() throws {
        let text =
            "seconds,SpO2 1,SpO2 2,SpO2 3,Pulse 1\n"
            + Self.lines(1200) { second in
                let value = (600 ..< 640).contains(second) ? 88 : 97
                return "\(second),\(value),\(value - 1),0,60"
            }
        let evaluation = try Self.evaluate(text)
        #expect(evaluation.columns.map(\.name) == ["SpO2 1", "SpO2 2"])
        #expect(evaluation.comparisons.map(\.matched) == [1, 1])
        #expect(evaluation.comparisons.map(\.extra) == [0, 0])
        #expect(evaluation.comparisons.map(\.nadirDifference) == [1, -1])
    }

    private static let recordings: URL = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return ProcessInfo.processInfo.environment["HOMEWARD_DATA"].map { URL(filePath: $0) }
            ?? root.appending(path: "shared/data")
    }()

    private static var hypoxaemia: [URL] {
        ["100001", "100002", "100003"].map { recordings.appending(path: "uw_oximetry/\($0).csv") }
            .filter { FileManager.default.fileExists(atPath: $0.path) }
    }

    // Hoffman et al. 2022: induced hypoxaemia, several reference oximeters, 1 Hz.
    @Test(.enabled(if: !hypoxaemia.isEmpty), arguments: hypoxaemia)
    func `of induced hypoxaemia agrees with the reference oximeters`(_ file: URL) throws {
        let table = try OximetryTable(parsing: [UInt8](Data(contentsOf: file)))
        let evaluation = OximetryEvaluation(table)
        #expect(evaluation.columns.count == 4)
        for column in evaluation.columns {
            #expect(column.summary.aasm.events4 >= 1)
            #expect(column.summary.gapSeconds == 0)
        }
        for comparison in evaluation.comparisons {
            #expect(comparison.matched >= 1)
            #expect(comparison.missed + comparison.extra <= 1)
            // The oximeters themselves differ by so much.
            #expect(abs(comparison.nadirDifference ?? 100) <= 5)
        }
    }
}
