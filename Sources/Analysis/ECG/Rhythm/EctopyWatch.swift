/// Couplets and runs of ventricular beats, bigeminy and trigeminy.
struct EctopyWatch: Sendable {
    private let settings: RhythmSettings
    private var runLength = 0
    private var runStart = 0.0
    private var runEnd = 0.0
    private var bigeminy: PatternWatch
    private var trigeminy: PatternWatch

    init(_ settings: RhythmSettings) {
        self.settings = settings
        bigeminy = PatternWatch(.ventricularBigeminy, period: 2, cycles: settings.patternCyclesMin)
        trigeminy = PatternWatch(.ventricularTrigeminy, period: 3, cycles: settings.patternCyclesMin)
    }

    mutating func add(_ beat: Beat, now: Double, _ findings: inout [Finding]) {
        let isVentricular = beat.beatClass == .ventricular
        if isVentricular {
            if runLength == 0 { runStart = beat.seconds }
            runLength += 1
            runEnd = beat.seconds
        } else {
            endRun(now: now, &findings)
        }
        bigeminy.add(isVentricular, at: beat.seconds, now: now, &findings)
        trigeminy.add(isVentricular, at: beat.seconds, now: now, &findings)
    }

    private mutating func endRun(now: Double, _ findings: inout [Finding]) {
        defer { runLength = 0 }
        guard runLength >= 2 else { return }
        let kind: Finding.Kind =
            runLength >= settings.ventricularRunBeatsMin ? .ventricularRun : .ventricularCouplet
        findings.append(
            Finding(
                kind, .moment, startSeconds: runStart, endSeconds: runEnd, announcedSeconds: now,
                value: Double(runLength)))
    }

    mutating func interrupt(at seconds: Double, _ findings: inout [Finding]) {
        endRun(now: seconds, &findings)
        bigeminy.interrupt(now: seconds, &findings)
        trigeminy.interrupt(now: seconds, &findings)
    }
}

/// One ventricular beat in every `period`, over and over.
struct PatternWatch: Sendable {
    private let period: Int
    private let cycles: Int
    private var episode: Episode
    /// The newest beats: 1 for a ventricular one.
    private var kinds = RecentValues(capacity: 4)
    /// The times of the newest ventricular beats.
    private var times = RecentValues(capacity: 16)
    /// Beats since the pattern holds, without a break.
    private var held = 0

    init(_ kind: Finding.Kind, period: Int, cycles: Int) {
        episode = Episode(kind)
        self.period = period
        self.cycles = min(max(cycles, 2), 16)
    }

    mutating func add(_ isVentricular: Bool, at seconds: Double, now: Double, _ findings: inout [Finding]) {
        // Of the beats of one period, this one and those before it, exactly one is ventricular.
        kinds.append(isVentricular ? 1 : 0)
        if isVentricular { times.append(seconds) }
        var ventricular = 0.0
        for age in 0 ..< period { ventricular += kinds[age] }
        guard kinds.count >= period, ventricular == 1 else {
            if isVentricular || held > 0 { endPattern(now: now, &findings) }
            if isVentricular { times.append(seconds) }
            return
        }
        held += 1
        if isVentricular, held > (cycles - 1) * period, times.count >= cycles {
            episode.begin(at: times[cycles - 1], now: now, &findings)
        }
    }

    private mutating func endPattern(now: Double, _ findings: inout [Finding]) {
        // The newest beat is the one that breaks it.
        let newest = kinds[0] == 1 ? 1 : 0
        episode.end(at: times.count > newest ? times[newest] : 0, now: now, &findings)
        held = 0
        times.removeAll()
    }

    mutating func interrupt(now: Double, _ findings: inout [Finding]) {
        episode.end(at: times.count > 0 ? times[0] : now, now: now, &findings)
        held = 0
        kinds.removeAll()
        times.removeAll()
    }
}
