import Glibc

/// Tables on standard output, for people or as Markdown.
struct Report {
    let isMarkdown: Bool

    mutating func title(_ text: String) { print(isMarkdown ? "\n### \(text)" : "\n\(text)") }

    func say(_ text: String) { print(isMarkdown ? "\n\(text)" : text) }

    /// The first column is text, the others are numbers.
    func table(_ heads: [String], _ rows: [[String]]) {
        let widths = heads.indices.map { column in
            ([heads] + rows).map { $0[column].count }.max() ?? 0
        }
        if isMarkdown { print("") }
        line(heads, widths)
        if isMarkdown {
            line(widths.enumerated().map { $0 == 0 ? dashes($1) : dashes($1 - 1) + ":" }, widths)
        }
        for row in rows { line(row, widths) }
        fflush(nil)
    }

    private func line(_ cells: [String], _ widths: [Int]) {
        let padded = cells.enumerated().map { column, cell in
            let blanks = String(repeating: " ", count: max(0, widths[column] - cell.count))
            return column == 0 ? cell + blanks : blanks + cell
        }
        print(isMarkdown ? "| \(padded.joined(separator: " | ")) |" : "  " + padded.joined(separator: "  "))
    }

    private func dashes(_ count: Int) -> String { String(repeating: "-", count: max(1, count)) }

    static func complain(_ text: String) {
        let bytes = Array((text + "\n").utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

/// Three digits that matter, or the whole number; `1.23`, `12.3`, `1 234`.
func figure(_ value: Double) -> String {
    guard value.isFinite else { return "-" }
    if value < 10 { return fixed(value, 2) }
    if value < 100 { return fixed(value, 1) }
    var digits = String(Int(value.rounded()))
    var groups: [String] = []
    while digits.count > 3 {
        groups.insert(String(digits.suffix(3)), at: 0)
        digits.removeLast(3)
    }
    return ([digits] + groups).joined(separator: " ")
}

private func fixed(_ value: Double, _ places: Int) -> String {
    let scale = places == 2 ? 100.0 : 10.0
    let scaled = Int((value * scale).rounded())
    let fraction = String(scaled % Int(scale))
    return "\(scaled / Int(scale))." + String(repeating: "0", count: places - fraction.count) + fraction
}

/// Times of many equal things.
struct Samples {
    private var seconds: [Double] = []

    mutating func add(_ duration: Duration) { seconds.append(duration.seconds) }

    /// Milliseconds within which that share of them lies.
    func milliseconds(_ share: Double) -> Double {
        let sorted = seconds.sorted()
        guard !sorted.isEmpty else { return .nan }
        let index = min(sorted.count - 1, Int((Double(sorted.count) * share).rounded(.down)))
        return sorted[index] * 1000
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
