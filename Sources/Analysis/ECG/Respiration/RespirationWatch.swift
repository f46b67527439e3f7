import Numbers

/// How often the patient breathes, as far as the ECG can tell.
public struct RespirationEstimate: Hashable, Sendable {
    /// Since the start of the stream: the end of the minute that was looked at.
    public var seconds: Double
    /// Per minute, 4…60.
    public var rate: Double
    /// 0…1: how much of the variation of the beats is of one frequency.
    public var confidence: Double
}

/// The rate of breathing from the height of the R peaks, which the chest's movement changes, and from the sinus
/// arrhythmia. Only where the last minute was of normal beats in good signal.
///
/// Both series: Charlton et al. 2018. Their spectra are added, so that what only one of them has counts for less.
public struct RespirationWatch: Sendable {
    /// What is looked at, and how often (s).
    static let windowSeconds = 60.0
    static let intervalSeconds = 10.0
    /// A breath is seen when there are at least two beats in it.
    static let rateHz = 4.0 / 60 ... 1.0
    static let stepHz = 1.0 / 240
    /// The width of a peak on either side: two minutes' resolution would be finer than breathing is steady.
    static let peakHalfWidthHz = 0.03
    /// The R peaks' share of the common spectrum: slow waves of the blood pressure are in the intervals alone.
    static let heightShare = 0.6
    static let beatsMin = 25
    static let cleanShareMin = 0.9
    static let confidenceMin = 0.35
    private static let beatsMax = 256

    private struct Sample {
        var seconds: Double
        var height: Double
        /// `nil` where it is not between normal beats.
        var milliseconds: Double?
    }

    private var samples: [Sample] = []
    private var lastBeat: Beat?
    private var nextSeconds = windowSeconds
    private var badSeconds: [Int] = []

    public init() {}

    /// A beat with its height (mV) in the leading lead.
    mutating func add(_ beat: Beat, height: Float) {
        defer { lastBeat = beat }
        guard beat.beatClass == .normal, beat.doubts.isEmpty, height.isFinite else { return }
        let interval = lastBeat.map { (beat.seconds - $0.seconds) * 1000 }
        let isNormal =
            lastBeat?.beatClass == .normal && interval.map(RRSeries.possibleMilliseconds.contains) ?? false
        if samples.count >= Self.beatsMax { samples.removeFirst(samples.count - Self.beatsMax + 1) }
        samples.append(
            Sample(seconds: beat.seconds, height: Double(height), milliseconds: isNormal ? interval : nil))
    }

    /// The signal was lost, or another lead leads now.
    mutating func interrupt() {
        samples.removeAll(keepingCapacity: true)
        lastBeat = nil
    }

    /// A second is over. Without a wish for it nothing is estimated.
    mutating func advance(_ second: QualitySecond, isWanted: Bool = true) -> RespirationEstimate? {
        let now = Double(second.second) + 1
        if second.grade != .good { badSeconds.append(second.second) }
        badSeconds.removeAll { Double($0) < now - Self.windowSeconds }
        guard now >= nextSeconds else { return nil }
        nextSeconds = now + Self.intervalSeconds
        samples.removeAll { $0.seconds < now - Self.windowSeconds }
        let isGood = Double(badSeconds.count) <= (1 - Self.cleanShareMin) * Self.windowSeconds
        guard isWanted, isGood, samples.count >= Self.beatsMin, let first = samples.first, let last = samples.last,
            last.seconds - first.seconds > Self.cleanShareMin * Self.windowSeconds - Self.intervalSeconds / 2
        else { return nil }
        return estimate(now: now)
    }

    private func estimate(now: Double) -> RespirationEstimate? {
        let usual = samples.compactMap(\.milliseconds)
        guard Double(usual.count) >= Self.cleanShareMin * Double(samples.count), let interval = median(usual) else {
            return nil
        }
        let highest = min(Self.rateHz.upperBound, 500 / interval)
        let count = Int((highest - Self.rateHz.lowerBound) / Self.stepHz)
        guard count > 2 * Int(Self.peakHalfWidthHz / Self.stepHz) else { return nil }
        let (heights, intervals) = spectra(count: count)
        let common = zip(heights, intervals).map { Self.heightShare * $0 + (1 - Self.heightShare) * $1 }
        guard let peak = common.indices.max(by: { common[$0] < common[$1] }), common[peak] > 0 else { return nil }
        let half = Int(Self.peakHalfWidthHz / Self.stepHz)
        let around = max(0, peak - half) ... min(count - 1, peak + half)
        let share = around.reduce(0) { $0 + common[$1] }
        guard share >= Self.confidenceMin else { return nil }
        let middle = around.reduce(0) { $0 + common[$1] * frequency($1) } / share
        return RespirationEstimate(seconds: now, rate: 60 * middle, confidence: min(1, share))
    }

    private func frequency(_ index: Int) -> Double { Self.rateHz.lowerBound + Double(index) * Self.stepHz }

    /// Of the heights and of the intervals.
    private func spectra(count: Int) -> (heights: [Double], intervals: [Double]) {
        let timed = samples.filter { $0.milliseconds != nil }
        let times = samples.map(\.seconds)
        let heights = straightened(times, samples.map(\.height))
        guard timed.count < samples.count else {
            let both = LombScargle.densities(
                times: times, heights, straightened(times, samples.map { $0.milliseconds ?? 0 }),
                firstHz: Self.rateHz.lowerBound, stepHz: Self.stepHz, count: count)
            return (normalized(both.first), normalized(both.second))
        }
        let timesOfIntervals = timed.map(\.seconds)
        let intervals = straightened(timesOfIntervals, timed.map { $0.milliseconds ?? 0 })
        return (spectrum(times, heights, count: count), spectrum(timesOfIntervals, intervals, count: count))
    }

    private func spectrum(_ times: [Double], _ values: [Double], count: Int) -> [Double] {
        normalized(
            LombScargle.density(
                times: times, values: values, firstHz: Self.rateHz.lowerBound, stepHz: Self.stepHz, count: count))
    }

    /// With the sum 1.
    private func normalized(_ density: [Double]) -> [Double] {
        let sum = density.reduce(0, +)
        return sum > 0 ? density.map { $0 / sum } : density
    }

    /// Without the straight line through them.
    private func straightened(_ times: [Double], _ values: [Double]) -> [Double] {
        let length = Double(values.count)
        let meanTime = times.reduce(0, +) / length
        let mean = values.reduce(0, +) / length
        var spread = 0.0
        var slope = 0.0
        for (time, value) in zip(times, values) {
            spread += (time - meanTime) * (time - meanTime)
            slope += (time - meanTime) * (value - mean)
        }
        slope /= max(spread, 1e-9)
        return zip(times, values).map { $1 - mean - slope * ($0 - meanTime) }
    }
}
