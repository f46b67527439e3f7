/// Atrial fibrillation, from the irregularity of the intervals between beats that do not come from the ventricles.
///
/// Two measures must agree in most of the beats around one: the coefficient of sample entropy of twelve intervals
/// (CoSEn: Lake and Moorman 2011), which tells disorder from order, ectopy in a pattern included; and how large the
/// usual difference of neighbours is, which tells it from the sinus node's own variation. What is left of order
/// among these beats speaks against it (``AtrialOrder``). What is found is dated back to the beat where it began.
struct AtrialFibrillationWatch: Sendable {
    /// CoSEn above it is fibrillation: -1.4 by Lake and Moorman (2011), a little less here, where P waves are
    /// asked, too.
    private static let entropyMin = -1.5
    private static let entropyIntervals = 12
    /// CoSEn of so few is not computed.
    private static let entropyIntervalsMin = 8
    /// Intervals on each side of the one that is judged, for the size of the differences.
    private static let sizeRadius = 15
    /// Of the differences the largest fifth is set aside: ectopic beats make them.
    private static let sizeShare = 0.8
    /// The root mean square of the other differences, as a share of the mean interval.
    private static let sizeMin = 0.08
    /// More than this are pauses and escapes, and no fibrillation.
    private static let sizeMax = 0.45
    /// What rounding cannot make up for.
    private static let certainShare = 0.999_999
    /// The same for a fast heart, whose intervals differ less.
    private static let sizeMinWhenFast = 0.05
    private static let fastIntervalSeconds = 0.55
    /// The same where the intervals swing: breath makes them longer and shorter over several beats.
    private static let sizeMinWhenSwinging = 0.10
    /// Of intervals without order two thirds are longer, or shorter, than both neighbours; with less than this
    /// share they swing.
    private static let turningShareMin = 0.52
    private static let swingIntervals = 60
    /// Intervals on each side of one whose votes decide about it.
    private static let voteRadius = 10
    /// Intervals out of which no rhythm can be read.
    private static let intervalSecondsMin = 0.2
    private static let intervalSecondsMax = 3.0
    /// Over a longer time without such intervals nothing is concluded, and no episode goes on.
    private static let gapSecondsMax = 10.0
    /// Intervals before and behind the one that is decided, among which order is looked for.
    private static let orderBefore = 25
    private static let orderBehind = 15
    /// It is looked for at the first and at every so many: what is found changes slowly.
    private static let orderEvery = 4
    /// An episode has at least so many intervals.
    private static let episodeIntervalsMin = 6

    private static let capacity = 64
    private var intervals = [Double](repeating: 0, count: capacity)
    private var starts = [Double](repeating: 0, count: capacity)
    private var ends = [Double](repeating: 0, count: capacity)
    private var votes = [Bool](repeating: false, count: capacity)
    private var waves = PWaves()
    private var history = PWaveHistory()
    /// Intervals that came, that have a vote, and that are decided.
    private var count = 0
    private var voted = 0
    private var decided = 0

    private var last: Beat?
    private var episode = Episode(.atrialFibrillation)
    private var lastEnd = 0.0
    /// Intervals, one behind the other, that are an episode when there are enough, and where the first began.
    private var run = 0
    private var runStart = 0.0
    /// Of the newest interval that was decided: whether the votes say so, and whether there is order.
    private var wasUneven = false
    private var isOrdered = false

    /// Of the newest votes, which are not decided yet: whether most say so, and whether there is order.
    private var isLikely = false
    private var isLikelyOrdered = false

    /// What is decided, or what most of the newest votes say.
    var isFibrillating: Bool { episode.isOpen || isLikely && !isLikelyOrdered }

    private static func isVentricular(_ beat: Beat) -> Bool {
        beat.beatClass == .ventricular || beat.beatClass == .fusion || beat.beatClass == .unclassifiable
    }

    /// A beat as soon as it is known.
    mutating func see(_ beat: Beat, clean: borrowing SignalRing) { waves.add(beat, clean: clean) }

    /// A beat whose class is final; `isUsable` when the signal since the last one can be believed.
    mutating func add(_ beat: Beat, now: Double, isUsable: Bool, _ findings: inout [Finding]) {
        defer { last = beat }
        if let last, count > 0, last.seconds - ends[(count - 1) & (Self.capacity - 1)] > Self.gapSecondsMax {
            conclude(now: now, &findings)
        }
        guard let last, isUsable, !Self.isVentricular(last), !Self.isVentricular(beat) else { return }
        let interval = beat.seconds - last.seconds
        guard interval >= Self.intervalSecondsMin, interval <= Self.intervalSecondsMax else { return }
        let slot = count & (Self.capacity - 1)
        intervals[slot] = interval
        starts[slot] = last.seconds
        ends[slot] = beat.seconds
        history.append(waves.segment(of: beat), beat)
        count += 1
        if count > Self.sizeRadius {
            vote()
            foresee()
        }
        if voted > Self.orderBehind { decide(now: now, &findings) }
    }

    mutating func interrupt() { last = nil }

    mutating func finish(at seconds: Double, _ findings: inout [Finding]) { conclude(now: seconds, &findings) }

    /// Decides about all that is there, and begins anew.
    private mutating func conclude(now: Double, _ findings: inout [Finding]) {
        while voted < count { vote() }
        while decided < count { decide(now: now, &findings) }
        episode.end(at: lastEnd, now: now, &findings)
        history.removeAll()
        count = 0
        voted = 0
        decided = 0
        run = 0
        wasUneven = false
        isOrdered = false
        isLikely = false
    }

    private func interval(_ index: Int) -> Double { intervals[index & (Self.capacity - 1)] }

    /// About the oldest interval that has no vote yet.
    private mutating func vote() {
        let index = voted
        voted += 1
        let newest = min(index + Self.entropyIntervals / 2, count - 1)
        // What costs less is asked first.
        votes[index & (Self.capacity - 1)] = isLarge(around: index) && entropy(to: newest) > Self.entropyMin
    }

    /// What will be decided, by the newest votes.
    private mutating func foresee() {
        var yes = 0
        let newest = min(voted, Self.voteRadius + 1)
        for index in (voted - newest) ..< voted where votes[index & (Self.capacity - 1)] { yes += 1 }
        let wasLikely = isLikely
        isLikely = newest > Self.voteRadius && 2 * yes > newest
        // Once it is told, nobody asks.
        guard isLikely, !episode.isOpen, !wasLikely || voted % Self.orderEvery == 0 else { return }
        // All around the newest vote: those that do not speak for it are not known yet.
        var order = AtrialOrder()
        for place in max(0, voted - 1 - Self.orderBehind) ..< count {
            order.add(place, intervalSeconds: interval(place), history)
        }
        isLikelyOrdered = order.speaksAgainstFibrillation(history, isTold: false)
    }

    /// Whether something is left of order among the intervals around one that themselves speak for fibrillation.
    private func hasOrder(around index: Int) -> Bool {
        var order = AtrialOrder()
        for place in max(0, index - Self.orderBefore) ... max(0, min(voted - 1, index + Self.orderBehind))
        where votes[place & (Self.capacity - 1)] {
            order.add(place, intervalSeconds: interval(place), history)
        }
        return order.speaksAgainstFibrillation(history, isTold: episode.isOpen || run > 0)
    }

    private mutating func decide(now: Double, _ findings: inout [Finding]) {
        let index = decided
        decided += 1
        let from = max(0, index - Self.voteRadius)
        let to = min(voted - 1, index + Self.voteRadius)
        var yes = 0
        for other in from ... max(from, to) where votes[other & (Self.capacity - 1)] { yes += 1 }
        let slot = index & (Self.capacity - 1)
        let isUneven = 2 * yes > to - from + 1
        if !isUneven {
            isOrdered = false
        } else if !wasUneven || index % Self.orderEvery == 0 {
            isOrdered = hasOrder(around: index)
        }
        wasUneven = isUneven
        guard isUneven, !isOrdered else {
            run = 0
            return episode.end(at: starts[slot], now: now, &findings)
        }
        if run == 0 { runStart = starts[slot] }
        run += 1
        lastEnd = ends[slot]
        guard run >= Self.episodeIntervalsMin else { return }
        let confidence = Double(yes) / Double(max(1, to - from + 1))
        episode.begin(at: runStart, now: now, confidence: confidence, &findings)
    }

    /// Whether neighbours differ as in fibrillation.
    private func isLarge(around index: Int) -> Bool {
        let from = max(0, index - Self.sizeRadius)
        let to = min(count - 1, index + Self.sizeRadius)
        guard to - from >= Self.entropyIntervalsMin else { return false }
        var sum = interval(from)
        var squareOfAll = 0.0
        for other in (from + 1) ... to {
            let difference = interval(other) - interval(other - 1)
            squareOfAll += difference * difference
            sum += interval(other)
        }
        let mean = sum / Double(to - from + 1)
        // Nearly always all of them together are too small already.
        let leastOfAll = mean < Self.fastIntervalSeconds ? Self.sizeMinWhenFast : Self.sizeMin
        let share = squareOfAll / Double(to - from)
        guard share > Self.certainShare * leastOfAll * leastOfAll * mean * mean else { return false }
        var squares = InsertionSorted()
        for other in (from + 1) ... to {
            let difference = interval(other) - interval(other - 1)
            squares.insert(difference * difference)
        }
        let kept = max(1, Int(Self.sizeShare * Double(squares.count)))
        var square = 0.0
        for rank in 0 ..< kept { square += squares[rank] }
        let usual = isSwinging(to: to) ? Self.sizeMinWhenSwinging : Self.sizeMin
        let least = mean < Self.fastIntervalSeconds ? Self.sizeMinWhenFast : usual
        let size = square / Double(kept) / (mean * mean)
        return size > least * least && size < Self.sizeMax * Self.sizeMax
    }

    /// Whether fewer of the last intervals turn than would without order.
    private func isSwinging(to: Int) -> Bool {
        let from = max(0, to - Self.swingIntervals + 1)
        guard to - from >= 2 else { return false }
        var turns = 0
        for middle in (from + 1) ..< to {
            let before = interval(middle) - interval(middle - 1)
            let after = interval(middle) - interval(middle + 1)
            if before * after > 0 { turns += 1 }
        }
        return Double(turns) < Self.turningShareMin * Double(to - from - 1)
    }

    /// CoSEn of the intervals up to one: templates of one interval, the tolerance widened until five matches are
    /// found.
    private func entropy(to newest: Int) -> Double {
        let used = min(newest + 1, Self.entropyIntervals)
        guard used >= Self.entropyIntervalsMin else { return -9 }
        let first = newest + 1 - used
        var recent = InlineArray<12, Double>(repeating: 0)
        var sum = 0.0
        for place in 0 ..< used {
            recent[place] = interval(first + place)
            sum += recent[place]
        }
        // How far each pair of intervals is apart, and its successors: one behind the other.
        var pairs = InlineArray<55, SIMD2<Double>>(repeating: .zero)
        var pairCount = 0
        var closest = InsertionSorted()
        let values = recent.span
        for one in 0 ..< (used - 2) {
            for other in (one + 1) ..< (used - 1) {
                let now = abs(values[one] - values[other])
                let next = abs(values[one + 1] - values[other + 1])
                closest.insert(max(now, next), keep: CoSEn.matchesMin)
                pairs[pairCount] = SIMD2(now, next)
                pairCount += 1
            }
        }
        guard closest.count >= CoSEn.matchesMin else { return -9 }
        let tolerance = CoSEn.tolerance(closest[CoSEn.matchesMin - 1])
        var shorter = 0
        var longer = 0
        let distances = pairs.span
        for pair in 0 ..< pairCount where distances[pair].x <= tolerance {
            shorter += 1
            if distances[pair].y <= tolerance { longer += 1 }
        }
        return CoSEn.value(shorter: shorter, longer: longer, tolerance: tolerance, mean: sum / Double(used))
    }
}
