/// What a monitor's alarm is about: the five life-threatening ones.
public enum AlarmKind: String, Hashable, Sendable, CaseIterable {
    case asystole
    case extremeBradycardia = "extreme-bradycardia"
    case extremeTachycardia = "extreme-tachycardia"
    case ventricularTachycardia = "ventricular-tachycardia"
    case ventricularFibrillation = "ventricular-fibrillation"
}

/// Whether an alarm is believed, and why.
public struct AlarmVerdict: Hashable, Sendable {
    public var isTrue: Bool
    public var reasons: [Reason]

    public init(isTrue: Bool, reasons: [Reason]) {
        self.isTrue = isTrue
        self.reasons = reasons
    }

    /// The raw value is the name in tables.
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        /// A pulse wave, or the complexes of a lead, bear the alarm out.
        case pulseAgrees = "pulse-agrees"
        case leadAgrees = "lead-agrees"
        /// They go on as if nothing were.
        case pulseDisagrees = "pulse-disagrees"
        case leadDisagrees = "lead-disagrees"
        /// No signal can be believed: the alarm stands.
        case nothingToJudgeBy = "nothing-to-judge-by"
    }
}

/// What one lead has shown up to the alarm.
public struct LeadEvidence: Sendable {
    /// In order of time; with their final class where it is known, else the provisional one.
    public var beats: [Beat]
    public var findings: [Finding]
    public var seconds: [QualitySecond]
    /// ``RhythmAnalyzer/fibrillationScore`` behind each of ``seconds``.
    public var fibrillationScores: [Float]

    public init(
        beats: [Beat] = [], findings: [Finding] = [], seconds: [QualitySecond] = [],
        fibrillationScores: [Float] = []
    ) {
        self.beats = beats
        self.findings = findings
        self.seconds = seconds
        self.fibrillationScores = fibrillationScores
    }
}

/// What one pulse wave has shown up to the alarm.
public struct PulseEvidence: Sendable {
    public var beats: [PulseBeat]

    public init(beats: [PulseBeat] = []) { self.beats = beats }
}
