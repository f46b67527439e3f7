import Vitals

/// A session on one line; each manoeuvre behind a `/`, each curve behind a `~`.
///
///     & spirometry stored 2026-01-02T03:04:05 grade B best 1 / 1 forced-vital-capacity 4.12 L
///     … / 2 questionable results-only peak-expiratory-flow 7.4 L/s ~ flow-time 100 Hz flow 0.001 0 12 40
enum SessionText {
    static func text(_ session: Session) -> String {
        var text = "& \(session.kind.rawValue)"
        if session.source == .stored { text += " stored" }
        if let time = session.deviceTime { text += " \(time)" }
        text += Self.text(session.quality)
        if let grade = session.deviceGrade { text += " grade \(grade)" }
        if let best = session.deviceBest { text += " best \(best)" }
        for manoeuvre in session.manoeuvres { text += " / " + Self.text(manoeuvre) }
        for signal in session.signals { text += Self.text(signal) }
        return text
    }

    private static func text(_ manoeuvre: Manoeuvre) -> String {
        var text = "\(manoeuvre.number)"
        if let time = manoeuvre.deviceTime { text += " \(time)" }
        text += Self.text(manoeuvre.quality)
        for result in manoeuvre.results {
            let value = decimal(result.value, fractionDigits: result.fractionDigits)
            text += " \(result.metric.rawValue) \(value) \(result.unit)"
        }
        for curve in manoeuvre.curves { text += Self.text(curve) }
        return text
    }

    private static func text(_ curve: Curve) -> String {
        var text = " ~ \(curve.kind.rawValue)"
        if let rate = curve.sampleRateHz { text += " \(decimal(rate, fractionDigits: 2)) Hz" }
        if curve.firstSample > 0 { text += " from \(curve.firstSample)" }
        for track in curve.tracks {
            text += " \(track.quantity.rawValue) \(decimal(track.scale, fractionDigits: 6))"
            for sample in track.samples { text += " \(sample)" }
        }
        return text
    }

    /// ` ~ oxygen-saturation 1 Hz scale 1 from 0 97 97 from 5 96`
    private static func text(_ signal: SessionSignal) -> String {
        var text = " ~ \(signal.metric.rawValue) \(decimal(signal.sampleRateHz, fractionDigits: 2)) Hz"
        text += " scale \(decimal(signal.scale, fractionDigits: 6))"
        for segment in signal.segments {
            text += " from \(segment.firstSample)"
            for sample in segment.samples { text += " \(sample)" }
        }
        return text
    }

    private static func text(_ quality: Quality) -> String {
        let name = quality == .valid ? "" : " \(quality.name)"
        let reasons = quality.reasons.names
        return name + (reasons.isEmpty ? "" : " \(reasons.joined(separator: ","))")
    }
}
