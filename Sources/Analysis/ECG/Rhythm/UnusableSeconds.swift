/// Which of the last 64 seconds no rhythm of the atria can be read from.
struct UnusableSeconds: Sendable {
    private static let capacity = 64
    private var bits: UInt64 = 0
    private var newest = -1

    /// The next second.
    mutating func add(_ second: Int, isUnusable: Bool) {
        guard second > newest else { return }
        // What was passed over is not known to be bad.
        for passed in max(newest &+ 1, second &- Self.capacity &+ 1) ... second { bits &= ~Self.bit(passed) }
        newest = second
        if isUnusable { bits |= Self.bit(second) }
    }

    /// All from one on are.
    mutating func mark(from start: Double) {
        guard newest >= 0, let first = Int(exactly: start.rounded(.down)), first <= newest else { return }
        for second in max(first, 0, newest &- Self.capacity &+ 1) ... newest { bits |= Self.bit(second) }
    }

    /// Whether there is one between two times.
    func has(from start: Double, to end: Double) -> Bool {
        guard bits != 0, let first = Int(exactly: start.rounded(.down)), let last = Int(exactly: end.rounded(.down))
        else { return false }
        let oldest = max(first, 0, newest &- Self.capacity &+ 1)
        guard oldest <= min(last, newest) else { return false }
        for second in oldest ... min(last, newest) where bits & Self.bit(second) != 0 { return true }
        return false
    }

    private static func bit(_ second: Int) -> UInt64 { 1 << UInt64(truncatingIfNeeded: second & (capacity - 1)) }
}
