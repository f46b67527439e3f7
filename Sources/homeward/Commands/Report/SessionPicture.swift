import Pictures
import Vitals

/// From a stored session to its picture.
enum SessionPicture {
    static func drawing(of document: SessionDocument, name: String) throws(CommandError) -> (Drawing, title: String)
    {
        switch Session.Kind(rawValue: document.kind) {
        case .spirometry:
            let heading = heading(of: document, "Spirometry")
            return (spirometry(document, heading).drawing(), "Spirometry \(document.time)")
        case .overnightOximetry:
            let heading = heading(of: document, "Overnight oximetry")
            return (try night(document, heading, name).drawing(), "Overnight oximetry \(document.time)")
        case .ecgStrip:
            let heading = heading(of: document, "ECG strip")
            return (try strip(document, heading, name).drawing(), "ECG strip \(document.time)")
        case nil:
            throw CommandError(
                .dataError, "\(name): there is no picture of a session of kind '\(document.kind.prefix(40))'")
        }
    }

    private static func heading(of document: SessionDocument, _ title: String) -> Heading {
        var warnings: [String] = []
        if document.origin == Origin.test.rawValue { warnings.append("a trial of the kit: not clinical") }
        if let clock = document.clock, clock != ClockTrust.synchronized.rawValue {
            warnings.append("the time is not certain: the box's clock was \(clock)")
        }
        if document.quality != Quality.valid.name {
            let reasons = (document.reasons ?? []).joined(separator: ", ")
            warnings.append("quality \(document.quality)\(reasons.isEmpty ? "" : ": \(reasons)")")
        }
        return Heading(
            title: title, patient: document.patient, device: document.device, time: words(ofTime: document.time),
            warnings: warnings)
    }

    /// `2026-01-02T03:04:05.678Z` as `2026-01-02 03:04:05 UTC`; anything else as it is.
    private static func words(ofTime time: String) -> String {
        guard time.hasSuffix("Z"), time.utf8.count >= 20, let day = time.split(separator: "T").first else {
            return time
        }
        return "\(day) \(time.dropFirst(day.count + 1).prefix(8)) UTC"
    }

    // MARK: Spirometry

    private static func spirometry(_ document: SessionDocument, _ heading: Heading) -> SpirometryPicture {
        let best = bestBlow(document)
        let blows = (document.manoeuvres ?? []).prefix(Session.manoeuvresMax).map { blow in
            BlowCurve.picture(of: blow, isBest: blow.number == best)
        }
        let analysis = document.analysis
        var summary = (analysis?.results ?? []).map {
            (name: ReportWords.name($0.name), value: ReportWords.value($0))
        }
        for grading in analysis?.gradings ?? [] {
            summary.append((ReportWords.subject(grading.subject), grading.grade))
        }
        return SpirometryPicture(heading: heading, blows: blows, summary: summary, hint: analysis?.hint)
    }

    /// The largest sum of FEV1 and FVC of those that are acceptable, or of all (ATS/ERS 2019); of blows without
    /// our numbers, the one that the device calls the best.
    private static func bestBlow(_ document: SessionDocument) -> Int? {
        func sum(_ blow: SessionDocument.Blow) -> Double? {
            guard let one = blow.analysis?.number(Metric.forcedExpiratoryVolume1s.rawValue)?.value,
                let other = blow.analysis?.number(Metric.forcedVitalCapacity.rawValue)?.value
            else { return nil }
            return one + other
        }
        let measured = (document.manoeuvres ?? []).filter { sum($0) != nil }
        let acceptable = measured.filter { $0.analysis?.grading(.acceptabilityFEV1)?.grade == "acceptable" }
        let best = (acceptable.isEmpty ? measured : acceptable).max { (sum($0) ?? 0) < (sum($1) ?? 0) }
        return best?.number ?? document.deviceBest
    }

    // MARK: Night

    private static func night(_ document: SessionDocument, _ heading: Heading, _ name: String)
        throws(CommandError) -> NightPicture
    {
        func trace(_ metric: Metric) -> NightPicture.Trace? {
            document.signals?.first { $0.metric == metric.rawValue }.map {
                NightPicture.Trace(sampleSeconds: 1 / $0.keptRateHz, values: $0.values)
            }
        }
        guard let saturation = trace(.oxygenSaturation) else {
            throw CommandError(.dataError, "\(name): a night without a signal of oxygen-saturation")
        }
        let events = (document.analysis?.annotations ?? []).filter { $0.kind == "desaturation" }.map {
            NightPicture.Event(
                startSeconds: $0.seconds ?? 0, durationSeconds: $0.durationSeconds ?? 0,
                nadirPercent: $0.value ?? .nan)
        }
        var summary = (document.analysis?.results ?? []).map {
            (name: ReportWords.name($0.name), value: ReportWords.value($0))
        }
        for grading in document.analysis?.gradings ?? [] {
            summary.append((ReportWords.subject(grading.subject), grading.grade))
        }
        return NightPicture(
            heading: heading, saturation: saturation, pulse: trace(.pulseRate), events: events, summary: summary,
            startSecondsOfDay: secondsOfDay(document.time))
    }

    /// Of `…T22:14:05.678Z`; `nil` of anything else.
    private static func secondsOfDay(_ time: String) -> Int? {
        let parts = time.split(separator: "T").last?.prefix(8).split(separator: ":").compactMap { Int($0) } ?? []
        guard time.hasSuffix("Z"), parts.count == 3, (0 ..< 24).contains(parts[0]), (0 ..< 60).contains(parts[1])
        else { return nil }
        return parts[0] * 3600 + parts[1] * 60 + min(max(parts[2], 0), 60)
    }

    // MARK: Strip

    /// Leads that a page can hold.
    private static let leadsMax = 12

    private static func strip(_ document: SessionDocument, _ heading: Heading, _ name: String)
        throws(CommandError) -> StripPicture
    {
        let leads = (document.signals ?? []).filter { $0.metric.hasPrefix("ecg") }.prefix(leadsMax).map {
            StripPicture.Lead(name: ReportWords.lead($0.metric), sampleRateHz: $0.keptRateHz, millivolts: $0.values)
        }
        guard !leads.isEmpty else { throw CommandError(.dataError, "\(name): an ECG strip without an ECG signal") }
        let marks = document.analysis?.annotations ?? []
        let beats = marks.compactMap { mark -> StripPicture.Beat? in
            guard let letter = ReportWords.letter(mark.kind), let seconds = mark.seconds else { return nil }
            return StripPicture.Beat(seconds: seconds, letter: letter)
        }
        let findings = marks.filter { ReportWords.letter($0.kind) == nil }.map { mark in
            let start = mark.seconds ?? 0
            return StripPicture.Finding(
                startSeconds: start, endSeconds: start + (mark.durationSeconds ?? 0),
                words: ReportWords.finding(mark))
        }
        var heading = heading
        if let first = findings.first { heading.title = "ECG strip: \(first.words)" }
        var summary = (document.analysis?.results ?? []).map {
            (name: ReportWords.name($0.name), value: ReportWords.value($0))
        }
        for grading in document.analysis?.gradings ?? [] {
            summary.append((ReportWords.subject(grading.subject), grading.grade))
        }
        return StripPicture(
            heading: heading, leads: Array(leads), beats: beats, findings: findings, summary: summary)
    }
}
