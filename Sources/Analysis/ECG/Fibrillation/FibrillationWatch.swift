import Numbers

/// Ventricular fibrillation and flutter, from the shape of the last five seconds.
struct FibrillationWatch: Sendable {
    /// A second whose window scores above it speaks for fibrillation; at or below the other, against it.
    private static let beginScore: Float = 0.5
    private static let endScore: Float = 0.25
    /// So many of the last seconds must speak for it, or against it.
    private static let votes = 3
    private static let voters = 5
    /// A window of five seconds speaks for what fills half of it.
    private static let backdatedSeconds = 2.5

    private(set) var score: Float = 0
    private var episode = Episode(.ventricularFibrillation)
    private var window = FibrillationWindow()
    private var spectrum = SmallSpectrum()
    private var veto = FibrillationVeto()
    private var scores = RecentValues(capacity: 8)

    var isOpen: Bool { episode.isOpen }

    mutating func add(_ beat: Beat) { veto.add(beat) }

    /// `isTrusted` when the second's signal can be believed: from a bad one no fibrillation begins.
    mutating func add(
        _ second: QualitySecond, clean: borrowing SignalRing, now: Double, isTrusted: Bool,
        _ findings: inout [Finding]
    ) {
        window.append(second: second.second, of: clean)
        guard window.isFull else { return }
        score = 0
        if !veto.holds(at: now) {
            let features = FibrillationFeature.compute(window, &spectrum)
            score = BoostedTrees.probability(logOdds: FibrillationModel.trees.score(features.span))
        }
        scores.append(Double(score))
        let end = Double(second.second) + 1
        var high = (count: 0, oldest: 0)
        var low = (count: 0, oldest: 0)
        for age in 0 ..< min(Self.voters, scores.count) {
            if Float(scores[age]) > Self.beginScore { high = (high.count + 1, age) }
            if Float(scores[age]) <= Self.endScore { low = (low.count + 1, age) }
        }
        if episode.isOpen {
            guard low.count >= Self.votes else { return }
            episode.end(at: end - Double(low.oldest) - Self.backdatedSeconds, now: now, &findings)
        } else if high.count >= Self.votes, isTrusted {
            let start = end - Double(high.oldest) - Self.backdatedSeconds
            episode.begin(at: start, now: now, confidence: Double(score), &findings)
        }
    }

    mutating func interrupt(at seconds: Double, _ findings: inout [Finding]) {
        episode.end(at: seconds, now: seconds, &findings)
        window.removeAll()
        scores.removeAll()
        score = 0
    }
}
