/// Draws a curve with dots: Braille patterns (two by four dots a column), or dots and ticks where only ASCII can be
/// shown (one by two).
struct WaveDrawing {
    let hasUnicode: Bool
    let columns: Int

    private var cell: (width: Int, height: Int) { hasUnicode ? (2, 4) : (1, 2) }
    /// ASCII has fewer dots in a row, and takes one more.
    var rows: Int { hasUnicode ? 2 : 3 }

    /// The newest sample stands at the right edge; `capacity` samples fill the width.
    func lines(_ samples: [Double], capacity: Int) -> [String] {
        let width = columns * cell.width
        let height = rows * cell.height
        var grid = [UInt8](repeating: 0, count: max(0, columns * rows))
        if let low = samples.min(), let high = samples.max(), columns > 0 {
            let span = high - low
            var last: ClosedRange<Int>?
            for dot in 0 ..< width {
                guard let range = values(dot, of: width, samples, capacity) else { continue }
                var levels =
                    level(range.lowerBound, low, span, height) ... level(range.upperBound, low, span, height)
                let own = levels
                // Joined to the column before it, so that a steep edge is no row of islands.
                if let last {
                    if last.upperBound < levels.lowerBound { levels = last.upperBound + 1 ... levels.upperBound }
                    if last.lowerBound > levels.upperBound { levels = levels.lowerBound ... last.lowerBound - 1 }
                }
                last = own
                for level in levels { set(&grid, dot, height - 1 - level) }
            }
        }
        return (0 ..< rows).map { row in
            String((0 ..< columns).map { sign(grid[row * columns + $0]) }).trailingSpacesRemoved
        }
    }

    /// The least and the greatest sample in one column of dots.
    private func values(_ dot: Int, of width: Int, _ samples: [Double], _ capacity: Int) -> ClosedRange<Double>? {
        let offset = capacity - samples.count
        let first = dot * capacity / width - offset
        let last = max(first + 1, (dot + 1) * capacity / width - offset)
        let part = samples[max(0, min(first, samples.count)) ..< max(0, min(last, samples.count))]
        guard let low = part.min(), let high = part.max() else { return nil }
        return low ... high
    }

    private func level(_ value: Double, _ low: Double, _ span: Double, _ height: Int) -> Int {
        guard span > 0, span.isFinite else { return height / 2 }
        return max(0, min(height - 1, Int((value - low) / span * Double(height))))
    }

    private static let dots: [UInt8] = [0x01, 0x02, 0x04, 0x40, 0x08, 0x10, 0x20, 0x80]

    private func set(_ grid: inout [UInt8], _ x: Int, _ y: Int) {
        let index = y / cell.height * columns + x / cell.width
        grid[index] |= hasUnicode ? Self.dots[x % 2 * 4 + y % 4] : 1 << UInt8(y % 2)
    }

    private func sign(_ dots: UInt8) -> Character {
        if hasUnicode { return dots == 0 ? " " : Character(Unicode.Scalar(UInt32(0x2800) + UInt32(dots)) ?? " ") }
        return [" ", "'", ".", ":"][Int(dots & 3)]
    }
}

extension String {
    fileprivate var trailingSpacesRemoved: String {
        let end = lastIndex { $0 != " " }
        return end.map { String(self[...$0]) } ?? ""
    }
}
