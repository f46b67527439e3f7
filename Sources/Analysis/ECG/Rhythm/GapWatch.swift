import Vitals

/// Pauses and asystole: the time since the last beat, and whether the signal bears it out.
///
/// A time without a found beat is believed only when the signal of that time has nothing in it that is nearly as
/// steep as a QRS complex: otherwise beats are there which the detector did not take.
struct GapWatch: Sendable {
    /// The slope of a missed QRS complex is at least this share of the usual one's.
    static let missedSlopeShareMin: Float = 0.35
    /// A time without beats in which the signal wanders by so much of a usual complex's height: the electrode
    /// moves.
    private static let wanderShareMin: Float = 0.4
    /// Behind a beat so much belongs to its own complex and the start of its ST segment.
    private static let afterBeatSamples = WorkingSignal.samples(seconds: 0.20)
    private static let beforeBeatSamples = WorkingSignal.samples(seconds: 0.15)
    /// A complex's slope is looked for so far around its peak.
    private static let complexSamples = WorkingSignal.samples(seconds: 0.06)
    /// A signal of electrodes on a body is never as quiet as this, peak to peak in millivolts.
    private static let bodyAmplitudeMillivoltsMin: Float = 0.002
    /// Beats whose slopes the usual one is the middle of.
    private static let slopesRemembered = 8
    /// When a time without beats is so long, it is told even if the signal moves: nobody knows what moves.
    private static let asystoleInMovingSignalSeconds = 10.0

    private let settings: RhythmSettings
    private var slopes = RecentValues(capacity: 8)
    private var heights = RecentValues(capacity: 8)
    private(set) var lastBeat: Beat?
    private var asystole = Episode(.asystole)
    /// The gap cannot be judged by the signal: told once a gap as a technical finding.
    private var unjudged = Episode(.signalPoor)

    init(_ settings: RhythmSettings) { self.settings = settings }

    var isAsystole: Bool { asystole.isOpen }

    /// The middle one of the values.
    private static func middle(_ values: RecentValues) -> Float {
        var sorted = InsertionSorted()
        for age in 0 ..< values.count { sorted.insert(values[age]) }
        return sorted.count > 0 ? Float(sorted[sorted.count / 2]) : 0
    }

    /// The usual slope of a QRS complex, in millivolts over four samples, and its height.
    private var usualSlope: Float { Self.middle(slopes) }
    private var usualHeight: Float { Self.middle(heights) }

    static func slope(_ clean: borrowing SignalRing, _ range: Range<Int>) -> Float {
        var greatest: Float = 0
        var index = range.lowerBound
        while index < range.upperBound {
            let slope = abs(clean[index &+ 2] - clean[index &- 2])
            if slope > greatest { greatest = slope }
            index &+= 1
        }
        return greatest
    }

    /// The share of a usual complex's slope that the signal has between two beats, away from both.
    private func slopeShare(_ clean: borrowing SignalRing, from: Int, to: Int) -> Float {
        let usual = usualSlope
        let between = Self.clamped(clean, from &+ Self.afterBeatSamples, to &- Self.beforeBeatSamples)
        guard usual > 0, !between.isEmpty else { return 0 }
        return Self.slope(clean, between) / usual
    }

    /// Returns whether the interval that this beat ends may hide another beat.
    mutating func add(
        _ beat: Beat, clean: borrowing SignalRing, now: Double, isTrusted: Bool, _ findings: inout [Finding]
    ) -> Bool {
        defer {
            lastBeat = beat
            let around = Self.clamped(
                clean, beat.index &- Self.complexSamples, beat.index &+ Self.complexSamples)
            slopes.append(Double(Self.slope(clean, around)))
            heights.append(Double(Self.amplitude(clean, around)))
        }
        asystole.end(at: beat.seconds, now: now, &findings)
        unjudged.end(at: beat.seconds, now: now, &findings)
        guard let lastBeat else { return false }
        let length = beat.seconds - lastBeat.seconds
        guard length > 60 / settings.bradycardiaRateMin else { return false }
        let hides = slopeShare(clean, from: lastBeat.index, to: beat.index) > Self.missedSlopeShareMin
        if length >= settings.pauseSecondsMin, !hides, isTrusted {
            findings.append(
                Finding(
                    .pause, .moment, startSeconds: lastBeat.seconds, endSeconds: beat.seconds,
                    announcedSeconds: now, value: length, doubts: beat.doubts))
        }
        return hides
    }

    /// No beat before `settled` is still to come. `isFibrillating` when the signal itself is told already.
    mutating func advance(
        settled: Int, now: Double, clean: borrowing SignalRing, isTrusted: Bool, isTold: Bool,
        _ findings: inout [Finding]
    ) {
        guard let lastBeat, !asystole.isOpen else { return }
        let settledSeconds = Double(settled) / Double(WorkingSignal.sampleRateHz)
        let length = settledSeconds - lastBeat.seconds
        guard length >= settings.asystoleSecondsMin, !isTold else { return }
        let lastSecond = Self.clamped(clean, settled &- WorkingSignal.sampleRateHz, settled)
        let isDead = Self.amplitude(clean, lastSecond) < Self.bodyAmplitudeMillivoltsMin
        let silence = Self.clamped(clean, lastBeat.index &+ Self.afterBeatSamples, settled)
        let moves =
            slopeShare(clean, from: lastBeat.index, to: settled) > Self.missedSlopeShareMin
            || Self.amplitude(clean, silence) > Self.wanderShareMin * usualHeight
        if isDead || !isTrusted || (moves && length < Self.asystoleInMovingSignalSeconds) {
            unjudged.begin(
                at: lastBeat.seconds, now: now, value: nil, confidence: 1,
                doubts: isDead ? .flatline : [.noise], &findings)
        } else {
            asystole.begin(at: lastBeat.seconds, now: now, value: length, confidence: moves ? 0.5 : 1, &findings)
        }
    }

    /// The part of a range that the ring still holds.
    private static func clamped(_ clean: borrowing SignalRing, _ lower: Int, _ upper: Int) -> Range<Int> {
        let start = min(max(lower, clean.startIndex), clean.endIndex)
        return start ..< max(start, min(upper, clean.endIndex))
    }

    private static func amplitude(_ clean: borrowing SignalRing, _ range: Range<Int>) -> Float {
        var least = Float.infinity
        var greatest = -Float.infinity
        for index in range {
            least = min(least, clean[index])
            greatest = max(greatest, clean[index])
        }
        return greatest >= least ? greatest - least : 0
    }

    mutating func interrupt(at seconds: Double, _ findings: inout [Finding]) {
        finish(at: seconds, &findings)
        lastBeat = nil
    }

    mutating func finish(at seconds: Double, _ findings: inout [Finding]) {
        asystole.end(at: seconds, now: seconds, &findings)
        unjudged.end(at: seconds, now: seconds, &findings)
    }
}
