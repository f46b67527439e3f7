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
    /// The same of all beats and of those that are like the dominant ones.
    private var changes = IntervalChanges()
    private var likeChanges = IntervalChanges()
    /// Beats whose likeness has gone into ``likeChanges``.
    private var compared = 0
    /// The known intervals of the last ``reach`` beats, of the last ``quartileReach``, and of those around the beat
    /// that was judged last.
    private var ten = SortedIntervals()
    private var recent = SortedIntervals()
    private var centred = SortedIntervals()
    /// The beats whose intervals are in ``centred``.
    private var centredBeats = 0 ..< 0
    private var slowMean: Float = secondsAssumed
    private var slowCount: Float = 0
    private var median10: Float = secondsAssumed
    /// Beats so far.
    private(set) var count = 0

    private func interval(_ beat: Int) -> Float {
        beat >= 0 && beat < count && beat > count - Self.capacity ? seconds[beat & Self.mask] : Self.unknown
    }

    /// Brings the sorted intervals to those around `beat`, as far as they are known by now.
    private mutating func centre(at beat: Int) {
        let low = max(0, beat - Self.reach)
        let end = max(low, min(beat + Self.reach + 1, count))
        for left in centredBeats.lowerBound ..< max(centredBeats.lowerBound, min(low, centredBeats.upperBound)) {
            let value = interval(left)
            if value > 0 { centred.remove(value) }
        }
        for new in max(low, centredBeats.upperBound) ..< max(low, end, centredBeats.upperBound) {
            let value = interval(new)
            if value > 0 { centred.insert(value) }
        }
        centredBeats = low ..< max(end, centredBeats.upperBound)
    }

    /// Takes the interval that ends with the next beat, in seconds (`nil`: a gap broke it), and measures it against
    /// those before.
    mutating func add(_ interval: Float?, to features: inout BeatFeatures) {
        let beat = count
        compareNewest()
        let known = ten.count
        median10 = known > 0 ? ten[known / 2] : slowMean
        let maximum = known > 0 ? ten[known - 1] : slowMean
        let value = min(max(interval ?? median10, Self.secondsMin), Self.secondsMax)
        let previous = self.interval(beat - 1)
        let slow = slowCount > 0 ? slowMean : value
        features[.intervalToMedian10] = value / median10
        features[.intervalToSlowMean] = value / slow
        features[.intervalToMaximum10] = value / maximum
        features[.previousToMedian10] = previous > 0 ? previous / median10 : 1
        features[.intervalToPrevious] = previous > 0 ? value / previous : 1
        features[.intervalSeconds] = value
        addSpread((beat - Self.reach) ... (beat - 1), slow: slow, &features)
        features[.intervalToUpperQuartile64] = recent.count > 0 ? value / recent[recent.count * 3 / 4] : 1
        features[.variation64] = likeChanges.variation((beat - Self.quartileReach + 1) ..< beat)
        take(interval == nil ? Self.unknown : value, previous: previous)
        if interval != nil {
            slowCount += 1
            slowMean += (value - slowMean) * max(Self.slowShare, 1 / slowCount)
        }
    }

    /// The next interval goes into what is kept of them, and the oldest out of it.
    private mutating func take(_ value: Float, previous: Float) {
        let eleventh = interval(count - Self.reach)
        let oldest = interval(count - Self.quartileReach)
        if eleventh > 0 { ten.remove(eleventh) }
        if oldest > 0 { recent.remove(oldest) }
        if value > 0 {
            ten.insert(value)
            recent.insert(value)
        }
        seconds[count & Self.mask] = value
        correlations[count & Self.mask] = 1
        changes.note(value, behind: previous, at: count)
        count += 1
    }

    /// What is known by now of the newest beat's likeness stays.
    private mutating func compareNewest() {
        while compared < count {
            likeChanges.note(likeInterval(compared), behind: likeInterval(compared - 1), at: compared)
            compared += 1
        }
    }

    /// Unknown unless both beats are like the dominant ones.
    private func likeInterval(_ beat: Int) -> Float {
        isUnlike(beat) || isUnlike(beat - 1) ? Self.unknown : interval(beat)
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
        features[.variation10] = changes.variation(range.lowerBound + 1 ..< range.upperBound + 1)
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

    /// Measures the interval of `beat` against those around it, as far as they are known by now.
    mutating func addFollowing(of beat: Int, to features: inout BeatFeatures) {
        compareNewest()
        centre(at: beat)
        let known = centred.count
        let value = features[.intervalSeconds]
        let centre = known > 0 ? centred[known / 2] : value
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
        features[.intervalToCentredUpperQuartile] = known > 0 ? value / centred[known * 3 / 4] : 1
        var maximum = value
        var likeMaximum = value
        var premature: Float = 0
        var unlikeBeats: Float = 0
        var isUnlikeBefore = isUnlike(beat - Self.reach - 1)
        for other in (beat - Self.reach) ... (beat + Self.reach) {
            let there = interval(other)
            let isUnlike = isUnlike(other)
            defer { isUnlikeBefore = isUnlike }
            guard there > 0 else { continue }
            if abs(other - beat) <= Self.reach / 2 { maximum = max(maximum, there) }
            if there < Self.prematureRatio * centre { premature += 1 }
            if isUnlike { unlikeBeats += 1 }
            if !isUnlike, !isUnlikeBefore { likeMaximum = max(likeMaximum, there) }
        }
        features[.intervalToCentredMaximum] = value / maximum
        features[.intervalToLikeMaximum] = value / likeMaximum
        features[.nextDominantCorrelation] = correlation(beat + 1)
        features[.centredPrematureShare] = known > 0 ? premature / Float(known) : 0
        features[.centredUnlikeShare] = known > 0 ? unlikeBeats / Float(known) : 0
        let around = (beat - Self.reach + 1) ..< min(beat + Self.reach + 1, count)
        features[.centredVariation] = changes.variation(around, without: beat)
        features[.centredVariationOfNormals] = likeChanges.variation(around, without: beat)
        features[.intervalToLongMedian] = recent.count > 0 ? value / recent[recent.count / 2] : 1
    }
}

/// How much each interval differs from the one before it.
private struct IntervalChanges {
    private static let mask = 127
    /// Of the interval that ends with each beat, and that interval; zero where one of the two is not known.
    private var sizes = [Float](repeating: 0, count: mask + 1)
    private var intervals = [Float](repeating: 0, count: mask + 1)

    mutating func note(_ value: Float, behind previous: Float, at beat: Int) {
        let isKnown = value > 0 && previous > 0
        sizes[beat & Self.mask] = isKnown ? abs(value - previous) : 0
        intervals[beat & Self.mask] = isKnown ? value : 0
    }

    /// The mean change, as a part of the mean interval. The intervals of `beat` and of the next are left out.
    func variation(_ range: Range<Int>, without beat: Int? = nil) -> Float {
        // The interval behind both begins with the next one's change.
        let first = beat ?? range.upperBound
        let last = beat.map { $0 &+ 2 } ?? range.upperBound
        let sizes = sizes.span
        let intervals = intervals.span
        var sum: Float = 0
        var change: Float = 0
        for other in range where other < first || other > last {
            change += sizes[other & Self.mask]
            sum += intervals[other & Self.mask]
        }
        return sum > 0 ? change / sum : 0
    }
}
