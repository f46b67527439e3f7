/// The median of the last eight values, kept ready: the mean of the two in the middle.
public struct RecentMedian: Sendable {
    public static let count = 8

    private var values: SIMD8<Float>
    private var next = 0
    public private(set) var value: Float

    /// As if all eight had been `value`.
    public init(_ value: Float) {
        values = SIMD8(repeating: value)
        self.value = value
    }

    public mutating func add(_ new: Float) {
        values[next] = new
        next = (next + 1) & (Self.count - 1)
        update()
    }

    /// Every one becomes `factor` times itself, and not less than `least`.
    public mutating func scale(by factor: Float, atLeast least: Float) {
        for index in 0 ..< Self.count { values[index] = max(factor * values[index], least) }
        update()
    }

    private mutating func update() {
        var sorted = values
        for index in 1 ..< Self.count {
            let value = sorted[index]
            var place = index
            while place > 0, sorted[place - 1] > value {
                sorted[place] = sorted[place - 1]
                place -= 1
            }
            sorted[place] = value
        }
        value = (sorted[3] + sorted[4]) / 2
    }
}
