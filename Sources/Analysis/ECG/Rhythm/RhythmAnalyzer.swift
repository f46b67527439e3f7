/// The rhythm of one lead, from its beats, the quality of its seconds and its signal; findings are appended.
///
/// What comes in is in order of time: a beat behind the next is passed over. The times of findings are seconds
/// since the start of the stream; the analyzer does not know what time it is, but what it has been told of.
public struct RhythmAnalyzer: Sendable {
    private let settings: RhythmSettings
    private var rate: RateWatch
    private var gaps: GapWatch
    private var ventricular: TachycardiaWatch
    private var ectopy: EctopyWatch
    private var atrial = AtrialFibrillationWatch()
    private var signal: SignalWatch
    private var fibrillation = FibrillationWatch()
    private var nowSeconds = 0.0
    private var lastProvisional = -1
    private var lastFinal = -1
    private var unusable = UnusableSeconds()
    private var lastFinalSeconds = 0.0

    public init(settings: RhythmSettings = .init()) {
        self.settings = settings
        rate = RateWatch(settings)
        gaps = GapWatch(settings)
        ventricular = TachycardiaWatch(settings)
        ectopy = EctopyWatch(settings)
        signal = SignalWatch(settings)
    }

    /// As a monitor shows it: the mean of the last twelve intervals without the extremes, of four when the heart is
    /// slow; 0 in asystole; `nil` when nothing is known.
    public var heartRate: Double? { gaps.isAsystole ? 0 : rate.rate }
    public var isAtrialFibrillation: Bool { atrial.isFibrillating }
    /// Of the five seconds before the last whole one: how sure it is that they hold ventricular fibrillation or
    /// flutter, 0…1.
    public var fibrillationScore: Float { fibrillation.score }

    /// A beat as soon as it is known, with a class that may still change.
    public mutating func add(
        provisional beat: Beat, clean: borrowing SignalRing, _ findings: inout [Finding]
    ) {
        guard beat.index > lastProvisional, beat.seconds.isFinite else { return }
        lastProvisional = beat.index
        let now = max(beat.seconds, Double(clean.endIndex) / Double(WorkingSignal.sampleRateHz))
        nowSeconds = max(nowSeconds, now)
        let isTrusted = signal.isUsable(seconds: 2)
        let isLong = gaps.add(beat, clean: clean, now: nowSeconds, isTrusted: isTrusted, &findings)
        rate.add(beat.seconds, now: nowSeconds, isDoubtful: isLong || !isTrusted, &findings)
        ventricular.add(beat, now: nowSeconds, isTrusted: isTrusted, &findings)
        fibrillation.add(beat)
        atrial.see(beat, clean: clean)
    }

    /// The same beat again, with the class that stays.
    public mutating func add(final beat: Beat, _ findings: inout [Finding]) {
        guard beat.index > lastFinal, beat.seconds.isFinite else { return }
        lastFinal = beat.index
        nowSeconds = max(nowSeconds, beat.seconds)
        let isUsable = !unusable.has(from: lastFinalSeconds, to: beat.seconds)
        lastFinalSeconds = beat.seconds
        ectopy.add(beat, now: nowSeconds, &findings)
        atrial.add(beat, now: nowSeconds, isUsable: isUsable, &findings)
    }

    /// Once a second, behind the beats that were found up to its end.
    public mutating func add(
        _ second: QualitySecond, clean: borrowing SignalRing, _ findings: inout [Finding]
    ) {
        let end = Double(second.second) + 1
        nowSeconds = max(nowSeconds, end)
        signal.add(second, now: nowSeconds, &findings)
        rate.tick(now: nowSeconds)
        fibrillation.add(
            second, clean: clean, now: nowSeconds, isTrusted: signal.isTrustedForFibrillation, &findings)
        unusable.add(second.second, isUnusable: second.grade == .bad)
        if let start = fibrillation.startSeconds { unusable.mark(from: start) }
    }

    /// Several times a second: no beat before the index `settled` is still to come.
    public mutating func advance(settled: Int, clean: borrowing SignalRing, _ findings: inout [Finding]) {
        nowSeconds = max(nowSeconds, Double(clean.endIndex) / Double(WorkingSignal.sampleRateHz))
        let isTold = signal.isTold || fibrillation.isOpen
        gaps.advance(
            settled: settled, now: nowSeconds, clean: clean, isTrusted: signal.isUsable(seconds: 2), isTold: isTold,
            &findings)
    }

    /// The signal was lost from here on: nothing is said across the gap.
    public mutating func interrupt(atSeconds seconds: Double, _ findings: inout [Finding]) {
        nowSeconds = max(nowSeconds, seconds)
        rate.interrupt()
        gaps.interrupt(at: seconds, &findings)
        ventricular.interrupt(at: seconds, &findings)
        ectopy.interrupt(at: seconds, &findings)
        atrial.interrupt()
        signal.interrupt()
        fibrillation.interrupt(at: seconds, &findings)
    }

    /// The stream has ended: what is still open ends with it.
    public mutating func finish(atSeconds seconds: Double, _ findings: inout [Finding]) {
        nowSeconds = max(nowSeconds, seconds)
        gaps.finish(at: seconds, &findings)
        ventricular.interrupt(at: seconds, &findings)
        ectopy.interrupt(at: seconds, &findings)
        atrial.finish(at: seconds, &findings)
        rate.finish(at: seconds, &findings)
        signal.finish(at: seconds, &findings)
        fibrillation.interrupt(at: seconds, &findings)
    }
}
