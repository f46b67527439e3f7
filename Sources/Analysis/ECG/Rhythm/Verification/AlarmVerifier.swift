/// Judges a monitor's alarm by all leads and pulse waves, with nothing of what comes behind it.
///
/// The definitions are those of the Challenge 2015 (``RhythmSettings``), with a margin to the side of the alarm:
/// it is called false only when a signal that can be believed speaks against it, or, for a ventricular rhythm,
/// when no lead shows one. What believes itself: complexes like the patient's usual ones, or pulses one like the
/// other.
public struct AlarmVerifier: Sendable {
    /// The event lies in so many seconds before the alarm: ten by the challenge's rules, and its own length.
    private static let windowSeconds = 15.0
    /// No time without beats as long as this: no asystole (4 s by definition).
    private static let asystoleGapSecondsMax = 3.3
    /// The slowest five beats are faster than this: no extreme bradycardia (40 by definition).
    private static let slowestRateMin = 44.0
    /// The fastest beats are slower than this: no extreme tachycardia (140 by definition).
    private static let fastestRateMax = 125.0
    /// The same for a pulse, which may leave beats out.
    private static let fastestPulseRateMax = 110.0
    /// A ventricular tachycardia has so many beats, one behind the other, with such a mean interval (5 and 0.6 s by
    /// definition).
    private static let runBeatsMin = 4
    private static let runIntervalSecondsMax = 0.70
    /// A pulse that is regular and slower than that goes on through no ventricular tachycardia.
    private static let calmPulseIntervalSecondsMin = 0.66
    /// Fibrillation: so long without a usual complex or pulse (4 s by definition).
    private static let fibrillationGapSecondsMin = 3.0
    private static let fibrillationScoreMin: Float = 0.5
    private static let fibrillationSecondsMin = 4

    public init() {}

    public func verify(
        _ kind: AlarmKind, at seconds: Double, leads: [LeadEvidence], pulses: [PulseEvidence]
    ) -> AlarmVerdict {
        let window = (seconds - Self.windowSeconds) ... seconds
        let leads = leads.map { LeadWindow($0, window) }
        let pulses = pulses.map { PulseWindow($0, window) }
        switch kind {
        case .asystole:
            return judge(leads, pulses) { $0.longestGap > Self.asystoleGapSecondsMax }
        case .extremeBradycardia:
            return judge(leads, pulses) { $0.slowestRate < Self.slowestRateMin }
        case .extremeTachycardia: return tachycardia(leads, pulses)
        case .ventricularTachycardia: return ventricularTachycardia(leads, pulses)
        case .ventricularFibrillation: return ventricularFibrillation(leads, pulses, window)
        }
    }

    /// False when a believable pulse shows nothing of it, or a believable lead while none shows it.
    private func judge(
        _ leads: [LeadWindow], _ pulses: [PulseWindow], shows: (BeatTrain) -> Bool
    ) -> AlarmVerdict {
        let pulses = pulses.filter(\.isBelievable)
        if pulses.contains(where: { !shows($0.train) }) {
            return AlarmVerdict(isTrue: false, reasons: [.pulseDisagrees])
        }
        let leads = leads.filter(\.isBelievable)
        var agreeing: [AlarmVerdict.Reason] = pulses.isEmpty ? [] : [.pulseAgrees]
        if leads.contains(where: { shows($0.usualTrain) }) {
            agreeing.append(.leadAgrees)
        } else if !leads.isEmpty, agreeing.isEmpty {
            return AlarmVerdict(isTrue: false, reasons: [.leadDisagrees])
        }
        return AlarmVerdict(isTrue: true, reasons: agreeing.isEmpty ? [.nothingToJudgeBy] : agreeing)
    }

    private func tachycardia(_ leads: [LeadWindow], _ pulses: [PulseWindow]) -> AlarmVerdict {
        let believable = leads.filter(\.isBelievable)
        if !believable.isEmpty {
            let isFast = believable.contains { $0.train.fastestRate > Self.fastestRateMax }
            return AlarmVerdict(isTrue: isFast, reasons: [isFast ? .leadAgrees : .leadDisagrees])
        }
        let isSlow = pulses.contains { $0.isBelievable && $0.train.fastestRate < Self.fastestPulseRateMax }
        return AlarmVerdict(isTrue: !isSlow, reasons: [isSlow ? .pulseDisagrees : .nothingToJudgeBy])
    }

    private func ventricularTachycardia(_ leads: [LeadWindow], _ pulses: [PulseWindow]) -> AlarmVerdict {
        let isCalm = pulses.contains {
            $0.isBelievable && $0.train.shortestUsualInterval > Self.calmPulseIntervalSecondsMin
        }
        if isCalm { return AlarmVerdict(isTrue: false, reasons: [.pulseDisagrees]) }
        let shows = leads.contains { lead in
            lead.hasRun(beats: Self.runBeatsMin, interval: Self.runIntervalSecondsMax)
                || lead.secondsAbove(Self.fibrillationScoreMin) >= Self.fibrillationSecondsMin
        }
        if shows { return AlarmVerdict(isTrue: true, reasons: [.leadAgrees]) }
        guard leads.contains(where: { !$0.all.isEmpty }) else {
            return AlarmVerdict(isTrue: true, reasons: [.nothingToJudgeBy])
        }
        return AlarmVerdict(isTrue: false, reasons: [.leadDisagrees])
    }

    private func ventricularFibrillation(
        _ leads: [LeadWindow], _ pulses: [PulseWindow], _ window: ClosedRange<Double>
    ) -> AlarmVerdict {
        if pulses.contains(where: { $0.isBelievable && $0.train.longestGap < Self.fibrillationGapSecondsMin }) {
            return AlarmVerdict(isTrue: false, reasons: [.pulseDisagrees])
        }
        guard leads.contains(where: \.isUsable) else {
            return AlarmVerdict(isTrue: true, reasons: [.nothingToJudgeBy])
        }
        let usual = BeatTrain(leads.flatMap(\.usual).sorted(), window)
        if usual.longestGap < Self.fibrillationGapSecondsMin {
            return AlarmVerdict(isTrue: false, reasons: [.leadDisagrees])
        }
        let shows = leads.contains { $0.secondsAbove(Self.fibrillationScoreMin) >= 1 }
        return AlarmVerdict(isTrue: shows, reasons: [shows ? .leadAgrees : .leadDisagrees])
    }
}
