/// The intervals between beats around the one that is judged.
///
/// An interval is named by the beat that ends it. One that a gap breaks is not known and left out of everything.
struct BeatIntervals {
    /// Beats that a decision may look back at: a power of two above ``quartileReach`` and the beats that wait.
    private static let capacity = 128
    private static let mask = capacity - 1
    /// How far the centred windows reach, in beats.
    static let reach = 10
    private static let quartileReach = 64
    /// An interval outside of these is none, in seconds.
    private static let secondsMin: Float = 0.2
    private static let secondsMax: Float = 3
    /// Before there is any: 75 beats a minute.
    private static let secondsAssumed: Float = 0.8
    /// The slow mean forgets in about 300 beats; the first beats make it quickly.
    private static let slowShare: Float = 1.0 / 300
    /// Shorter than this part of its measure: premature.
    private static let prematureRatio: Float = 0.85
    private static let unknown: Float = -1

    private var seconds = [Float](repeating: unknown, count: capacity)
    /// How each beat's complex correlates with the dominant one.
    private var correlations = [Float](repeating: 1, count: capacity)
    /// Below it a beat is unlike the dominant ones.
    private static let likeMin: Float = 0.8
    private var sorted = [Float](repeating: 0, count: capacity)
    /// The known ones of the last ``quartileReach``, sorted.
    private var recent = [Float](repeating: 0, count: quartileReach + 1)
    private var recentCount = 0
    private var slowMean: Float = secondsAssumed
    private var slowCount: Float = 0
    private var median10: Float = secondsAssumed
    /// Beats so far.
    private(set) var count = 0

    private func interval(_ beat: Int) -> Float {
        beat >= 0 && beat < count && beat > count - Self.capacity ? seconds[beat & Self.mask] : Self.unknown
    }

    /// The known intervals of the beats in `range`, sorted, into `sorted`; how many.
    private mutating func sort(_ range: ClosedRange<Int>) -> Int {
        var known = 0
        for beat in range {
            let value = interval(beat)
            guard value > 0 else { continue }
            var position = known
            while position > 0, sorted[position - 1] > value {
                sorted[position] = sorted[position - 1]
                position -= 1
            }
            sorted[position] = value
            known += 1
        }
        return known
    }

    /// Takes the interval that ends with the next beat, in seconds (`nil`: a gap broke it), and measures it against
    /// those before.
    mutating func add(_ interval: Float?, to features: inout BeatFeatures) {
        let beat = count
        let before = (beat - Self.reach) ... (beat - 1)
        let known = sort(before)
        median10 = known > 0 ? sorted[known / 2] : slowMean
        let maximum = known > 0 ? sorted[known - 1] : slowMean
        let value = min(max(interval ?? median10, Self.secondsMin), Self.secondsMax)
        let previous = self.interval(beat - 1)
        let slow = slowCount > 0 ? slowMean : value
        features[.intervalToMedian10] = value / median10
        features[.intervalToSlowMean] = value / slow
        features[.intervalToMaximum10] = value / maximum
        features[.previousToMedian10] = previous > 0 ? previous / median10 : 1
        features[.intervalToPrevious] = previous > 0 ? value / previous : 1
        features[.intervalSeconds] = value
        addSpread(before, slow: slow, &features)
        features[.intervalToUpperQuartile64] = recentCount > 0 ? value / recent[recentCount * 3 / 4] : 1
        features[.variation64] = variation((beat - Self.quartileReach) ... (beat - 1), without: -1, likeOnly: true)
        remember(interval == nil ? Self.unknown : value, forgetting: self.interval(beat - Self.quartileReach))
        seconds[beat & Self.mask] = interval.map { min(max($0, Self.secondsMin), Self.secondsMax) } ?? Self.unknown
        correlations[beat & Self.mask] = 1
        count += 1
        if interval != nil {
            slowCount += 1
            slowMean += (value - slowMean) * max(Self.slowShare, 1 / slowCount)
        }
    }

    /// Puts a known interval among the recent ones, which are kept sorted, and takes the oldest out.
    private mutating func remember(_ value: Float, forgetting oldest: Float) {
        if oldest > 0 {
            var position = 0
            while position < recentCount - 1, recent[position] < oldest { position += 1 }
            while position < recentCount - 1 {
                recent[position] = recent[position + 1]
                position += 1
            }
            recentCount = max(0, recentCount - 1)
        }
        guard value > 0, recentCount < recent.count else { return }
        var position = recentCount
        while position > 0, recent[position - 1] > value {
            recent[position] = recent[position - 1]
            position -= 1
        }
        recent[position] = value
        recentCount += 1
    }

    private mutating func addSpread(_ range: ClosedRange<Int>, slow: Float, _ features: inout BeatFeatures) {
        var sum: Float = 0
        var squares: Float = 0
        var known: Float = 0
        var premature: Float = 0
        for beat in range {
            let value = interval(beat)
            guard value > 0 else { continue }
            sum += value
            squares += value * value
            known += 1
            if value < Self.prematureRatio * slow { premature += 1 }
        }
        let mean = known > 0 ? sum / known : slow
        features[.spread10] = known > 0 ? max(0, squares / known - mean * mean).squareRoot() / mean : 0
        features[.variation10] = variation(range, without: -1, likeOnly: false)
        features[.mean10ToSlowMean] = mean / slow
        features[.prematureShare10] = known > 0 ? premature / known : 0
    }

    /// How the newest beat's complex correlates with the dominant one.
    mutating func noteNewest(correlation: Float) {
        if count > 0 { correlations[(count - 1) & Self.mask] = correlation }
    }

    /// Of a beat that is remembered; 1 else.
    func correlation(_ beat: Int) -> Float {
        beat >= 0 && beat < count && beat > count - Self.capacity ? correlations[beat & Self.mask] : 1
    }

    private func isUnlike(_ beat: Int) -> Bool { correlation(beat) < Self.likeMin }

    /// The mean change from interval to interval, as a part of the mean interval; intervals at `beat` and, if asked
    /// for, at unlike beats left out.
    private func variation(_ range: ClosedRange<Int>, without beat: Int, likeOnly: Bool) -> Float {
        var sum: Float = 0
        var change: Float = 0
        var changes: Float = 0
        var previous = Self.unknown
        for other in range {
            var value = interval(other)
            if beat >= 0, other == beat || other == beat + 1 { value = Self.unknown }
            if likeOnly, value > 0, isUnlike(other) || isUnlike(other - 1) {
                value = Self.unknown
            }
            if value > 0, previous > 0 {
                change += abs(value - previous)
                sum += value
                changes += 1
            }
            previous = value
        }
        return sum > 0 ? change / sum : 0
    }

    /// Measures the interval of `beat` against those around it, as far as they are known by now.
    mutating func addFollowing(of beat: Int, to features: inout BeatFeatures) {
        let known = sort((beat - Self.reach) ... (beat + Self.reach))
        let value = features[.intervalSeconds]
        let centre = known > 0 ? sorted[known / 2] : value
        let next = interval(beat + 1)
        let second = interval(beat + 2)
        let previous = interval(beat - 1)
        let median = value / max(features[.intervalToMedian10], 1e-3)
        let slow = value / max(features[.intervalToSlowMean], 1e-3)
        features[.nextToMedian10] = next > 0 ? next / median : 1
        features[.intervalToNext] = next > 0 ? value / next : 1
        features[.pairToMedian10] = next > 0 ? (value + next) / (2 * median) : 1
        features[.nextToSlowMean] = next > 0 ? next / slow : 1
        features[.intervalToCentredMedian] = value / centre
        features[.nextToCentredMedian] = next > 0 ? next / centre : 1
        features[.secondNextToCentredMedian] = second > 0 ? second / centre : 1
        features[.previousToCentredMedian] = previous > 0 ? previous / centre : 1
        features[.intervalToCentredUpperQuartile] = known > 0 ? value / sorted[known * 3 / 4] : 1
        var maximum = value
        var likeMaximum = value
        var premature: Float = 0
        var unlikeBeats: Float = 0
        for other in (beat - Self.reach) ... (beat + Self.reach) {
            let there = interval(other)
            guard there > 0 else { continue }
            if abs(other - beat) <= Self.reach / 2 { maximum = max(maximum, there) }
            if there < Self.prematureRatio * centre { premature += 1 }
            if isUnlike(other) { unlikeBeats += 1 }
            if !isUnlike(other), !isUnlike(other - 1) { likeMaximum = max(likeMaximum, there) }
        }
        features[.intervalToCentredMaximum] = value / maximum
        features[.intervalToLikeMaximum] = value / likeMaximum
        features[.nextDominantCorrelation] = correlation(beat + 1)
        features[.centredPrematureShare] = known > 0 ? premature / Float(known) : 0
        features[.centredUnlikeShare] = known > 0 ? unlikeBeats / Float(known) : 0
        let around = (beat - Self.reach) ... (beat + Self.reach)
        features[.centredVariation] = variation(around, without: beat, likeOnly: false)
        features[.centredVariationOfNormals] = variation(around, without: beat, likeOnly: true)
        features[.intervalToLongMedian] = recentCount > 0 ? value / recent[recentCount / 2] : 1
    }
}
