public import Vitals

/// Something that the analysis has found in the rhythm or the signal, when it begins and when it ends.
public struct Finding: Hashable, Sendable {
    public var kind: Kind
    public var phase: Phase
    /// Where what was found begins, in seconds since the start of the stream.
    public var startSeconds: Double
    /// Where it ends; `nil` while it lasts.
    public var endSeconds: Double?
    /// When the analysis could first say so: the delay is the difference.
    public var announcedSeconds: Double
    /// The rate (/min) of a tachycardia, bradycardia or run; the length (s) of a pause; beats of a couplet or run.
    public var value: Double?
    /// 0…1.
    public var confidence: Double
    /// What speaks against it.
    public var doubts: QualityReasons

    /// An episode begins and ends under one kind and one start; a moment is told once.
    public enum Phase: String, Hashable, Sendable, CaseIterable { case begin, end, moment }

    /// What can be found. The raw value is the name in alarms, sessions and the tables of the evaluation.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case asystole
        case ventricularFibrillation = "ventricular-fibrillation"
        case ventricularTachycardia = "ventricular-tachycardia"
        case extremeBradycardia = "extreme-bradycardia"
        case extremeTachycardia = "extreme-tachycardia"
        case ventricularRun = "ventricular-run"
        case ventricularCouplet = "ventricular-couplet"
        case ventricularBigeminy = "ventricular-bigeminy"
        case ventricularTrigeminy = "ventricular-trigeminy"
        case atrialFibrillation = "atrial-fibrillation"
        case pause
        case bradycardia
        case tachycardia
        /// The signal is too bad to watch the heart: technical, never clinical.
        case signalPoor = "signal-poor"
        case leadOff = "lead-off"

        public var isTechnical: Bool { self == .signalPoor || self == .leadOff }
        /// A life is in danger within minutes.
        public var isLifeThreatening: Bool {
            switch self {
            case .asystole, .ventricularFibrillation, .ventricularTachycardia, .extremeBradycardia,
                .extremeTachycardia:
                true
            default: false
            }
        }
    }

    public init(
        _ kind: Kind, _ phase: Phase, startSeconds: Double, endSeconds: Double? = nil, announcedSeconds: Double,
        value: Double? = nil, confidence: Double = 1, doubts: QualityReasons = []
    ) {
        self.kind = kind
        self.phase = phase
        self.startSeconds = startSeconds
        self.endSeconds = endSeconds
        self.announcedSeconds = announcedSeconds
        self.value = value
        self.confidence = confidence
        self.doubts = doubts
    }
}
