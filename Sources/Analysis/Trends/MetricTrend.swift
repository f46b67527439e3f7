import Numbers

/// One metric of one patient from day to day: baseline, charts, the latest days.
///
/// Times are seconds since 1970; days and parts of days are those of UTC, the same hours each day.
public struct MetricTrend: Hashable, Sendable {
    /// A day that is over.
    public struct Day: Hashable, Sendable {
        /// Days since 1970.
        public var day: Int64
        public var value: Double
        /// Distance from the baseline in its deviations; `nil` while that was not learnt.
        public var distance: Double?
    }

    public let metric: TrendMetric
    public internal(set) var baseline = PersonalBaseline()
    public internal(set) var charts = ControlCharts()
    /// Oldest first.
    public internal(set) var days: [Day] = []
    /// The charts speak of a change for the worse; the baseline is not learnt from such days.
    public internal(set) var isFlagged = false
    /// Days flagged, one after another.
    var flaggedDays = 0
    /// The part of the day under way.
    var slot: Int64?
    var slotValues = ThinnedValues()
    /// Of the day under way: value and distance of each part that is over.
    var parts: [Part] = []

    /// Four hours of a day.
    struct Part: Hashable, Sendable {
        var value: Double
        var distance: Double?
    }

    public static let daysMax = 28
    /// After so many flagged days that stay where they are, the new level is the patient's own.
    public static let relearnDays = 14
    /// Days that the variability is taken from.
    public static let variabilityDays = 14

    public init(_ metric: TrendMetric) { self.metric = metric }

    /// A value. One that is older than the part of the day under way, or of a day that is over, is passed over.
    public mutating func add(_ value: Double, at utcSeconds: Int64) {
        guard value.isFinite, abs(value) <= Self.valueMax else { return }
        let next = Self.slot(utcSeconds)
        if let slot, next < slot { return }
        if let last = days.last?.day, Self.day(ofSlot: next) <= last { return }
        advance(to: utcSeconds)
        slot = next
        slotValues.add(value)
    }

    /// Ends the part of the day, and the day, that are over by now. `false`: none was.
    @discardableResult
    public mutating func advance(to utcSeconds: Int64) -> Bool {
        guard let open = slot else { return false }
        let next = Self.slot(utcSeconds)
        guard next > open else { return false }
        closeSlot(open)
        if Self.day(ofSlot: next) > Self.day(ofSlot: open) {
            closeDay(Self.day(ofSlot: open))
            slot = nil
        } else {
            // The day goes on: the next value may come in a later part of it.
            slot = next
        }
        return true
    }

    /// What was noted for later than that is not believed.
    mutating func forget(after utcSeconds: Int64) {
        let end = Self.slot(utcSeconds)
        if let open = slot, open > end {
            slot = nil
            slotValues = ThinnedValues()
            parts = []
        }
        days.removeAll { $0.day > Self.day(ofSlot: end) }
    }

    /// No metric has greater values.
    static let valueMax = 1e6

    static func slot(_ utcSeconds: Int64) -> Int64 {
        let clamped = min(max(utcSeconds, -secondsMax), secondsMax)
        let rest = clamped % PersonalBaseline.slotSeconds
        return (clamped - rest) / PersonalBaseline.slotSeconds - (rest < 0 ? 1 : 0)
    }

    /// Times beyond some 35 000 years are taken as that.
    static let secondsMax: Int64 = 1 << 40

    static func day(ofSlot slot: Int64) -> Int64 { slot >= 0 ? slot / 6 : (slot - 5) / 6 }

    private mutating func closeSlot(_ slot: Int64) {
        defer { slotValues = ThinnedValues() }
        guard let value = metric.aggregation == .best ? slotValues.values.max() : slotValues.median else { return }
        let bin = PersonalBaseline.bin(ofSlot: slot)
        parts.append(Part(value: value, distance: distance(value, bin: bin)))
        if parts.count > PersonalBaseline.binCount { parts.removeFirst() }
        if !isFlagged { baseline.learn(value, slot: slot) }
    }

    /// From the level of that part of the day, in the patient's own deviations.
    private func distance(_ value: Double, bin: Int) -> Double? {
        guard let level = baseline.level(bin: bin), let deviation else { return nil }
        return (value - level) / deviation
    }

    /// The patient's own deviation, not below the metric's smallest.
    public var deviation: Double? {
        guard let own = baseline.deviation, let level = baseline.level else { return nil }
        let least = metric.deviationMin
        return max(own, least.absolute, least.share * abs(level), 1e-9)
    }

    private mutating func closeDay(_ day: Int64) {
        defer { parts = [] }
        guard let value = dayValue else { return }
        let distances = parts.compactMap(\.distance)
        let distance = distances.isEmpty ? nil : distances.reduce(0, +) / Double(distances.count)
        days.append(Day(day: day, value: value, distance: distance))
        if days.count > Self.daysMax { days.removeFirst() }
        guard let distance else { return }
        charts.add(distance)
        judge()
    }

    /// The day under way, by those parts of it that are over.
    public var today: Day? {
        guard let slot, !parts.isEmpty, let value = dayValue else { return nil }
        return Day(day: Self.day(ofSlot: slot), value: value, distance: nil)
    }

    /// The days that are over, and the one under way.
    public var daysSoFar: [Day] { days + (today.map { [$0] } ?? []) }

    /// Whole days without a value, of a metric that was measured on most days before; 0 of any other.
    public func missedDays(at utcSeconds: Int64) -> Int {
        let now = Self.day(ofSlot: Self.slot(utcSeconds))
        let open = slot.map { Self.day(ofSlot: $0) }
        guard let last = open ?? days.last?.day, now > last else { return 0 }
        let before = days.count { $0.day > last - Self.habitDays && $0.day <= last } + (open == nil ? 0 : 1)
        return before >= Self.habitDaysMin ? Int(min(now - last - 1, 1000)) : 0
    }

    /// Measured on so many of so many days, a metric is expected every day.
    public static let habitDays: Int64 = 7
    public static let habitDaysMin = 4

    private var dayValue: Double? {
        switch metric.aggregation {
        case .median: median(parts.map(\.value))
        case .resting: parts.map(\.value).min()
        case .best: parts.map(\.value).max()
        }
    }

    private mutating func judge() {
        let isWorse =
            switch metric.worse {
            case .lower: charts.isLow
            case .higher: charts.isHigh
            case .either: charts.isLow || charts.isHigh
            }
        flaggedDays = isWorse ? flaggedDays + 1 : 0
        isFlagged = isWorse
        guard flaggedDays >= Self.relearnDays else { return }
        // The patient has stayed there: this is the level from now on.
        baseline = PersonalBaseline(bins: [days.suffix(Self.relearnDays).map(\.value)])
        charts = ControlCharts()
        isFlagged = false
        flaggedDays = 0
    }

    /// Of the latest two weeks: robust deviation of the daily values, as a share of their median.
    public var variability: Double? {
        let latest = days.suffix(Self.variabilityDays).map(\.value)
        guard latest.count >= PersonalBaseline.valuesMin, let level = median(latest), level != 0,
            let spread = median(latest.map { abs($0 - level) })
        else { return nil }
        return spread * PersonalBaseline.deviationPerMAD / abs(level)
    }
}
