/// Ventricular tachycardia: ventricular beats, one behind the other and fast.
///
/// It works on the classes that are known soon behind each beat, since it must be told within seconds.
struct TachycardiaWatch: Sendable {
    /// Beats of other classes that end it: one alone may be a fusion beat, a captured one, or a mistake.
    private static let otherBeatsToEnd = 3
    /// The classifier's confidence, in the mean over the beats.
    private static let confidenceMin = 0.6
    /// A tachycardia's intervals differ from those before it at least so much (as a ratio); otherwise the beats'
    /// shape has changed, as by a turn of the body, and not their origin.
    private static let intervalChangeMin = 1.12
    /// Of fewer intervals nobody knows what is usual.
    private static let usualIntervalsMin = 8

    private let settings: RhythmSettings
    private var episode = Episode(.ventricularTachycardia)
    private var runTimes = RecentValues(capacity: 32)
    private var confidences = RecentValues(capacity: 32)
    private var runLength = 0
    private var others = 0
    private var lastRunSeconds = 0.0
    private var lastSeconds: Double?
    /// Between beats that are not ventricular; and between all, for a heart in which hardly two such are
    /// neighbours.
    private var usualIntervals = RecentValues(capacity: 16)
    private var allIntervals = RecentValues(capacity: 32)

    init(_ settings: RhythmSettings) { self.settings = settings }

    var isOpen: Bool { episode.isOpen }

    mutating func add(_ beat: Beat, now: Double, isTrusted: Bool, _ findings: inout [Finding]) {
        let seconds = beat.seconds
        defer { lastSeconds = seconds }
        if let lastSeconds { allIntervals.append(seconds - lastSeconds) }
        guard beat.beatClass == .ventricular else { return addOther(seconds, now: now, &findings) }
        if runLength > 0, seconds - lastRunSeconds > 2 * 60 / settings.ventricularTachycardiaRateMin {
            endRun(now: now, &findings)
        }
        others = 0
        runLength += 1
        lastRunSeconds = seconds
        runTimes.append(seconds)
        confidences.append(Double(beat.confidence))
        let needed = max(2, min(settings.ventricularTachycardiaBeatsMin, runTimes.capacity))
        guard runLength >= needed, runTimes.count >= needed, isTrusted, !episode.isOpen else { return }
        let span = seconds - runTimes[needed - 1]
        let interval = span / Double(needed - 1)
        guard interval < 60 / settings.ventricularTachycardiaRateMin, interval > 0.15 else { return }
        var confidence = 0.0
        for age in 0 ..< needed { confidence += confidences[age] / Double(needed) }
        guard confidence >= Self.confidenceMin, differsFromUsual(interval) else { return }
        let start = runTimes[min(runLength, runTimes.count) - 1]
        episode.begin(at: start, now: now, value: 60 / interval, confidence: confidence, &findings)
    }

    /// Whether the run's interval is another than was usual before it.
    private func differsFromUsual(_ interval: Double) -> Bool {
        var sorted: [Double] = []
        if usualIntervals.count >= Self.usualIntervalsMin {
            for age in 0 ..< usualIntervals.count { sorted.append(usualIntervals[age]) }
        } else {
            for age in min(runLength, allIntervals.count) ..< allIntervals.count {
                sorted.append(allIntervals[age])
            }
        }
        guard sorted.count >= Self.usualIntervalsMin else { return true }
        sorted.sort()
        return sorted[sorted.count / 2] / interval >= Self.intervalChangeMin
    }

    private mutating func addOther(_ seconds: Double, now: Double, _ findings: inout [Finding]) {
        if runLength > 0 {
            others += 1
            if others >= (episode.isOpen ? Self.otherBeatsToEnd : 1) { endRun(now: now, &findings) }
        } else if let lastSeconds {
            usualIntervals.append(seconds - lastSeconds)
        }
    }

    private mutating func endRun(now: Double, _ findings: inout [Finding]) {
        episode.end(at: lastRunSeconds, now: now, &findings)
        runLength = 0
        others = 0
        runTimes.removeAll()
        confidences.removeAll()
    }

    mutating func interrupt(at seconds: Double, _ findings: inout [Finding]) {
        endRun(now: seconds, &findings)
        lastSeconds = nil
        allIntervals.removeAll()
    }
}
