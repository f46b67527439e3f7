/// A table of words and numbers on the paper, with one line for each row.
struct TextTable: Sendable {
    var columns: [Column]
    var rows: [[String]]
    /// Rows set in bold: what counts.
    var bold: Set<Int> = []

    struct Column: Sendable {
        var name: String
        var width: Double
        var anchor: Drawing.Anchor = .end
    }

    static let rowHeight = 4.4

    var height: Double { Double(rows.count + 1) * Self.rowHeight }

    func draw(on drawing: inout Drawing, at corner: Drawing.Point, size: Double = 2.9, colours: [String?] = []) {
        let width = columns.map(\.width).reduce(0, +)
        var x = corner.x
        for column in columns {
            drawing.text(
                column.name, at: place(column, x, corner.y), size: size, anchor: column.anchor,
                colour: Palette.faint)
            x += column.width
        }
        drawing.line(
            from: .init(corner.x, corner.y + 1.2), to: .init(corner.x + width, corner.y + 1.2),
            .init(Palette.frame, 0.2))
        for (number, row) in rows.enumerated() {
            let y = corner.y + Double(number + 1) * Self.rowHeight
            x = corner.x
            for (column, words) in zip(columns, row) {
                drawing.text(
                    words, at: place(column, x, y), size: size, anchor: column.anchor, isBold: bold.contains(number)
                )
                x += column.width
            }
            if number < colours.count, let colour = colours[number] {
                drawing.line(from: .init(corner.x - 5, y - 1), to: .init(corner.x - 1, y - 1), .init(colour, 0.7))
            }
        }
    }

    private func place(_ column: Column, _ x: Double, _ y: Double) -> Drawing.Point {
        switch column.anchor {
        case .start: .init(x, y)
        case .middle: .init(x + column.width / 2, y)
        case .end: .init(x + column.width - 1.5, y)
        }
    }
}
