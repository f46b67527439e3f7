public import Vitals

/// One event as one line of a `.readings` file.
///
///     0.000 oxygen-saturation 98 %
///     0.000 pulse-rate - /min invalid sensor-off
///     0.000 oxygen-saturation 98 % stored 2014-08-18T02:38:18
///     0.000 ~ plethysmogram 60 Hz 85 86 86      a waveform
///     0.000 & spirometry / 1 forced-vital-capacity 4.12 L    a session: ``SessionText``
///     0.000 = signal-strength 5 bar-graph 10    what the device shows
///     0.000 @ model 50D(A)+                     what the device says of itself
///     0.000 ! has-stored yes                    a notice
///     0.000 ? dropped 3 bytes                   a fault
public enum EventText {
    public static func line(at: Instant, _ event: Turn.Event) -> String {
        "\(at.secondsText) \(body(event))"
    }

    private static func body(_ event: Turn.Event) -> String {
        switch event {
        case .reading(let reading): text(reading)
        case .waveform(let waveform): text(waveform)
        case .session(let session): SessionText.text(session)
        case .status(let status): "= " + status.fields.map { "\($0.name) \($0.value)" }.joined(separator: " ")
        case .information(let information): "@ \(text(information))"
        case .notice(let notice): "! \(notice)"
        case .fault(let fault): "? \(fault)"
        }
    }

    private static func text(_ reading: Reading) -> String {
        let metric = reading.metric
        let digits = metric.definition.fractionDigits
        let value = reading.value.map { decimal($0, fractionDigits: digits) } ?? "-"
        var text = "\(metric.rawValue) \(value) \(metric.unit)"
        if reading.quality != .valid { text += " \(reading.quality.name)" }
        if !reading.quality.reasons.isEmpty { text += " \(reading.quality.reasons.names.joined(separator: ","))" }
        if reading.source == .stored { text += " stored" }
        if let time = reading.deviceTime { text += " \(time)" }
        if reading.subindex != 0 { text += " #\(reading.subindex)" }
        return text
    }

    private static func text(_ waveform: Waveform) -> String {
        var text = "~ \(waveform.metric.rawValue) \(decimal(waveform.sampleRateHz, fractionDigits: 2)) Hz"
        if waveform.quality != .valid { text += " \(waveform.quality.name)" }
        if !waveform.quality.reasons.isEmpty { text += " \(waveform.quality.reasons.names.joined(separator: ","))" }
        if waveform.lostBefore > 0 { text += " lost \(waveform.lostBefore)" }
        for sample in waveform.samples { text += " \(sample)" }
        return text
    }

    private static func text(_ information: DeviceInformation) -> String {
        [
            ("model", information.model), ("manufacturer", information.manufacturer),
            ("serial", information.serialNumber), ("firmware", information.firmware),
        ].compactMap { name, value in value.map { "\(name) \($0)" } }.joined(separator: " ")
    }
}
