import Numbers

/// What the beats so far say about the next one.
struct QRSContext: Sendable {
    /// A longer pause says nothing about the rhythm: samples.
    static let rhythmPauseMax: Float = 500
    /// A shape belongs to a template that it correlates with so well.
    static let sameShape: Float = 0.75
    /// Share of a new beat in its template.
    static let templateShare: Float = 0.125
    /// What a beat leaves of the count of a template.
    static let templateMemory: Float = 0.97
    /// Until the first beats say otherwise: 0.8 s.
    static let firstInterval: Float = 160
    /// Shares of a new value in the slow level of the beats, and in that of the noise.
    static let slowShare: Float = 0.02
    static let noiseShare: Float = 0.1
    /// Until something is rejected, of the level of the beats.
    static let firstNoise: Float = 0.1
    /// Keeps logarithms of nothing finite (mV).
    static let least: Float = 1e-6
    static let featureCount = 27

    var energy: RecentMedian
    var slope: RecentMedian
    var amplitude: RecentMedian
    var height: RecentMedian
    var rough: RecentMedian
    var interval = RecentMedian(firstInterval)
    var noise: Float
    var slowEnergy: Float
    var lastEnergy: Float
    var lastInterval = firstInterval
    /// Peak of the last beat; `nil` before the first.
    var lastPeak: Int?
    private var first = Shape.Template()
    private var second = Shape.Template()
    private var latest = Shape.Template()
    private var firstCount: Float = 0
    private var secondCount: Float = 0
    private var hasShape = false

    init(energy level: Float, like candidate: Candidate) {
        energy = RecentMedian(level)
        slope = RecentMedian(candidate.slope)
        amplitude = RecentMedian(candidate.amplitude)
        height = RecentMedian(candidate.height)
        rough = RecentMedian(candidate.roughInside)
        noise = Self.firstNoise * level
        slowEnergy = level
        lastEnergy = level
    }

    /// Samples since the last beat.
    func interval(to candidate: borrowing Candidate) -> Float {
        guard let lastPeak else { return interval.value }
        return Float(candidate.peak - lastPeak)
    }

    /// Correlations with the templates and with the last beat.
    struct Likeness: Sendable {
        var first: Float = 0.5
        var second: Float = 0
        var latest: Float = 0.5
        /// Of what follows closely, how much better it looks: -1 when nothing does.
        var follower: Float = -1
    }

    func likeness(of candidate: borrowing Candidate) -> Likeness {
        guard hasShape else { return Likeness() }
        let shape = candidate.shape
        var like = Likeness(
            first: shape.correlation(first), second: shape.correlation(second), latest: shape.correlation(latest))
        if let follower = candidate.follower {
            let best = max(follower.correlation(first), follower.correlation(second))
            like.follower = best - max(like.first, like.second)
        }
        return like
    }

    /// What ``QRSModel`` decides by, in this order. Logarithms of ratios, so that the gain does not matter.
    func features(of candidate: borrowing Candidate, _ like: Likeness) -> InlineArray<27, Float> {
        let energyNow = candidate.energy + Self.least
        func log(_ value: Float, over other: Float) -> Float {
            Mathematics.log((value + Self.least) / (other + Self.least))
        }
        let since = interval(to: candidate)
        return [
            log(candidate.energy, over: energy.value),
            log(candidate.energy, over: noise),
            log(candidate.slope, over: slope.value),
            log(candidate.amplitude, over: amplitude.value),
            min(3, since / interval.value),
            min(3, since / 200),
            log(candidate.energy, over: lastEnergy),
            log(candidate.later, over: energyNow),
            log(candidate.earlier, over: energyNow),
            log(candidate.roughBeside, over: candidate.roughInside),
            log(candidate.low, over: candidate.amplitude),
            max(like.first, like.second),
            like.latest,
            Float(candidate.width) / 200,
            firstCount >= secondCount ? like.first : like.second,
            min(3, lastInterval / interval.value),
            log(candidate.energy, over: slowEnergy),
            log(noise, over: energy.value),
            log(candidate.next, over: energyNow),
            log(candidate.previous, over: energyNow),
            log(max(candidate.later, candidate.earlier), over: energy.value),
            log(candidate.around, over: energyNow),
            log(candidate.floorBefore, over: energyNow),
            log(candidate.floorAfter, over: energyNow),
            log(candidate.height, over: height.value),
            log(candidate.roughInside, over: rough.value),
            like.follower,
        ]
    }

    mutating func accept(_ candidate: borrowing Candidate, _ like: Likeness) {
        noteInterval(to: candidate)
        lastEnergy = candidate.energy
        energy.add(candidate.energy)
        slope.add(candidate.slope)
        amplitude.add(candidate.amplitude)
        height.add(candidate.height)
        rough.add(candidate.roughInside)
        slowEnergy += Self.slowShare * (candidate.energy - slowEnergy)
        learn(candidate.shape.template, like)
    }

    /// A beat that was found only when the next one was missed teaches its time, not its look.
    mutating func noteInterval(to candidate: borrowing Candidate) {
        if let lastPeak {
            let since = Float(candidate.peak - lastPeak)
            lastInterval = since
            if since < Self.rhythmPauseMax { interval.add(since) }
        }
        lastPeak = candidate.peak
    }

    /// The level of the beats sinks, not below so many times the noise.
    mutating func calm(by factor: Float, noises: Float) { energy.scale(by: factor, atLeast: noises * noise) }

    mutating func reject(_ energy: Float) { noise += Self.noiseShare * (energy - noise) }

    private mutating func learn(_ shape: Shape.Template, _ like: Likeness) {
        latest = shape
        guard hasShape else {
            first = shape
            firstCount = 1
            hasShape = true
            return
        }
        firstCount *= Self.templateMemory
        secondCount *= Self.templateMemory
        if like.first >= like.second, like.first > Self.sameShape {
            first.blend(shape, share: Self.templateShare)
            firstCount += 1
        } else if like.second > like.first, like.second > Self.sameShape {
            second.blend(shape, share: Self.templateShare)
            secondCount += 1
        } else if secondCount < firstCount {
            second = shape
            secondCount = 0.5
        } else {
            first = shape
            firstCount = 0.5
        }
    }
}
