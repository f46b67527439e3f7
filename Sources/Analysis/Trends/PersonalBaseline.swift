import Numbers

/// A patient's own level of a metric by time of day, and how far it normally strays.
///
/// Medians of four hours, kept for four weeks in each of six bins. Level and deviation are medians of the older two
/// weeks, so that single bad days do not move them and a slow decline is not taken for the new level.
public struct PersonalBaseline: Hashable, Sendable {
    /// For each part of the day the latest medians, oldest first.
    private(set) var bins: [[Double]] = Array(repeating: [], count: binCount)

    public static let binCount = 6
    public static let slotSeconds: Int64 = 14_400
    public static let valuesPerBinMax = 28
    /// Of a bin the oldest so many tell the level.
    public static let valuesOfLevelMax = 14
    /// With fewer values of a part of the day, all parts together tell the level.
    public static let valuesPerBinMin = 5
    /// With fewer values in all there is no baseline: a week of one measurement a day.
    public static let valuesMin = 7
    /// From a median absolute deviation to a standard deviation, of normal values.
    static let deviationPerMAD = 1.4826

    init() {}

    /// - Parameter bins: at most six, oldest values first.
    init(bins: [[Double]]) {
        for (index, values) in bins.prefix(Self.binCount).enumerated() {
            self.bins[index] = Array(values.suffix(Self.valuesPerBinMax))
        }
    }

    static func bin(ofSlot slot: Int64) -> Int { Int((slot % 6 + 6) % 6) }

    public var count: Int { bins.reduce(0) { $0 + $1.count } }
    public var isLearnt: Bool { count >= Self.valuesMin }

    mutating func learn(_ value: Double, slot: Int64) {
        let bin = Self.bin(ofSlot: slot)
        bins[bin].append(value)
        if bins[bin].count > Self.valuesPerBinMax { bins[bin].removeFirst() }
    }

    private func values(_ bin: Int) -> ArraySlice<Double> { bins[bin].prefix(Self.valuesOfLevelMax) }

    private var values: [Double] { bins.indices.flatMap { Array(values($0)) } }

    /// The level at that part of the day; `nil` before it is learnt.
    public func level(bin: Int) -> Double? {
        guard isLearnt else { return nil }
        guard bins.indices.contains(bin), bins[bin].count >= Self.valuesPerBinMin else { return level }
        return median(values(bin))
    }

    /// The level of the whole day.
    public var level: Double? { isLearnt ? median(values) : nil }

    /// How far the values stray from the level of their part of the day, as a standard deviation.
    public var deviation: Double? {
        guard isLearnt else { return nil }
        let distances = bins.indices.flatMap { bin -> [Double] in
            guard let level = level(bin: bin) else { return [] }
            return values(bin).map { abs($0 - level) }
        }
        return median(distances).map { $0 * Self.deviationPerMAD }
    }
}
