/// Columns of text with a line of titles, as wide as they are told to be.
struct Table {
    struct Cell {
        var text: String
        var style: Console.Style?

        init(_ text: String, _ style: Console.Style? = nil) {
            self.text = text
            self.style = style
        }
    }

    let columns: [(title: String, width: Int)]
    let console: Console
    let text: TerminalText

    static let gap = 2

    var head: String { console.styled(joined(columns.map { Cell($0.title) }), .dim) }

    func row(_ cells: [Cell]) -> String { joined(cells) }

    private func joined(_ cells: [Cell]) -> String {
        var row = ""
        for (index, (cell, column)) in zip(cells, columns).enumerated() {
            let isLast = index == columns.count - 1
            let cut = isLast ? text.cut(cell.text, column.width) : text.filled(cell.text, column.width)
            row += cell.style.map { console.styled(cut, $0) } ?? cut
            if !isLast { row += TerminalText.spaces(Self.gap) }
        }
        return row
    }
}

/// How values are told to a person.
enum Words {
    /// `now`, `12 s`, `3 min`, `2 h`, `4 d`; `-` when it is not known.
    static func age(milliseconds: Double?) -> String {
        guard let milliseconds, milliseconds.isFinite, milliseconds >= 0 else { return "-" }
        let seconds = Int(min(milliseconds / 1000, 1e9))
        switch seconds {
        case ..<2: return "now"
        case ..<100: return "\(seconds) s"
        case ..<6000: return "\(seconds / 60) min"
        case ..<172_800: return "\(seconds / 3600) h"
        default: return "\(seconds / 86_400) d"
        }
    }

    /// `3 d 4 h`, `2 h 5 min`, `12 s`
    static func duration(seconds: Double) -> String {
        let seconds = seconds.isFinite ? Int(max(0, min(seconds, 1e9))) : 0
        switch seconds {
        case ..<60: return "\(seconds) s"
        case ..<3600: return "\(seconds / 60) min"
        case ..<86_400: return "\(seconds / 3600) h \(seconds / 60 % 60) min"
        default: return "\(seconds / 86_400) d \(seconds / 3600 % 24) h"
        }
    }

    static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
        "\(number) \(number == 1 ? one : many ?? one + "s")"
    }

    /// `2026-11-21T12:00:00.000Z` → `2026-11-21 12:00 UTC`
    static func time(_ text: String) -> String {
        let minutes = text.prefix(16)
        guard minutes.count == 16, minutes.contains("T"), text.hasSuffix("Z") else { return text }
        return minutes.replacing("T", with: " ") + " UTC"
    }
}
