import Numbers

/// Ventricular fibrillation and flutter, from the shape of the last five seconds.
struct FibrillationWatch: Sendable {
    /// A second whose window scores above it speaks for fibrillation; at or below the other, against it.
    private static let beginScore: Float = 0.6
    private static let endScore: Float = 0.2
    /// So many of the last seconds must speak for it, or against it. It is told within seconds, and not ended by a
    /// few quieter ones.
    private static let beginVotes = (least: 2, of: 3)
    private static let endVotes = (least: 4, of: 5)
    /// In a signal that is not trusted so many seconds must score above this: a patient who fibrillates may be
    /// jolted.
    private static let certainScore: Float = 0.8
    private static let certainVotes = (least: 4, of: 5)
    /// With usual complexes among others, the trees must be so sure.
    private static let scoreMinBesideUsual: Float = 0.9
    /// A window of five seconds speaks for what fills half of it.
    private static let backdatedSeconds = 2.5

    private(set) var score: Float = 0
    private var episode = Episode(.ventricularFibrillation)
    private var window = FibrillationWindow()
    private var spectrum = SmallSpectrum()
    private var veto = FibrillationVeto()
    private var scores = RecentValues(capacity: 8)

    var isOpen: Bool { episode.isOpen }
    var startSeconds: Double? { episode.startSeconds }

    mutating func add(_ beat: Beat) { veto.add(beat) }

    /// `isTrusted` when the second's signal can be believed: from a bad one no fibrillation begins, unless it is
    /// certain for seconds.
    mutating func add(
        _ second: QualitySecond, clean: borrowing SignalRing, now: Double, isTrusted: Bool,
        _ findings: inout [Finding]
    ) {
        window.append(second: second.second, of: clean)
        guard window.isFull else { return }
        score = judge(now)
        scores.append(Double(score))
        let end = Double(second.second) + 1
        if episode.isOpen {
            guard let oldest = oldest(of: Self.endVotes, where: { $0 <= Self.endScore }) else { return }
            episode.end(at: end - Double(oldest) - Self.backdatedSeconds, now: now, &findings)
        } else if let oldest = oldest(of: Self.beginVotes, where: { $0 > Self.beginScore }),
            isTrusted || self.oldest(of: Self.certainVotes, where: { $0 > Self.certainScore }) != nil
        {
            let start = end - Double(oldest) - Self.backdatedSeconds
            episode.begin(at: start, now: now, confidence: Double(score), &findings)
        }
    }

    /// What the trees make of the window, where they are asked.
    private mutating func judge(_ now: Double) -> Float {
        let usual = veto.weight(at: now)
        guard usual != .certain else { return 0 }
        let features = FibrillationFeature.compute(window, &spectrum)
        let score = BoostedTrees.probability(logOdds: FibrillationModel.trees.score(features.span))
        return usual == .none || score >= Self.scoreMinBesideUsual ? score : 0
    }

    /// The age in seconds of the oldest of the votes, when there are enough.
    private func oldest(of votes: (least: Int, of: Int), where speaks: (Float) -> Bool) -> Int? {
        var count = 0
        var oldest = 0
        for age in 0 ..< min(votes.of, scores.count) where speaks(Float(scores[age])) {
            count += 1
            oldest = age
        }
        return count >= votes.least ? oldest : nil
    }

    mutating func interrupt(at seconds: Double, _ findings: inout [Finding]) {
        episode.end(at: seconds, now: seconds, &findings)
        window.removeAll()
        scores.removeAll()
        score = 0
    }
}
