import Foundation
import Testing

/// Small enough to be read in one go.
@Suite struct Small {
    static let linesMax = 300
    static let testLinesMax = 450
    static let columnsMax = 116
    static let functionLinesMax = 60

    /// Long because they are tables: one row for each metric.
    static let tables: Set = ["Sources/Vitals/MetricDefinition.swift"]

    @Test func `is every file`() {
        for file in House.everything where !Self.tables.contains(file.path) {
            let most = file.path.hasPrefix("Tests/") ? Self.testLinesMax : Self.linesMax
            let count = file.lines.last == "" ? file.lines.count - 1 : file.lines.count
            #expect(
                count <= most, "\(file.path): \(count) lines, at most \(most): find the second thing that it does")
        }
    }

    @Test func `is every line`() {
        for file in House.everything {
            for (index, line) in file.lines.enumerated() where line.count > Self.columnsMax {
                Issue.record("\(file.path):\(index + 1): \(line.count) columns, at most \(Self.columnsMax)")
            }
        }
    }

    @Test func `is every function`() {
        for file in House.everything where !Self.tables.contains(file.path) {
            for (start, count) in functions(in: file) where count > Self.functionLinesMax {
                Issue.record(
                    "\(file.path):\(start): a function of \(count) lines, at most \(Self.functionLinesMax)")
            }
        }
    }

    @Test func `is measured as it should be`() {
        let file = SourceFile("Tests/ArchitectureTests/SizeTests.swift")
        #expect(functions(in: file).contains { $0.count > 5 && $0.count < 30 })
    }

    /// First lines and lengths: from `func` or `init` to the brace that stands as far in as its line begins.
    private func functions(in file: SourceFile) -> [(start: Int, count: Int)] {
        let code = file.code
        return code.indices.compactMap { index in
            let text = code[index].text
            guard text.contains(/\bfunc\s|\binit[?(<]|\bvar .*\{$/), !text.hasSuffix("}") else { return nil }
            let indent = text.prefix { $0 == " " }
            guard let end = code[index...].firstIndex(where: { $0.text == "\(indent)}" }) else { return nil }
            let isOfThis = code[index ... end].dropFirst().allSatisfy { line in
                line.text.isEmpty || line.text.hasPrefix(indent)
            }
            return isOfThis ? (code[index].number, end - index + 1) : nil
        }
    }
}
