/// The heart rate as a monitor shows it, and slow and fast rhythms by it.
struct RateWatch: Sendable {
    /// Intervals that the rate is the mean of, without the longest and the shortest.
    private static let intervalsAveraged = 12
    /// With three of them above ``longIntervalSeconds``, only so many: a slow heart would be shown too late.
    private static let slowIntervalsAveraged = 4
    private static let longIntervalSeconds = 1.2
    /// A rate is shown from so many intervals on.
    private static let intervalsMin = 3
    /// A rate is not shown any more when the last beat is so old.
    private static let staleSeconds = 10.0
    /// Of the intervals of an extreme bradycardia, so many must each be long enough: one alone is a pause.
    private static let extremeLongIntervalsMin = 2
    /// Of the intervals of an extreme tachycardia, no more may be longer than so many of its limit's intervals.
    private static let extremeIntervalRatioMax = 1.5
    private static let extremeLongIntervalsMax = 2

    private let settings: RhythmSettings
    private var intervals = RecentValues(capacity: 32)
    /// The doubtful ones of ``intervals``: a beat may have been missed in them, or the signal was bad.
    private var doubtful = RecentValues(capacity: 32)
    private var lastBeatSeconds: Double?
    private(set) var rate: Double?

    private var bradycardia = Episode(.bradycardia)
    private var tachycardia = Episode(.tachycardia)
    private var extremeBradycardia = Episode(.extremeBradycardia)
    private var extremeTachycardia = Episode(.extremeTachycardia)
    private var slowBeats = 0
    private var fastBeats = 0
    private var normalBeats = 0

    init(_ settings: RhythmSettings) { self.settings = settings }

    var isExtreme: Bool { extremeTachycardia.isOpen || extremeBradycardia.isOpen }

    /// A beat; `isDoubtful` when the interval before it may hide another beat or lies in bad signal.
    mutating func add(_ seconds: Double, now: Double, isDoubtful: Bool, _ findings: inout [Finding]) {
        defer { lastBeatSeconds = seconds }
        guard let lastBeatSeconds, seconds > lastBeatSeconds else { return }
        intervals.append(seconds - lastBeatSeconds)
        doubtful.append(isDoubtful ? 1 : 0)
        rate = Self.displayedRate(intervals)
        judgeRate(at: seconds, now: now, &findings)
        judgeExtremes(at: seconds, now: now, &findings)
    }

    /// The intervals around a gap are no intervals.
    mutating func interrupt() {
        lastBeatSeconds = nil
        intervals.removeAll()
        doubtful.removeAll()
        slowBeats = 0
        fastBeats = 0
    }

    mutating func tick(now: Double) {
        if let lastBeatSeconds, now - lastBeatSeconds > Self.staleSeconds { rate = nil }
    }

    mutating func finish(at seconds: Double, _ findings: inout [Finding]) {
        bradycardia.end(at: seconds, now: seconds, &findings)
        tachycardia.end(at: seconds, now: seconds, &findings)
        extremeBradycardia.end(at: seconds, now: seconds, &findings)
        extremeTachycardia.end(at: seconds, now: seconds, &findings)
    }

    static func displayedRate(_ intervals: RecentValues) -> Double? {
        guard intervals.count >= intervalsMin else { return nil }
        let recent = min(intervals.count, slowIntervalsAveraged)
        var long = 0
        var sum = 0.0
        for age in 0 ..< recent {
            sum += intervals[age]
            if intervals[age] > longIntervalSeconds { long += 1 }
        }
        if long >= 3 { return 60 * Double(recent) / sum }
        let count = min(intervals.count, intervalsAveraged)
        sum = 0
        var least = Double.infinity
        var greatest = 0.0
        for age in 0 ..< count {
            sum += intervals[age]
            least = min(least, intervals[age])
            greatest = max(greatest, intervals[age])
        }
        guard count > 4 else { return 60 * Double(count) / sum }
        return 60 * Double(count - 2) / (sum - least - greatest)
    }

    /// Sum of the newest intervals; `nil` when there are not so many, or one is doubtful.
    private func sumOfNewest(_ count: Int) -> Double? {
        guard count > 0, intervals.count >= count else { return nil }
        var sum = 0.0
        for age in 0 ..< count {
            if doubtful[age] != 0 { return nil }
            sum += intervals[age]
        }
        return sum
    }

    private mutating func judgeRate(at seconds: Double, now: Double, _ findings: inout [Finding]) {
        guard let rate, doubtful[0] == 0 else { return }
        let wasUsual = !bradycardia.isOpen && !tachycardia.isOpen
        slowBeats = rate < settings.bradycardiaRateMin ? slowBeats + 1 : 0
        fastBeats = rate > settings.tachycardiaRateMax ? fastBeats + 1 : 0
        let isBack =
            bradycardia.isOpen
            ? rate >= settings.bradycardiaRateMin + settings.rateHysteresis
            : rate <= settings.tachycardiaRateMax - settings.rateHysteresis
        normalBeats = isBack && !wasUsual ? normalBeats + 1 : 0
        // A slow rate is the mean of four long intervals already: more beats would only be a delay.
        if slowBeats >= 1, let sum = sumOfNewest(3), sum > 3 * 60 / settings.bradycardiaRateMin {
            bradycardia.begin(at: seconds - sum, now: now, value: rate, &findings)
        }
        if fastBeats >= settings.rateBeatsMin {
            let sum = sumOfNewest(settings.rateBeatsMin) ?? 0
            tachycardia.begin(at: seconds - sum, now: now, value: rate, &findings)
        }
        if normalBeats >= settings.rateBeatsToEnd {
            bradycardia.end(at: seconds, now: now, &findings)
            tachycardia.end(at: seconds, now: now, &findings)
        }
    }

    private mutating func judgeExtremes(at seconds: Double, now: Double, _ findings: inout [Finding]) {
        let slow = settings.extremeBradycardiaBeatsMin - 1
        let slowInterval = 60 / settings.extremeBradycardiaRateMin
        if let sum = sumOfNewest(slow), sum > Double(slow) * slowInterval,
            longIntervals(of: slow, above: slowInterval) >= min(slow, Self.extremeLongIntervalsMin)
        {
            extremeBradycardia.begin(at: seconds - sum, now: now, value: 60 * Double(slow) / sum, &findings)
        } else if let rate, rate > settings.extremeBradycardiaRateMin + settings.rateHysteresis {
            extremeBradycardia.end(at: seconds, now: now, &findings)
        }
        let fast = settings.extremeTachycardiaBeatsMin - 1
        let fastInterval = 60 / settings.extremeTachycardiaRateMax
        if let sum = sumOfNewest(fast), sum < Double(fast) * fastInterval,
            longIntervals(of: fast, above: fastInterval * Self.extremeIntervalRatioMax)
                <= Self.extremeLongIntervalsMax
        {
            extremeTachycardia.begin(at: seconds - sum, now: now, value: 60 * Double(fast) / sum, &findings)
        } else if let rate, rate < settings.extremeTachycardiaRateMax - settings.rateHysteresis {
            extremeTachycardia.end(at: seconds, now: now, &findings)
        }
    }

    private func longIntervals(of count: Int, above limit: Double) -> Int {
        var long = 0
        for age in 0 ..< min(count, intervals.count) where intervals[age] > limit { long += 1 }
        return long
    }
}
