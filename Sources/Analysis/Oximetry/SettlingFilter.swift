import Numbers

/// Takes away the climb behind the moment at which the sensor was put on.
///
/// A device averages over several seconds and begins far too low. The first seconds are kept back until the level
/// is known; those before it was first reached are dropped, and everything else is passed on.
struct SettlingFilter {
    typealias Value = (second: Int, value: SaturationHundredths)

    private(set) var dropped = 0
    private var kept: [Value] = []
    /// Values pass unchanged while this is `false`.
    private(set) var isSettling = true
    private var last: Int?

    /// A value that may pass at once: nothing is kept back, and it follows the one before it.
    mutating func passes(_ second: Int) -> Bool {
        guard !isSettling, let last, second - last <= OximetryParameters.segmentGapSeconds else { return false }
        self.last = second
        return true
    }

    /// So many of the latest values tell the level.
    private static let levelCount = 5
    private static let keptMax = 32

    /// The sensor lost contact: what comes next begins anew. Gives what was kept back.
    mutating func lose() -> ArraySlice<Value> {
        let rest = finish()
        isSettling = true
        return rest
    }

    /// What is known to be good with this value, in order.
    mutating func add(_ value: Value) -> ArraySlice<Value> {
        var passed: ArraySlice<Value> = []
        if let last, value.second - last > OximetryParameters.segmentGapSeconds { passed = lose() }
        last = value.second
        kept.append(value)
        guard let first = kept.first,
            value.second - first.second >= OximetryParameters.settlingSeconds || kept.count >= Self.keptMax
        else { return passed }
        return passed + finish()
    }

    /// Gives what was kept back.
    mutating func finish() -> ArraySlice<Value> {
        isSettling = false
        let latest = kept.suffix(min(Self.levelCount, max(1, kept.count / 3))).map { Double($0.value) }
        guard let level = median(latest) else { return [] }
        let floor = Int(level) - OximetryParameters.settlingDepth
        let settled = kept.firstIndex { $0.value >= floor } ?? kept.count
        dropped += settled
        defer { kept.removeAll() }
        return kept[settled...]
    }
}
