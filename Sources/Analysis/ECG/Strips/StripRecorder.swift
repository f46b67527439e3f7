import Vitals

/// Keeps the last seconds of all leads, and cuts strips around the findings that matter.
struct StripRecorder: Sendable {
    /// A strip waits for the classes of its last beats no longer than that (s).
    static let patienceSeconds = 4.0
    /// A finding so long before a strip's end does not get one of its own (s).
    static let sharedSecondsMin = 10.0
    /// A finding that is told so long after its beginning gets a strip of its telling (s).
    static let delaySecondsMax = 8.0
    /// Beats and findings that are remembered for the strips.
    private static let beatsMax = 256
    private static let findingsMax = 64

    private let settings: StripSettings
    private var rings: [StripRing]
    private var beats: [Beat] = []
    private var findings: [Finding] = []
    private var open: [StripTicket] = []
    private var number = 0
    /// When strips were asked for in the last hour, and how many of each kind in this day of the stream.
    private var asked: [Asked] = []
    private var day = 0
    private var dayCount = 0
    private var dayCounts: [Finding.Kind: Int] = [:]

    private struct Asked {
        var kind: Finding.Kind
        var seconds: Double
    }

    init(_ settings: StripSettings, leads: [LeadDescription]) {
        self.settings = settings
        let seconds = settings.beforeSeconds + settings.afterSeconds
        let samples = leads.reduce(0) { $0 + $1.sampleRateHz } * seconds
        let factor = Int((samples / Double(max(1, settings.samplesMax))).rounded(.up))
        rings = leads.map { StripRing($0, factor: factor) }
    }

    mutating func append(lead: Int, _ millivolts: borrowing Span<Float>) { rings[lead].append(millivolts) }
    mutating func appendLost(lead: Int, _ count: Int) { rings[lead].appendLost(count) }

    /// A beat, first as it is found and once more with the class that stays.
    mutating func add(_ beat: Beat) {
        if let place = beats.lastIndex(where: { $0.index == beat.index }) {
            beats[place] = beat
        } else {
            if beats.count >= Self.beatsMax { beats.removeFirst(beats.count - Self.beatsMax + 1) }
            beats.append(beat)
        }
    }

    /// Something was found: told, when it gets a strip.
    mutating func add(_ finding: Finding) -> StripTicket? {
        if let place = findings.lastIndex(where: {
            $0.kind == finding.kind && $0.startSeconds == finding.startSeconds
        }) {
            findings[place] = finding
        } else {
            if findings.count >= Self.findingsMax { findings.removeFirst() }
            findings.append(finding)
        }
        guard finding.phase != .end, let limit = settings.limit(of: finding.kind) else { return nil }
        if let shared = open.last(where: { covers($0, finding) }) { return shared }
        guard isAllowed(finding, limit) else { return nil }
        // What took long to be sure of began too long ago: then the strip shows how it is now.
        let begin = max(finding.startSeconds, finding.announcedSeconds - Self.delaySecondsMax)
        let start = max(0, begin - settings.beforeSeconds)
        let ticket = StripTicket(number: number, kind: finding.kind, startSeconds: start)
        number += 1
        open.append(ticket)
        return ticket
    }

    /// A strip that is under way shows it too.
    private func covers(_ ticket: StripTicket, _ finding: Finding) -> Bool {
        let end = ticket.startSeconds + settings.beforeSeconds + settings.afterSeconds
        return finding.startSeconds >= ticket.startSeconds && finding.startSeconds <= end - Self.sharedSecondsMin
    }

    private mutating func isAllowed(_ finding: Finding, _ limit: (hour: Int, day: Int)) -> Bool {
        let now = finding.announcedSeconds
        let today = now.isFinite ? Int(min(max(now, 0), 1e12) / 86_400) : day
        if today != day {
            day = today
            dayCount = 0
            dayCounts = [:]
        }
        asked.removeAll { now - $0.seconds >= 3600 }
        let ofKind = dayCounts[finding.kind] ?? 0
        guard dayCount < settings.perDayMax, ofKind < limit.day,
            asked.count(where: { $0.kind == finding.kind }) < limit.hour
        else { return false }
        asked.append(Asked(kind: finding.kind, seconds: now))
        dayCount += 1
        dayCounts[finding.kind] = ofKind + 1
        return true
    }

    /// The strips that are complete at a moment.
    mutating func advance(toSeconds now: Double, _ strips: inout [ECGStrip]) {
        guard !open.isEmpty else { return }
        let length = settings.beforeSeconds + settings.afterSeconds
        while let first = open.first, now >= first.startSeconds + length + Self.patienceSeconds {
            strips.append(cut(first, to: first.startSeconds + length))
            open.removeFirst()
        }
    }

    /// The recording ends: what there is of the open strips.
    mutating func finish(atSeconds now: Double, _ strips: inout [ECGStrip]) {
        let length = settings.beforeSeconds + settings.afterSeconds
        for ticket in open { strips.append(cut(ticket, to: min(now, ticket.startSeconds + length))) }
        open = []
    }

    private func cut(_ ticket: StripTicket, to end: Double) -> ECGStrip {
        let start = ticket.startSeconds
        let whole = settings.beforeSeconds + settings.afterSeconds
        var annotations = beats.filter { $0.seconds >= start && $0.seconds < end }.map { beat in
            SessionAnnotation(
                SessionAnnotation.Kind(beat.beatClass), seconds: beat.seconds - start,
                confidence: Double(beat.confidence))
        }
        for finding in findings {
            guard finding.startSeconds < end, finding.endSeconds ?? .infinity > start,
                finding.startSeconds >= start || finding.endSeconds != nil || finding.phase == .begin,
                let kind = SessionAnnotation.Kind(finding.kind)
            else { continue }
            let from = max(start, finding.startSeconds)
            annotations.append(
                SessionAnnotation(
                    kind, seconds: from - start, durationSeconds: min(finding.endSeconds ?? end, end) - from,
                    value: finding.value, confidence: finding.confidence))
        }
        annotations.sort { ($0.seconds, $0.kind.rawValue) < ($1.seconds, $1.kind.rawValue) }
        return ECGStrip(
            ticket: ticket, endSeconds: end, signals: rings.map { $0.signal(from: start, to: end) },
            annotations: annotations, isIncomplete: end < start + whole)
    }
}
