import Delivery
import Linux

/// Findings for a person, at most 80 columns wide, and for a program.
struct DoctorReport {
    private let console: Console
    private let text: TerminalText
    private static let columnsMax = 80
    private static let indent = 11

    init(_ console: Console) {
        self.console = console
        text = TerminalText(hasUnicode: console.hasUnicode)
    }

    func lines(_ findings: [Finding]) -> [String] {
        let wrong = findings.filter { $0.grade != .fine }.sorted { rank($0) > rank($1) }
        var lines = findings.filter { $0.grade == .fine }.flatMap { finding in
            labelled("ok", .green, number: nil, finding.cause)
        }
        if !wrong.isEmpty, !lines.isEmpty { lines.append("") }
        for (index, finding) in wrong.enumerated() { lines += self.lines(finding, number: index + 1) }
        return lines + summary(findings)
    }

    private func rank(_ finding: Finding) -> Int { Finding.Grade.allCases.firstIndex(of: finding.grade) ?? 0 }

    private func lines(_ finding: Finding, number: Int) -> [String] {
        let style: Console.Style =
            switch finding.grade {
            case .fault: .red
            case .warning: .yellow
            case .fine, .unseen: .dim
            }
        var lines = labelled(finding.grade.rawValue, style, number: number, Failure.sentence(finding.cause))
        if let proof = finding.proof { lines += field("Proof", proof) }
        if let remedy = finding.remedy { lines += field("Remedy", Failure.sentence(remedy)) }
        return lines + [""]
    }

    /// ` 3 fault   The broker …`
    private func labelled(_ label: String, _ style: Console.Style, number: Int?, _ words: String) -> [String] {
        let numeral = number.map(String.init) ?? ""
        let head = String(repeating: " ", count: max(0, 2 - numeral.count)) + numeral + " "
        let tag = label + String(repeating: " ", count: max(1, Self.indent - head.count - label.count))
        var rows = wrapped(words)
        let first = rows.isEmpty ? "" : String(rows.removeFirst().dropFirst(Self.indent))
        return [head + console.styled(tag, style) + first] + rows
    }

    private func field(_ name: String, _ words: String) -> [String] {
        var rows = TerminalText.wrapped(
            text.clean("\(name): \(words)"), columns: Self.columnsMax, indent: Self.indent,
            hanging: Self.indent + 2
        ).flatMap(cut)
        if let first = rows.first {
            let start = String(first.prefix(Self.indent))
            let rest = first.dropFirst(Self.indent + name.count + 1)
            rows[0] = start + console.styled("\(name):", .bold) + rest
        }
        return rows
    }

    private func wrapped(_ words: String) -> [String] {
        TerminalText.wrapped(text.clean(words), columns: Self.columnsMax, indent: Self.indent).flatMap(cut)
    }

    /// A word that is longer than a row, such as a path, goes on in the next.
    private func cut(_ row: String) -> [String] {
        guard row.count > Self.columnsMax else { return [row] }
        let head = row.prefix(Self.columnsMax)
        return [String(head)]
            + cut(String(repeating: " ", count: Self.indent + 2) + row.dropFirst(Self.columnsMax))
    }

    private func summary(_ findings: [Finding]) -> [String] {
        func count(_ grade: Finding.Grade) -> Int { findings.count { $0.grade == grade } }
        let faults = count(.fault)
        let warnings = count(.warning)
        let unseen = count(.unseen)
        var words = "\(Words.count(faults, "fault")), \(Words.count(warnings, "warning"))"
        words += ", \(count(.fine)) fine"
        if unseen > 0 { words += ", \(unseen) not seen" }
        return [console.styled(words, faults > 0 ? .red : warnings > 0 ? .yellow : .green)]
    }

    static func json(_ finding: Finding) -> String {
        let bytes = JSONText.object { json in
            json.member("part", finding.part)
            json.member("code", finding.code)
            json.member("grade", finding.grade.rawValue)
            json.member("cause", finding.cause)
            json.member("proof", ifPresent: finding.proof)
            json.member("remedy", ifPresent: finding.remedy)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
