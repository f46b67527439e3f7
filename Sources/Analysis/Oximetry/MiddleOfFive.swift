/// The mean of the middle three of five successive seconds, told two seconds late. At the edges of a hole: the
/// median of fewer.
struct MiddleOfFive {
    typealias Value = (second: Int, smooth: SaturationHundredths)

    /// The last five, in a ring.
    private var values: (Int, Int, Int, Int, Int) = (0, 0, 0, 0, 0)
    private var count = 0
    private var last = 0

    static let half = 2
    private static let full = 2 * half + 1

    /// The value two seconds ago, once it is known.
    mutating func add(_ second: Int, _ value: SaturationHundredths) -> Value? {
        values = (values.1, values.2, values.3, values.4, value)
        count = min(count + 1, Self.full)
        last = second
        guard count > Self.half else { return nil }
        return (second - Self.half, count == Self.full ? middle : median(latest: count))
    }

    /// Nothing follows for a while: the seconds that are still owed.
    mutating func flush() -> [Value] {
        guard count > 0 else { return [] }
        let owed = min(Self.half, count)
        let told = (0 ..< owed).map { offset -> Value in
            (last - owed + 1 + offset, median(latest: min(count, 2 * Self.half - offset)))
        }
        count = 0
        return told
    }

    private var middle: Int {
        let (a, b, c, d, e) = values
        let highest = max(max(a, b), max(c, max(d, e)))
        let lowest = min(min(a, b), min(c, min(d, e)))
        return (a + b + c + d + e - highest - lowest + 1) / 3
    }

    /// Of an even number the higher of the two in the middle.
    private func median(latest count: Int) -> Int {
        let sorted = [values.0, values.1, values.2, values.3, values.4].suffix(count).sorted()
        return sorted[count / 2]
    }
}
