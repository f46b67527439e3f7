import Oximetry
import Vitals

/// A night of oximetry as a session: its signals, events and indices.
enum OximetrySession {
    /// `nil`: there is too little of it.
    static func session(of record: NightRecord, quality: Quality) -> Session? {
        let night = NightAnalysis(record)
        guard night.summary.validHours * 3600 >= Double(OximetryNights.validSecondsMin) else { return nil }
        var session = Session(.overnightOximetry, quality: quality)
        session.signals = [
            signal(.oxygenSaturation, record.saturations, scale: 0.1, hold: record.holdSeconds),
            signal(.pulseRate, record.pulseRates, scale: 1, hold: record.holdSeconds),
        ].filter { !$0.segments.isEmpty }
        session.analysis = SessionAnalysis(
            results: results(night.summary), gradings: [grading(night.summary)],
            annotations: annotations(night, record))
        return session
    }

    private static func signal(_ metric: Metric, _ values: [Int16], scale: Double, hold: Int) -> SessionSignal {
        var signal = SessionSignal(metric, sampleRateHz: 1, scale: scale)
        var last: (place: Int, value: Int16)?
        for (place, value) in values.enumerated() where value >= 0 {
            if let last, place - last.place <= hold {
                for held in last.place + 1 ..< place { signal.append(Int32(last.value), at: held) }
            }
            signal.append(Int32(value), at: place)
            last = (place, value)
        }
        return signal
    }

    private static func results(_ summary: OximetrySummary) -> [SessionResult] {
        func result(_ measure: SessionMeasure, _ value: Double?) -> SessionResult {
            SessionResult(measure, value, value == nil ? .invalid(.noValue) : .valid)
        }
        return [
            result(.validTime, summary.validHours * 3600),
            result(.desaturationIndex3, summary.aasm.odi3), result(.desaturationIndex4, summary.aasm.odi4),
            result(.desaturationIndex3Vendor, summary.vendorCompatible.odi3),
            result(.desaturationIndex4Vendor, summary.vendorCompatible.odi4),
            result(.timeBelow90, summary.t90Percent), result(.timeBelow88, summary.t88Percent),
            result(.saturationMean, summary.mean), result(.saturationNadir, summary.nadir),
            result(.hypoxicBurden, summary.hypoxicBurden),
            result(.desaturationClusters, Double(summary.clusters.count)),
        ]
    }

    private static func grading(_ summary: OximetrySummary) -> SessionGrading {
        let screening = summary.screening
        var reasons = ["screening-not-diagnosis"]
        if summary.validHours < ApnoeaScreening.validHoursMin { reasons.append("short-recording") }
        if !screening.isConclusive { reasons.append("not-conclusive") }
        return SessionGrading(
            .sleepApnoeaScreening, screening.grade?.rawValue ?? "not-graded",
            rule: "ODI3 of 5, 15 and 30 an hour (AASM-style events)", reasons: reasons)
    }

    private static func annotations(_ night: NightAnalysis, _ record: NightRecord) -> [SessionAnnotation] {
        let falls = (night.events[.aasm] ?? []).map { event in
            SessionAnnotation(
                .desaturation, seconds: Double(event.startSecond), durationSeconds: Double(event.durationSeconds),
                value: Double(event.nadir) / 100)
        }
        let all = (falls + holes(record)).sorted { $0.seconds < $1.seconds }
        return Array(all.prefix(SessionAnalysis.annotationsMax))
    }

    /// Holes that are no time of the night.
    private static func holes(_ record: NightRecord) -> [SessionAnnotation] {
        var holes: [SessionAnnotation] = []
        var last: Int?
        for (place, value) in record.saturations.enumerated() where value >= 0 {
            if let last, place - last > OximetryParameters.segmentGapSeconds {
                let isOff = record.saturations[last + 1 ..< place].contains(NightRecord.noContact)
                holes.append(
                    SessionAnnotation(
                        isOff ? .sensorOff : .artefact, seconds: Double(last + 1),
                        durationSeconds: Double(place - last - 1)))
            }
            last = place
        }
        return holes
    }

    /// The indices as readings, so that they can be followed.
    static func readings(of session: Session) -> [Reading] {
        let metrics: [(SessionMeasure, Metric)] = [
            (.desaturationIndex3, .oxygenDesaturationIndex3), (.desaturationIndex4, .oxygenDesaturationIndex4),
        ]
        return metrics.compactMap { measure, metric in
            guard let value = session.analysis.results.first(where: { $0.name == .measure(measure) })?.value else {
                return nil
            }
            return Reading(
                metric, value, session.quality, source: session.source, deviceTime: session.deviceTime)
        }
    }
}
