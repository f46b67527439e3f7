/// Names and values of the whole, in four columns.
struct Summary: Sendable {
    var entries: [(name: String, value: String)]

    static let columns = 4
    private static let columnWidth = 64.0

    private var rows: Int { (entries.count + Self.columns - 1) / Self.columns }
    var height: Double { Double(rows) * TextTable.rowHeight }

    func draw(on drawing: inout Drawing, at corner: Drawing.Point, size: Double = 2.9) {
        for (number, entry) in entries.enumerated() {
            let x = corner.x + Double(number / rows) * Self.columnWidth
            let y = corner.y + Double(number % rows) * TextTable.rowHeight
            drawing.text(entry.name, at: .init(x, y), size: size, colour: Palette.faint)
            drawing.text(
                entry.value, at: .init(x + Self.columnWidth - 5, y), size: size, anchor: .end, isBold: true)
        }
    }
}
