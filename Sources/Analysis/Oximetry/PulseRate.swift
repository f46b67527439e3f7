import Numbers

/// The rate of the pulses of a wave, from the times of its beats.
///
/// The median of the last intervals, so that one missed or doubled beat does not move it.
public struct PulseRateMeter: Sendable {
    private var intervals: [Double] = []
    private var last: Double?

    public static let intervalsMax = 8
    public static let intervalsMin = 4
    /// 30–220 beats a minute.
    public static let intervalSeconds = 60.0 / 220 ... 2.0
    /// A rate without a beat for longer is none.
    public static let ageSecondsMax = 5.0
    /// Intervals that differ from the median by more than this share are irregular.
    public static let regularShare = 0.2

    public init() {}

    /// A beat, in seconds from any beginning; beats come in their order.
    public mutating func add(beatAt seconds: Double) {
        defer { last = seconds }
        guard seconds.isFinite, let last, seconds > last else { return }
        let interval = seconds - last
        guard Self.intervalSeconds.contains(interval) else {
            // A pause or a lost stretch: what was before says nothing of now.
            if interval > Self.ageSecondsMax { intervals.removeAll(keepingCapacity: true) }
            return
        }
        intervals.append(interval)
        if intervals.count > Self.intervalsMax { intervals.removeFirst() }
    }

    /// Beats a minute at that time; `nil` while too little is known.
    public func rate(at seconds: Double) -> Double? {
        guard let last, seconds - last <= Self.ageSecondsMax, intervals.count >= Self.intervalsMin,
            let middle = median(intervals)
        else { return nil }
        return 60 / middle
    }

    /// Share of the last intervals that are near their median, 0–1: low in movement and in irregular rhythms.
    public var regularity: Double? {
        guard intervals.count >= Self.intervalsMin, let middle = median(intervals) else { return nil }
        let near = intervals.count { abs($0 - middle) <= Self.regularShare * middle }
        return Double(near) / Double(intervals.count)
    }
}

/// Whether the pulse rate agrees with the heart rate of an ECG, or with the wave of its own pulses, over a minute.
///
/// Where it does not, either the oximeter follows something else than the pulse, and its saturation is worth
/// little, or beats do not reach the finger (a pulse deficit, as in atrial fibrillation).
public struct PulseAgreement: Sendable {
    private var near: [Bool] = []
    private var next = 0
    /// Seconds compared, and of them those that agreed, since the beginning.
    public private(set) var comparedSeconds = 0
    public private(set) var agreedSeconds = 0

    /// Rates agree within so many beats a minute, or that share of the heart rate, whichever is more. (IEC
    /// 60601-2-27 asks ±10 % or ±5 /min of a heart rate meter.)
    public static let toleranceRate = 5.0
    public static let toleranceShare = 0.1
    public static let windowSeconds = 60
    /// So much has to be compared before anything is said.
    public static let comparedMin = 30

    public init() {}

    /// Once a second, where both are there.
    public mutating func add(pulseRate: Double, heartRate: Double) {
        guard pulseRate.isFinite, heartRate.isFinite, heartRate > 0 else { return }
        add(isNear: abs(pulseRate - heartRate) <= max(Self.toleranceRate, Self.toleranceShare * heartRate))
    }

    /// Once a second, where something else says whether they agree.
    public mutating func add(isNear: Bool) {
        comparedSeconds += 1
        if isNear { agreedSeconds += 1 }
        if near.count < Self.windowSeconds {
            near.append(isNear)
        } else {
            near[next] = isNear
            next = (next + 1) % Self.windowSeconds
        }
    }

    /// Share of the last minute in which they agreed, 0–1.
    public var share: Double? {
        near.count >= Self.comparedMin ? Double(near.count { $0 }) / Double(near.count) : nil
    }

    /// They disagree for most of the last minute.
    public var isLost: Bool { share.map { $0 < 0.5 } ?? false }
}
