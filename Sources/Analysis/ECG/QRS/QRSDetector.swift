package import Numbers

/// Decides which candidates are beats: by learnt trees over what the beats so far lead to expect, and a few
/// rules.
package struct QRSDetector: Sendable {
    /// Who decides.
    package enum Judge: Sendable {
        case trees(BoostedTrees)
        /// Without anything learnt.
        case rules
        /// For training: the truth about each candidate, in their order.
        case teacher([Bool])
    }

    /// What the decision about one candidate was made of; for training.
    package struct Decision: Sendable {
        package var index: Int
        /// About where its R peak is, in working samples.
        package var peak: Int
        package var features: [Float]
        package var probability: Float
        package var isBeat: Bool
    }

    /// A candidate without its shapes.
    struct Found: Sendable {
        var candidate: Candidate
        var probability: Float
    }

    /// The first three seconds are heard before anything is decided, and then decided from their start.
    static let learningSamples = 600
    /// No heart beats twice in 200 ms.
    static let refractorySamples = 40
    static let acceptProbability: Float = 0.5
    /// Less of the usual energy is no beat, and costs no further thought.
    static let negligibleShare: Float = 0.07
    /// A P wave before its QRS: the energy that follows is so much greater, and its own less than a
    /// beat's.
    static let nextIsGreater: Float = 1.15
    static let weakShare: Float = 0.95
    /// A beat is missed when none came for so many usual intervals.
    static let missedIntervals: Float = 1.5
    /// What a missed beat must have at least: probability, share of the usual energy, distance from its
    /// neighbours.
    static let missedProbability: Float = 0.1
    static let missedEnergyShare: Float = 0.3
    static let missedDistance = 50
    /// After so long without a beat the level sinks with every candidate, not below so many times the noise.
    static let silenceSamples = 600
    static let silenceFactor: Float = 0.8
    static let silenceNoises: Float = 2
    /// Candidates that are remembered since the last beat.
    static let waitingMax = 32

    package static let featureCount = QRSContext.featureCount

    private let judge: Judge
    private var context: QRSContext?
    private var learning: [Candidate] = []
    private var waiting: [Found] = []
    private var seen = 0
    /// Beats in the order of time, until they are taken.
    var found: [Found] = []
    /// The decisions, while somebody wants them.
    package var decisions: [Decision]?

    package init(_ judge: Judge) {
        self.judge = judge
        learning.reserveCapacity(64)
        waiting.reserveCapacity(Self.waitingMax)
    }

    /// Whether the first seconds have been decided.
    var isLearning: Bool { context == nil }

    mutating func add(_ candidate: Candidate) {
        if context == nil { learning.append(candidate) } else { decide(candidate) }
    }

    /// The first seconds are over.
    mutating func endLearning() {
        guard context == nil, let first = learning.first else { return }
        var most = [Float](repeating: 0, count: 3)
        for candidate in learning {
            let second = min(2, max(0, candidate.index - 40) / 200)
            most[second] = max(most[second], candidate.energy)
        }
        most.sort()
        let level = most[1] > 0 ? most[1] : most[2]
        let like = learning.first { $0.energy >= 0.5 * level } ?? first
        context = QRSContext(energy: level, like: like)
        for candidate in learning { decide(candidate) }
        learning.removeAll()
    }

    private mutating func decide(_ candidate: Candidate) {
        guard var context else { return }
        let like = context.likeness(of: candidate)
        var features = context.features(of: candidate, like)
        var probability = probability(features, candidate, context)
        while let missed = missedBeat(before: candidate, context) {
            let beat = waiting[missed]
            found.append(beat)
            markFound(beat.candidate)
            context.noteInterval(to: beat.candidate)
            waiting.removeFirst(missed + 1)
            features = context.features(of: candidate, like)
            probability = self.probability(features, candidate, context)
        }
        let isBeat = probability >= Self.acceptProbability
        if decisions != nil { remember(candidate.index, candidate.peak, features, probability, isBeat) }
        seen += 1
        var remembered = Found(candidate: candidate, probability: probability)
        remembered.candidate.forgetShapes()
        if isBeat {
            found.append(remembered)
            context.accept(candidate, like)
            waiting.removeAll(keepingCapacity: true)
        } else {
            context.reject(candidate.energy)
            if waiting.count == Self.waitingMax { waiting.removeFirst() }
            waiting.append(remembered)
        }
        self.context = context
        noticeSilence(candidate.peak)
    }

    /// Whether a peak of energy is too little to be looked at.
    func passesOver(energy: Float) -> Bool {
        guard let usual = context?.energy.value, !isTaught else { return false }
        return energy < Self.negligibleShare * usual
    }

    /// What ``passesOver(energy:)`` says of is noise, no more.
    mutating func passOver(_ index: Int, energy: Float) {
        guard !isLearning else { return }
        let peak = index - LeadFront.energyWindow / 2
        if decisions != nil { remember(index, peak, InlineArray(repeating: 0), 0, false) }
        seen += 1
        context?.reject(energy)
        noticeSilence(peak)
    }

    private mutating func noticeSilence(_ peak: Int) {
        guard let last = context?.lastPeak, peak - last > Self.silenceSamples else { return }
        context?.calm(by: Self.silenceFactor, noises: Self.silenceNoises)
    }

    private var isTaught: Bool { if case .teacher = judge { true } else { false } }

    private func probability(
        _ features: InlineArray<27, Float>, _ candidate: borrowing Candidate, _ context: borrowing QRSContext
    ) -> Float {
        if case .teacher(let truth) = judge { return seen < truth.count && truth[seen] ? 1 : 0 }
        if let last = context.lastPeak, candidate.peak - last < Self.refractorySamples { return 0 }
        if candidate.next > Self.nextIsGreater * candidate.energy,
            candidate.energy < Self.weakShare * context.energy.value
        {
            return 0
        }
        guard case .trees(let trees) = judge else { return ruled(candidate, context) }
        return BoostedTrees.probability(logOdds: trees.score(features.span))
    }

    /// A beat has more than a third of the usual energy; soon after a beat it must not look like its T wave.
    private func ruled(_ candidate: borrowing Candidate, _ context: borrowing QRSContext) -> Float {
        let share = candidate.energy / max(context.energy.value, QRSContext.least)
        let since = context.interval(to: candidate)
        let isSteep = candidate.slope > 0.5 * context.slope.value
        if since < 72, !isSteep || share < 0.6 { return 0.05 }
        if share > 0.35, candidate.energy > 2 * context.noise { return 0.9 }
        return share > 0.3 ? 0.2 : 0.02
    }

    /// The likeliest of what was rejected since the last beat, when that is too long ago.
    private func missedBeat(before candidate: borrowing Candidate, _ context: borrowing QRSContext) -> Int? {
        if case .teacher = judge { return nil }
        guard let last = context.lastPeak else { return nil }
        guard Float(candidate.peak - last) > Self.missedIntervals * context.interval.value else { return nil }
        var best: Int?
        var most = Self.missedProbability
        for index in waiting.indices {
            let peak = waiting[index].candidate.peak
            guard waiting[index].probability > most, peak - last > Self.missedDistance,
                candidate.peak - peak > Self.missedDistance,
                waiting[index].candidate.energy > Self.missedEnergyShare * context.energy.value
            else { continue }
            most = waiting[index].probability
            best = index
        }
        return best
    }

    private mutating func remember(
        _ index: Int, _ peak: Int, _ features: InlineArray<27, Float>, _ probability: Float, _ isBeat: Bool
    ) {
        let values = features.indices.map { features[$0] }
        decisions?.append(
            Decision(
                index: index, peak: peak - LeadFront.bandDelaySamples, features: values, probability: probability,
                isBeat: isBeat))
    }

    private mutating func markFound(_ candidate: Candidate) {
        guard let at = decisions?.lastIndex(where: { $0.index == candidate.index }) else { return }
        decisions?[at].isBeat = true
    }
}
