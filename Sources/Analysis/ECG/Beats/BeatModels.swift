internal import Numbers

/// From what was measured of a beat to its class, by the learnt models (`Training/train_beats.py`).
enum BeatModels {
    /// A class and how sure it is: 0…1.
    struct Verdict {
        var beatClass: BeatClass
        var confidence: Float
    }

    /// A beat is ventricular, or supraventricular, from this probability on.
    private static let ventricularMin: Float = 0.55
    private static let supraventricularMin: Float = 0.55
    /// How much a signal that is not good takes from the confidence.
    private static let poorShare: Float = 0.7
    private static let badShare: Float = 0.4

    /// Ventricular or not, without the beats that follow.
    static func provisional(_ features: BeatFeatures) -> Verdict {
        verdict(ventricular: probability(ProvisionalBeatModel.trees, features), supraventricular: 0)
    }

    /// The class for good. No beat is supraventricular while the atria fibrillate, or where the signal is bad.
    static func settled(
        _ features: BeatFeatures, isAtrialFibrillation: Bool, quality: QualitySecond.Grade
    ) -> Verdict {
        let ventricular = probability(VentricularBeatModel.trees, features)
        let isOpen = ventricular < ventricularMin && !isAtrialFibrillation && quality != .bad
        var verdict = verdict(
            ventricular: ventricular,
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

    private static func verdict(ventricular: Float, supraventricular: Float) -> Verdict {
        if ventricular >= ventricularMin { return Verdict(beatClass: .ventricular, confidence: ventricular) }
        if supraventricular >= supraventricularMin {
            return Verdict(beatClass: .supraventricular, confidence: supraventricular * (1 - ventricular))
        }
        return Verdict(beatClass: .normal, confidence: (1 - ventricular) * (1 - supraventricular))
    }
}
