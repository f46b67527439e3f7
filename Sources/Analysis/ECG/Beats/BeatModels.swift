internal import Numbers

/// From what was measured of a beat to its class, by the learnt models (`Training/train_beats.py`).
enum BeatModels {
    /// A class and how sure it is: 0…1.
    struct Verdict {
        var beatClass: BeatClass
        var confidence: Float
    }

    /// A beat is ventricular, or supraventricular, from this probability on.
    private static let ventricularMin: Float = 0.4
    /// The same at once, when runs are alarmed from it.
    private static let provisionalMin: Float = 0.5
    /// While the atria fibrillate a beat that comes early is often conducted aberrantly, and looks ventricular.
    private static let ventricularMinInFibrillation: Float = 0.65
    private static let supraventricularMin: Float = 0.42
    /// What the beats of the same shape say, as a part of the whole.
    private static let clusterShare: Float = 0.2
    private static let logOddsLimit: Float = 5
    /// How much a signal that is not good takes from the confidence.
    private static let poorShare: Float = 0.7
    private static let badShare: Float = 0.4

    /// The class from it.
    static func provisional(logOdds: Float) -> Verdict {
        verdict(
            ventricular: BoostedTrees.probability(logOdds: logOdds), from: provisionalMin, supraventricular: 0)
    }

    /// One beat is no surer than that.
    static func limited(_ logOdds: Float) -> Float { min(max(logOdds, -logOddsLimit), logOddsLimit) }

    /// Ventricular or not, without the beats that follow.
    static func provisionalLogOdds(_ features: BeatFeatures) -> Float {
        ProvisionalBeatModel.trees.score(features.values.span)
    }

    /// The class for good, by the two models and by what the beats of its shape say (log odds that they are
    /// ventricular). Where the signal is bad no beat is supraventricular.
    static func settled(
        _ features: BeatFeatures, ofCluster evidence: Float, isAtrialFibrillation: Bool,
        quality: QualitySecond.Grade
    ) -> Verdict {
        let own = limited(VentricularBeatModel.trees.score(features.values.span))
        let ventricular = BoostedTrees.probability(logOdds: own + (evidence - own) * clusterShare)
        let limit = isAtrialFibrillation ? ventricularMinInFibrillation : ventricularMin
        let isOpen = ventricular < limit && quality != .bad
        var verdict = verdict(
            ventricular: ventricular, from: limit,
            supraventricular: isOpen ? probability(SupraventricularBeatModel.trees, features) : 0)
        switch quality {
        case .good: break
        case .poor: verdict.confidence *= poorShare
        case .bad: verdict.confidence *= badShare
        }
        return verdict
    }

    private static func probability(_ trees: BoostedTrees, _ features: BeatFeatures) -> Float {
        BoostedTrees.probability(logOdds: trees.score(features.values.span))
    }

    private static func verdict(
        ventricular: Float, from limit: Float, supraventricular: Float
    ) -> Verdict {
        if ventricular >= limit { return Verdict(beatClass: .ventricular, confidence: ventricular) }
        if supraventricular >= supraventricularMin {
            return Verdict(beatClass: .supraventricular, confidence: supraventricular * (1 - ventricular))
        }
        return Verdict(beatClass: .normal, confidence: (1 - ventricular) * (1 - supraventricular))
    }
}

/// Tells atrial ectopy from atrial fibrillation where the rhythm alone says fibrillation.
///
/// Both make the intervals irregular. But while the atria fibrillate the model is sure of few supraventricular
/// beats, here and there; where it is sure of a good part of all beats, they are, and the rhythm is none.
struct AtrialGate {
    /// While the rhythm is called fibrillation, so large a part of the beats must surely be supraventricular.
    private static let shareMin: Float = 0.3
    /// The confidence that counts as sure.
    private static let sureMin: Float = 0.65
    /// The running share forgets in so many beats.
    private static let beats: Float = 30
    private var share: Float = 0

    /// What becomes of the verdict on the next beat.
    mutating func pass(_ verdict: BeatModels.Verdict, isAtrialFibrillation: Bool) -> BeatModels.Verdict {
        guard verdict.beatClass != .ventricular else { return verdict }
        let isAtrial = verdict.beatClass == .supraventricular
        let isSure = isAtrial && verdict.confidence >= Self.sureMin
        share += ((isSure ? 1 : 0) - share) / Self.beats
        guard isAtrial, isAtrialFibrillation, share < Self.shareMin else { return verdict }
        return BeatModels.Verdict(beatClass: .normal, confidence: 1 - verdict.confidence)
    }
}
