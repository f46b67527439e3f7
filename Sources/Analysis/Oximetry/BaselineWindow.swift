/// The mean of the highest fifth of the last two minutes: the level from which a breathing event falls.
///
/// A histogram in tenths of a percent, so that each second costs the same.
struct BaselineWindow {
    private var ring: [Int16]
    private var next = 0
    private var counts: [UInt8]
    private(set) var count = 0
    private var top = 0

    static let seconds = 120
    /// One in so many of the values counts as highest.
    static let highestShare = 5
    /// With fewer values there is no baseline.
    static let countMin = 30

    private static let bins = 501
    private static let floor = OximetryParameters.possible.lowerBound

    init() {
        ring = Array(repeating: -1, count: Self.seconds)
        counts = Array(repeating: 0, count: Self.bins)
    }

    mutating func reset() { self = BaselineWindow() }

    /// The next second: a value, or `nil` for one without.
    mutating func add(_ value: SaturationHundredths?) {
        let old = Int(ring[next])
        if old >= 0 {
            counts[old] -= 1
            count -= 1
        }
        if let value {
            let bin = min(max((value - Self.floor + 5) / 10, 0), Self.bins - 1)
            ring[next] = Int16(bin)
            counts[bin] += 1
            count += 1
            if bin > top { top = bin }
        } else {
            ring[next] = -1
        }
        next = next + 1 == Self.seconds ? 0 : next + 1
        while top > 0, counts[top] == 0 { top -= 1 }
    }

    var baseline: SaturationHundredths? {
        guard count >= Self.countMin else { return nil }
        let wanted = max(1, count / Self.highestShare)
        var missing = wanted
        var sum = 0
        var bin = top
        while missing > 0, bin >= 0 {
            let taken = min(missing, Int(counts[bin]))
            sum += taken * bin
            missing -= taken
            bin -= 1
        }
        return Self.floor + (sum * 10 + wanted / 2) / wanted
    }
}
