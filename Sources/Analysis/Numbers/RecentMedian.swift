/// The median of the last eight values, kept ready: the mean of the two in the middle.
public struct RecentMedian: Sendable {
    public static let count = 8

    /// In the order of time, from `next` on.
    private var values: InlineArray<8, Float>
    private var sorted: InlineArray<8, Float>
    private var next = 0

    /// As if all eight had been `value`, a finite number.
    public init(_ value: Float) {
        values = InlineArray(repeating: value)
        sorted = InlineArray(repeating: value)
        self.value = value
    }

    public private(set) var value: Float

    /// A finite number.
    public mutating func add(_ new: Float) {
        let old = values[next]
        values[next] = new
        next = (next + 1) & (Self.count - 1)
        var row = sorted.mutableSpan
        var place = 0
        while place < Self.count - 1, row[place] != old { place &+= 1 }
        while place < Self.count - 1, row[place &+ 1] < new {
            row[place] = row[place &+ 1]
            place &+= 1
        }
        while place > 0, row[place &- 1] > new {
            row[place] = row[place &- 1]
            place &-= 1
        }
        row[place] = new
        value = (row[3] + row[4]) / 2
    }

    /// Every one becomes `factor` (not negative) times itself, and not less than `least`.
    public mutating func scale(by factor: Float, atLeast least: Float) {
        for index in 0 ..< Self.count {
            values[index] = max(factor * values[index], least)
            sorted[index] = max(factor * sorted[index], least)
        }
        value = (sorted[3] + sorted[4]) / 2
    }
}
