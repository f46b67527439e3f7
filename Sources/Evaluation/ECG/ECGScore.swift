public import ECG

/// How well one record, or all of them, was understood.
public struct ECGScore: Sendable {
    public var beats = BeatTally()
    /// Atrial fibrillation; atrial flutter counts neither way.
    public var atrialFibrillation = DurationTally()
    /// Flutter and fibrillation; ventricular tachycardia counts neither way.
    public var ventricularFibrillation = DurationTally()
    /// Ventricular tachycardia, flutter and fibrillation together.
    public var ventricularTachyarrhythmia = DurationTally()
    public var alarms: [Finding.Kind: AlarmTally] = [:]
    /// How often each kind began.
    public var findings: [Finding.Kind: Int] = [:]
    /// Seconds by grade: bad, poor, good.
    public var qualitySeconds = [0, 0, 0]
    /// From a beat to its being told: sum, count and greatest.
    public var beatDelay = BeatDelay()
    public var hasReference = false
    public var seconds = 0.0
    public var sampleCount = 0
    public var analysisSeconds = 0.0

    public struct BeatDelay: Hashable, Sendable {
        public var sumSeconds = 0.0
        public var count = 0
        public var secondsMax = 0.0

        public var secondsMean: Double? { count > 0 ? sumSeconds / Double(count) : nil }
    }

    public init() {}

    public var samplesPerSecond: Double? { analysisSeconds > 0 ? Double(sampleCount) / analysisSeconds : nil }
    public var timesRealTime: Double? { analysisSeconds > 0 ? seconds / analysisSeconds : nil }
    public var falseAlarms: Int { alarms.values.reduce(0) { $0 + $1.falseAlarms } }
    public var falseAlarmsPerHour: Double? { judgedSeconds > 0 ? Double(falseAlarms) * 3600 / judgedSeconds : nil }
    /// Of records whose alarms can be called true or false.
    public private(set) var judgedSeconds = 0.0

    /// - Parameters:
    ///   - reference: `nil` when the record has none.
    ///   - startSeconds: what is before is analysed, and not scored.
    ///   - isWithoutEvents: a record without a reference in which nothing life-threatening happened.
    public init(
        _ output: ECGTranscript, reference: ReferenceECG?, startSeconds: Double = 0, isWithoutEvents: Bool = false
    ) {
        let scored = Spans(from: startSeconds, to: output.seconds)
        seconds = output.seconds
        sampleCount = output.sampleCount
        analysisSeconds = output.analysisSeconds
        hasReference = reference != nil
        for second in output.quality { qualitySeconds[second.grade.rawValue] += 1 }
        for told in output.beats {
            let delay = told.announcedSeconds - told.beat.seconds
            beatDelay.sumSeconds += delay
            beatDelay.count += 1
            beatDelay.secondsMax = max(beatDelay.secondsMax, delay)
        }
        let told = output.findings.filter { $0.announcedSeconds >= startSeconds }
        for finding in told { findings[finding.kind, default: 0] += 1 }
        if let reference {
            countBeats(output, reference, startSeconds)
            countRhythms(output, reference, scored)
        }
        let events = reference.map {
            ReferenceEvents($0, sampleRateHz: output.sampleRateHz)
        }
        if events != nil || isWithoutEvents { judgedSeconds = scored.seconds }
        for kind in Finding.Kind.allCases where kind.isLifeThreatening {
            var tally = AlarmTally()
            let own = told.filter { $0.kind == kind }
            if events == nil, isWithoutEvents {
                tally.countAllFalse(own)
            } else {
                tally.count(kind, own, events: events, scored: scored)
            }
            alarms[kind] = tally
        }
    }

    private mutating func countBeats(_ output: ECGTranscript, _ reference: ReferenceECG, _ startSeconds: Double) {
        let rate = output.sampleRateHz
        // As an annotation file holds them, so that a referee sees the same.
        let ours = output.beats.map { $0.beat.seconds.ticks(rate) }
        let truth = reference.beats.map(\.sample)
        let start = startSeconds * rate
        let window = Int(BeatMatch.windowSeconds * rate)
        for pair in BeatMatch.pairs(reference: truth, test: ours, windowTicks: window) {
            let place = pair.reference.map { truth[$0] } ?? pair.test.map { ours[$0] } ?? 0
            guard Double(place) >= start else { continue }
            if pair.reference == nil, reference.ventricularFibrillation.contains(Double(place) / rate) { continue }
            var offset = 0.0
            if let one = pair.reference, let two = pair.test {
                offset = 1000 * (output.beats[two].beat.seconds - Double(truth[one]) / rate)
            }
            beats.count(
                reference: pair.reference.map { reference.beats[$0].beatClass },
                ours: pair.test.map { output.beats[$0].beat.beatClass }, offsetMilliseconds: offset)
        }
    }

    /// Ventricular tachycardia of the reference that is too short for an alarm counts neither way.
    static let tachycardiaSecondsMin = 5.0

    private mutating func countRhythms(_ output: ECGTranscript, _ reference: ReferenceECG, _ scored: Spans) {
        atrialFibrillation.count(
            reference: reference.atrialFibrillation, found: output.spans([.atrialFibrillation]),
            aside: reference.atrialFlutter, scored: scored)
        let fatal = reference.ventricularFibrillation
        let slow = reference.idioventricularRhythm.subtracting(fatal)
        let fast = reference.ventricularTachycardia.subtracting(fatal)
        ventricularFibrillation.count(
            reference: fatal, found: output.spans([.ventricularFibrillation]), aside: fast.union(slow),
            scored: scored)
        let long = fast.lasting(atLeast: Self.tachycardiaSecondsMin)
        ventricularTachyarrhythmia.count(
            reference: fatal.union(long), found: output.spans([.ventricularFibrillation, .ventricularTachycardia]),
            aside: fast.subtracting(long).union(slow), scored: scored)
    }

    public static func += (sum: inout ECGScore, other: ECGScore) {
        sum.beats += other.beats
        sum.atrialFibrillation += other.atrialFibrillation
        sum.ventricularFibrillation += other.ventricularFibrillation
        sum.ventricularTachyarrhythmia += other.ventricularTachyarrhythmia
        for (kind, tally) in other.alarms { sum.alarms[kind, default: AlarmTally()] += tally }
        sum.findings.merge(other.findings, uniquingKeysWith: +)
        for grade in sum.qualitySeconds.indices { sum.qualitySeconds[grade] += other.qualitySeconds[grade] }
        sum.beatDelay.sumSeconds += other.beatDelay.sumSeconds
        sum.beatDelay.count += other.beatDelay.count
        sum.beatDelay.secondsMax = max(sum.beatDelay.secondsMax, other.beatDelay.secondsMax)
        sum.hasReference = sum.hasReference || other.hasReference
        sum.seconds += other.seconds
        sum.sampleCount += other.sampleCount
        sum.analysisSeconds += other.analysisSeconds
        sum.judgedSeconds += other.judgedSeconds
    }
}
