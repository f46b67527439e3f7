/// Tells the class of every beat of one lead: at once whether it is ventricular, and ten beats later for good.
///
/// The patient's own usual beat is the measure: running templates of the shapes, and the intervals around. Two
/// small tree models decide on what is left when both are taken as ratios: ventricular or not, then
/// supraventricular or not. All state is bounded; the result does not depend on how the signal is cut into pieces.
public struct BeatClassifier: Sendable {
    /// Beats that are judged together with those that follow.
    private static let lookahead = BeatIntervals.reach
    /// Slots for beats that wait: a power of two, above the look-ahead and the beats whose signal is not there yet.
    private static let slots = 16
    private static let mask = slots - 1
    /// A beat waits for its successors no longer than that, in working samples: 15 s.
    private static let waitSamplesMax = 15 * WorkingSignal.sampleRateHz
    /// Every beat is announced within it: 4 s, two slow intervals; the detector looks back so far.
    private static let announceSamplesMax = 4 * WorkingSignal.sampleRateHz
    /// No gap between beats is told apart from one that long, in working samples: 60 s.
    private static let intervalSamplesMax = 60 * WorkingSignal.sampleRateHz

    /// What waits with one beat.
    struct Waiting {
        var beat = Beat(index: 0, score: 0)
        var shape = BeatShape()
        /// What is in front of it.
        var wave = AtrialWave()
        var features = LastingFeatures()
        /// Since the beat before, in seconds; `nil` after a gap.
        var interval: Float?
        var quality = QualitySecond.Grade.good
        var isAtrialFibrillation = false
        /// The cluster that learnt it, or that it fits where the signal is bad.
        var cluster: Int8 = 0
        /// Its window is whole.
        var isCut = false
    }

    private(set) var waiting = [Waiting](repeating: Waiting(), count: slots)
    private(set) var windows = [Float](repeating: 0, count: slots * BeatWindow.length)
    private var complexes = [ShiftedComplex](repeating: ShiftedComplex(), count: slots)
    private var units = [Float](repeating: 0, count: slots * ShiftedComplex.taps)
    private(set) var templates = BeatTemplates()
    private var intervals = BeatIntervals()
    private var atrialGate = AtrialGate()
    /// Beats taken, measured and settled so far.
    private var added = 0
    private var measured = 0
    private var settled = 0
    private var previous: Beat?
    private var isAtrialFibrillation = false

    public init() {}

    /// The next beat, in order, with the signal's grade there and whether the rhythm is atrial fibrillation by now.
    /// What is decided by it goes to `output`.
    public mutating func add(
        _ beat: Beat, clean: borrowing SignalRing, quality: QualitySecond.Grade, isAtrialFibrillation: Bool,
        _ output: inout ClassifiedBeats
    ) {
        measure(clean, &output)
        while added - settled >= Self.slots - 1 {
            if measured == settled { measureNext(&output) }
            settleNext(&output)
        }
        let slot = added & Self.mask
        self.isAtrialFibrillation = isAtrialFibrillation
        waiting[slot].beat = beat
        waiting[slot].interval = interval(to: beat)
        waiting[slot].quality = quality
        waiting[slot].isAtrialFibrillation = isAtrialFibrillation
        previous = beat
        added += 1
        waiting[slot].isCut = BeatWindow.isComplete(beat.index, in: clean)
        BeatWindow.cut(beat.index, from: clean, into: &windows, at: slot)
        measure(clean, &output)
    }

    /// Time passes: what waits for signal or for successors that do not come is decided.
    public mutating func advance(
        to workingIndex: Int, clean: borrowing SignalRing, _ output: inout ClassifiedBeats
    ) {
        measure(clean, &output)
        settle(before: workingIndex.subtractingReportingOverflow(Self.announceSamplesMax).partialValue, &output)
    }

    /// The signal was interrupted: the interval across is not used, the templates stay.
    public mutating func interrupt() { previous = nil }

    /// The stream ends: what waits is decided with what is there.
    public mutating func finish(_ output: inout ClassifiedBeats) {
        while measured < added { measureNext(&output) }
        while settled < added { settleNext(&output) }
    }

    private func interval(to beat: Beat) -> Float? {
        guard let previous else { return nil }
        let (samples, overflow) = beat.index.subtractingReportingOverflow(previous.index)
        guard !overflow, samples > 0, samples < Self.intervalSamplesMax else { return nil }
        let fraction = beat.fraction - previous.fraction
        let exact = Float(samples) + (fraction.isFinite ? min(max(fraction, -1), 1) : 0)
        return exact / Float(WorkingSignal.sampleRateHz)
    }

    /// Measures the beats whose window is complete by now.
    private mutating func measure(_ clean: borrowing SignalRing, _ output: inout ClassifiedBeats) {
        while measured < added {
            let slot = measured & Self.mask
            let index = waiting[slot].beat.index
            guard clean.endIndex.subtractingReportingOverflow(index).partialValue >= BeatWindow.after else {
                return
            }
            if !waiting[slot].isCut { BeatWindow.cut(index, from: clean, into: &windows, at: slot) }
            measureNext(&output)
        }
    }

    /// Measures the next beat by itself and by what came before, and says provisionally what it is.
    private mutating func measureNext(_ output: inout ClassifiedBeats) {
        let slot = measured & Self.mask
        let offset = slot * BeatWindow.length
        settle(before: waiting[slot].beat.index, &output)
        var features = BeatFeatures()
        intervals.add(waiting[slot].interval, to: &features)
        lookBefore(slot)
        let shape = waiting[slot].shape
        ShiftedComplex.normalize(windows, at: offset, into: &units, at: slot * ShiftedComplex.taps)
        complexes[slot] = ShiftedComplex(windows, at: offset)
        let match = templates.match(complexes[slot], slopeSpread: shape.slopeSpread)
        compare(slot, shape, match, &features)
        compareAtrialWave(slot, match, &features)
        features[.previousCorrelation] = measured > 0 ? correlation(slot, with: measured - 1) : 0
        features[.previousDominantCorrelation] = intervals.correlation(measured - 1)
        waiting[slot].features = LastingFeatures(features)
        let logOdds = BeatModels.provisionalLogOdds(features)
        output.provisional.append(
            Self.tell(waiting[slot].beat, BeatModels.provisional(logOdds: logOdds), features))
        if !templates.isEmpty { intervals.noteNewest(correlation: match.dominant.correlation) }
        waiting[slot].cluster = Int8(match.cluster)
        if waiting[slot].quality != .bad { learn(slot, match, features, logOdds: logOdds) }
        measured += 1
        output.collectProvisional(features, cluster: templates.learntNumber)
        while measured - settled > Self.lookahead { settleNext(&output) }
    }

    /// Measures the beat's own shape and the P wave in front of it, free of the T wave of the beat before.
    private mutating func lookBefore(_ slot: Int) {
        let offset = slot * BeatWindow.length
        let before = waiting[(measured - 1) & Self.mask]
        let isJoined = measured > 0 && waiting[slot].interval != nil && !templates.isEmpty
        let samples = isJoined ? waiting[slot].beat.index - before.beat.index : 0
        if isJoined, samples < BeatWindow.length {
            templates.removeTail(of: Int(before.cluster), intervalSamples: samples, from: &windows, at: offset)
        }
        let shape = BeatShape(windows, at: offset)
        waiting[slot].shape = shape
        waiting[slot].wave =
            isJoined
            ? AtrialWave(windows, at: offset, onset: shape.onset, intervalSamples: samples) : AtrialWave()
    }

    /// Lets the templates learn from the beat in `slot`, which has just been compared with them.
    private mutating func learn(
        _ slot: Int, _ match: BeatTemplates.Match, _ features: BeatFeatures, logOdds: Float
    ) {
        templates.learnVariation(features, match)
        templates.learn(
            windows, at: slot * BeatWindow.length, match, intervalSeconds: features[.intervalSeconds],
            intervalRatio: features[.intervalToMedian10],
            maximumRatio: features[.intervalToMaximum10], logOdds: logOdds)
        waiting[slot].cluster = Int8(templates.learnt)
        let before = (measured - 1) & Self.mask
        if measured > 0, waiting[slot].interval != nil, features[.intervalToMaximum10] >= BeatTemplates.lateRatio {
            templates.learnTail(
                windows, at: before * BeatWindow.length, cluster: Int(waiting[before].cluster),
                intervalSamples: waiting[slot].beat.index - waiting[before].beat.index)
        }
        templates.learnAtrialWave(
            waiting[slot].wave, toUsual: features[.atrialWaveToUsual],
            intervalRatio: features[.intervalToMedian10])
    }

    /// Decides on the beats that have waited too long at `index`.
    private mutating func settle(before index: Int, _ output: inout ClassifiedBeats) {
        while settled < measured {
            let waited = index.subtractingReportingOverflow(waiting[settled & Self.mask].beat.index)
            guard !waited.overflow, waited.partialValue > Self.waitSamplesMax else { return }
            settleNext(&output)
        }
    }

    /// Decides on the oldest beat with all that is known by now.
    private mutating func settleNext(_ output: inout ClassifiedBeats) {
        let slot = settled & Self.mask
        var features = waiting[slot].features.features
        let shape = waiting[slot].shape
        let match = templates.match(complexes[slot], slopeSpread: shape.slopeSpread)
        compare(slot, shape, match, &features)
        compareAtrialWave(slot, match, &features)
        intervals.addFollowing(of: settled, to: &features)
        features[.nextCorrelation] = settled + 1 < measured ? correlation(slot, with: settled + 1) : 0
        let fibrillates = waiting[slot].isAtrialFibrillation || isAtrialFibrillation
        let verdict = atrialGate.pass(
            BeatModels.settled(
                features, ofCluster: templates.evidence(match.cluster), isAtrialFibrillation: fibrillates,
                quality: waiting[slot].quality),
            isAtrialFibrillation: fibrillates)
        let beat = Self.tell(waiting[slot].beat, verdict, features)
        output.final.append(beat)
        output.collectFinal(features, cluster: templates.number(match.cluster))
        settled += 1
    }

    private static func tell(_ beat: Beat, _ verdict: BeatModels.Verdict, _ features: BeatFeatures) -> Beat {
        var beat = beat
        beat.beatClass = verdict.beatClass
        beat.confidence = verdict.confidence
        beat.templateCorrelation = features[.dominantCorrelation]
        beat.widthMilliseconds = features[.widthMilliseconds]
        return beat
    }

    /// Of the complexes of the beat in `slot` and of another that is still held.
    private func correlation(_ slot: Int, with beat: Int) -> Float {
        complexes[slot].fit(units, at: (beat & Self.mask) * ShiftedComplex.taps).correlation
    }
}
