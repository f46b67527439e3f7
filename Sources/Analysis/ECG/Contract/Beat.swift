public import Vitals

/// The five classes of beats of ANSI/AAMI EC57, with the letters that WFDB's annotation files use for them.
public enum BeatClass: UInt8, Hashable, Sendable, CaseIterable {
    /// Of the sinus node, with or without a bundle branch block; nodal and atrial escape beats.
    case normal = 0
    /// Supraventricular ectopic: atrial or nodal premature.
    case supraventricular
    /// Ventricular ectopic: premature or escape.
    case ventricular
    /// Of a normal and a ventricular beat.
    case fusion
    /// Paced, or of no class.
    case unclassifiable

    /// N, S, V, F, Q.
    public var letter: Character {
        switch self {
        case .normal: "N"
        case .supraventricular: "S"
        case .ventricular: "V"
        case .fusion: "F"
        case .unclassifiable: "Q"
        }
    }
}

/// One heart beat.
public struct Beat: Hashable, Sendable {
    /// Of the R peak, in working samples; the fraction is the refinement between two samples.
    public var index: Int
    public var fraction: Float
    /// How sure the detector is that it is one: 0…1.
    public var score: Float
    public var beatClass: BeatClass
    /// How sure the classifier is of the class: 0…1.
    public var confidence: Float
    /// What speaks against it: the signal's reasons in its second.
    public var doubts: QualityReasons
    /// How alike its complex is to the patient's usual one: -1…1. Zero before there is one.
    public var templateCorrelation: Float = 0
    /// Of the complex; zero before it is measured.
    public var widthMilliseconds: Float = 0

    public init(
        index: Int, fraction: Float = 0, score: Float, beatClass: BeatClass = .normal, confidence: Float = 0,
        doubts: QualityReasons = []
    ) {
        self.index = index
        self.fraction = fraction
        self.score = score
        self.beatClass = beatClass
        self.confidence = confidence
        self.doubts = doubts
    }

    /// Since the start of the stream.
    public var seconds: Double { (Double(index) + Double(fraction)) / Double(WorkingSignal.sampleRateHz) }
}
