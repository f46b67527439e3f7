/// The newest values, found by their age: 0 is the newest. The capacity is a power of two.
struct RecentValues: Sendable {
    private var values: [Double]
    private let mask: Int
    private var next = 0
    private(set) var count = 0

    init(capacity: Int) {
        values = [Double](repeating: 0, count: capacity)
        mask = capacity - 1
    }

    var capacity: Int { mask + 1 }

    /// Zero for an age that is not there.
    subscript(age: Int) -> Double {
        guard age >= 0, age < count else { return 0 }
        return values[(next - 1 - age) & mask]
    }

    mutating func append(_ value: Double) {
        values[next & mask] = value
        next = (next + 1) & mask
        count = min(count + 1, mask + 1)
    }

    mutating func removeAll() {
        next = 0
        count = 0
    }
}
