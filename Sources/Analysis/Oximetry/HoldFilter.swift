/// Fills short holes with the value before them and tells the long ones.
struct HoldFilter {
    /// What lies between the value before and this one.
    enum Hole {
        case none
        /// These seconds have the value of the one before them.
        case held(Range<Int>, SaturationHundredths)
        /// So many seconds without a value, too long to be filled.
        case gap(seconds: Int)
    }

    private var last: (second: Int, value: SaturationHundredths)?

    mutating func add(_ second: Int, _ value: SaturationHundredths) -> Hole {
        defer { last = (second, value) }
        guard let last, second > last.second + 1 else { return .none }
        let missing = second - last.second - 1
        guard missing <= OximetryParameters.holdSecondsMax else { return .gap(seconds: missing) }
        return .held(last.second + 1 ..< second, last.value)
    }

    /// The last value stands for the whole of its interval.
    func finish(intervalSeconds: Int) -> Hole {
        guard let last, intervalSeconds > 1, intervalSeconds <= OximetryParameters.holdSecondsMax else {
            return .none
        }
        return .held(last.second + 1 ..< last.second + intervalSeconds, last.value)
    }
}
