/// What speaks for order where the intervals alone say that the atria fibrillate.
///
/// An ectopic focus, a sick sinus node and deep breath make intervals uneven, too. But they leave something alike:
/// intervals, P waves, or beats that look atrial premature. None of it is proof alone; each has a weight, and the
/// sum of what there is has a limit. Made hearts showed what the weights must be (`Training/made_hearts.py`).
struct AtrialOrder {
    /// Two intervals are alike when the longer one is no longer than so many times the other.
    private static let alikeRatioMax: Float = 1.04
    /// Of the share of pairs of intervals that are alike.
    private static let alikeWeight: Float = 2.3
    /// Of how likely a beat is atrial premature, in the mean.
    private static let ectopicWeight: Float = 1.5
    /// Of the coherence of P waves, and of those of the half of the beats that look least premature.
    private static let coherenceWeight: Float = 2.1
    private static let sinusCoherenceWeight: Float = 0.4
    /// So many beats must have a P wave that can be looked at; and of all of them so large a share.
    private static let beatsMin = 8
    private static let sinusBeatsMin = 6
    private static let beatsShareMin = 0.5
    /// Behind a shorter interval the last beat's T wave lies where P would be; behind a much shorter one even of
    /// beats of the sinus node.
    private static let intervalSecondsMin: Float = 0.6
    private static let sinusIntervalSecondsMin: Float = 0.45
    /// The sum from which on the rhythm has order; of a fibrillation that is told already, more is asked.
    private static let limit: Float = 1
    private static let hysteresis: Float = 0.1
    /// Breath alone makes intervals that two before them foretell: this share of their variance.
    private static let foretoldShareMin: Float = 0.6
    /// Where fewer of the beats look like the patient's usual one it is noise that is uneven.
    private static let usualShareMin = 0.5
    /// Fast fibrillation is more even, and its beats come early: with a mean interval below this more is asked.
    private static let fastIntervalSeconds: Float = 0.65
    private static let limitPerSecond: Float = 8

    /// Places in the history, the interval before each and how likely it is atrial premature.
    private var places = InlineArray<64, Int>(repeating: 0)
    private var intervals = InlineArray<64, Float>(repeating: 0)
    private var ectopic = InlineArray<64, Float>(repeating: 0)
    private var count = 0
    private var usual = 0

    mutating func add(_ place: Int, intervalSeconds: Double, _ history: PWaveHistory) {
        guard count < 64 else { return }
        places[count] = place
        intervals[count] = Float(intervalSeconds)
        ectopic[count] = history.ectopic(place)
        count += 1
        if history.isUsual(place) { usual += 1 }
    }

    /// Whether there is more order than fibrillation leaves, or less than any heart has.
    func speaksAgainstFibrillation(_ history: PWaveHistory, isTold: Bool) -> Bool {
        guard count > 1 else { return false }
        guard Double(usual) >= Self.usualShareMin * Double(count) else { return true }
        var interval: Float = 0
        var premature: Float = 0
        for beat in 0 ..< count {
            interval += intervals[beat]
            premature += ectopic[beat]
        }
        let mean = interval / Float(count)
        guard foretoldShare(mean) < Self.foretoldShareMin else { return true }
        let fast = max(0, Self.fastIntervalSeconds - mean)
        let limit = Self.limit + Self.limitPerSecond * fast + (isTold ? Self.hysteresis : 0)
        var sum = Self.ectopicWeight * premature / Float(count) + Self.alikeWeight * alikeShare
        // The rest costs more; it is asked when it can decide.
        guard sum < limit else { return true }
        sum += Self.coherenceWeight * coherence(history)
        return sum + Self.sinusCoherenceWeight * sinusCoherence(history) >= limit
    }

    /// Of the variance of the intervals, what a linear prediction from the two before takes away.
    private func foretoldShare(_ mean: Float) -> Float {
        var square: Float = 0
        var one: Float = 0
        var two: Float = 0
        for beat in 0 ..< count {
            let value = intervals[beat] - mean
            square += value * value
            if beat >= 1, places[beat - 1] == places[beat] - 1 { one += value * (intervals[beat - 1] - mean) }
            if beat >= 2, places[beat - 2] == places[beat] - 2 { two += value * (intervals[beat - 2] - mean) }
        }
        guard square > 0 else { return 1 }
        let first = one / square
        let second = two / square
        let rest = 1 - first * first
        guard rest > 1e-6 else { return 1 }
        return (first * first * (1 - second) + second * (second - first * first)) / rest
    }

    private var alikeShare: Float {
        var alike = 0
        let values = intervals.span
        for one in 1 ..< count {
            let value = values[one]
            let most = value * Self.alikeRatioMax
            for other in 0 ..< one
            where values[other] <= most && value <= values[other] * Self.alikeRatioMax { alike += 1 }
        }
        return Float(2 * alike) / Float(count * (count - 1))
    }

    private func coherence(_ history: PWaveHistory) -> Float {
        var late = InlineArray<64, Int>(repeating: 0)
        var beats = 0
        for beat in 0 ..< count
        where intervals[beat] >= Self.intervalSecondsMin && history.isKnown(places[beat]) {
            late[beats] = places[beat]
            beats += 1
        }
        guard beats >= Self.beatsMin, Double(beats) >= Self.beatsShareMin * Double(count) else { return 0 }
        return history.coherence(late.span.extracting(0 ..< beats))
    }

    private func sinusCoherence(_ history: PWaveHistory) -> Float {
        var sorted = InsertionSorted()
        let half = (count + 1) / 2
        for beat in 0 ..< count { sorted.insert(Double(ectopic[beat]), keep: half) }
        let most = Float(sorted[min(half, sorted.count) - 1])
        var sinus = InlineArray<64, Int>(repeating: 0)
        var beats = 0
        for beat in 0 ..< count
        where ectopic[beat] <= most && intervals[beat] >= Self.sinusIntervalSecondsMin
            && history.isKnown(places[beat])
        {
            sinus[beats] = places[beat]
            beats += 1
        }
        guard beats >= Self.sinusBeatsMin else { return 0 }
        return history.coherence(sinus.span.extracting(0 ..< beats))
    }
}
