import Numbers

/// Intervals of a window that slides, in the order of their length. No more than 64.
struct SortedIntervals {
    private static let capacity = 64
    /// Behind the last one nothing is shorter than anything.
    private var values = [Float](repeating: .infinity, count: capacity)
    private(set) var count = 0

    subscript(rank: Int) -> Float { values[rank & (Self.capacity - 1)] }

    /// How many are shorter.
    private func rank(of value: Float) -> Int {
        values.span.extracting(0 ..< min(Self.capacity, (count + 7) & ~7)).count { $0 .< value }
    }

    /// A finite number; when there is no room, nothing.
    mutating func insert(_ value: Float) {
        guard count < Self.capacity else { return }
        let place = rank(of: value)
        Self.move(&values, from: count, to: place, value)
        count += 1
    }

    /// One that is there.
    mutating func remove(_ value: Float) {
        guard count > 0 else { return }
        let place = min(rank(of: value), count - 1)
        count -= 1
        Self.move(&values, from: place, to: count, .infinity)
    }

    /// Moves all between two places by one, over the first, and puts a value into the other.
    private static func move(_ values: inout [Float], from: Int, to: Int, _ value: Float) {
        var row = values.mutableSpan
        var at = from
        while at > to {
            row[at] = row[at &- 1]
            at &-= 1
        }
        while at < to {
            row[at] = row[at &+ 1]
            at &+= 1
        }
        row[to] = value
    }
}
