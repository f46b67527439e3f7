import Bytes
import Delivery
import DriverKit
import Vitals

/// One event of a driver as one line of JSON.
enum EventJSON {
    static func kind(_ event: Turn.Event) -> String {
        switch event {
        case .reading: "reading"
        case .waveform: "waveform"
        case .session: "session"
        case .status: "status"
        case .information: "information"
        case .notice: "notice"
        case .fault: "fault"
        }
    }

    static func line(at: Instant, _ event: Turn.Event) -> [UInt8] {
        JSONText.object { json in
            json.member("kind", kind(event))
            json.member("time", decimal: at.secondsText)
            switch event {
            case .reading(let reading): write(reading, &json)
            case .waveform(let waveform): write(waveform, &json)
            case .session(let session): write(session, &json)
            case .status(let status): for field in status.fields { json.member(field.name, field.value) }
            case .information(let information): write(information, &json)
            case .notice(let notice):
                json.member("name", notice.name)
                json.member("text", notice.description)
            case .fault(let fault):
                json.member("name", fault.name)
                json.member("text", fault.description)
                if case .dropped(let bytes) = fault { json.member("bytes", bytes) }
            }
        }
    }

    static func line(at: Instant, _ request: Turn.Request) -> [UInt8] {
        JSONText.object { json in
            json.member("kind", "request")
            json.member("time", decimal: at.secondsText)
            json.member("channel", request.channel.name)
            json.member("bytes", Hex.text(request.bytes))
        }
    }

    private static func write(_ reading: Reading, _ json: inout JSONText) {
        let definition = reading.metric.definition
        json.member("metric", reading.metric.rawValue)
        if let value = reading.value {
            json.member("value", decimal: decimal(value, fractionDigits: definition.fractionDigits))
        } else {
            json.null("value")
        }
        json.member("unit", definition.unit)
        json.member("quality", reading.quality.name)
        json.array("reasons", reading.quality.reasons.names)
        json.member("source", reading.source.rawValue)
        if let time = reading.deviceTime {
            json.member("deviceTime", time.description)
        } else {
            json.null("deviceTime")
        }
        if reading.subindex != 0 { json.member("subindex", reading.subindex) }
    }

    private static func write(_ waveform: Waveform, _ json: inout JSONText) {
        json.member("metric", waveform.metric.rawValue)
        json.member("unit", waveform.metric.unit)
        json.member("quality", waveform.quality.name)
        json.array("reasons", waveform.quality.reasons.names)
        json.member("sampleRateHz", waveform.sampleRateHz)
        json.member("scale", waveform.scale)
        json.member("offset", waveform.offset)
        json.member("samplesLostBefore", waveform.lostBefore)
        json.array("samples", integers: waveform.samples)
    }

    private static func write(_ session: Session, _ json: inout JSONText) {
        json.member("session", session.kind.rawValue)
        json.member("source", session.source.rawValue)
        json.member("deviceTime", ifPresent: session.deviceTime?.description)
        json.member("quality", session.quality.name)
        json.array("reasons", session.quality.reasons.names)
        json.member("deviceGrade", ifPresent: session.deviceGrade)
        json.member("deviceBest", ifPresent: session.deviceBest)
        json.array("manoeuvres", objects: session.manoeuvres.count) { index, json in
            json.manoeuvre(session.manoeuvres[index])
        }
        if !session.signals.isEmpty {
            json.array("signals", objects: session.signals.count) { $1.signal(session.signals[$0]) }
        }
        json.analysis(session.analysis)
    }

    private static func write(_ information: DeviceInformation, _ json: inout JSONText) {
        json.member("model", ifPresent: information.model)
        json.member("manufacturer", ifPresent: information.manufacturer)
        json.member("serialNumber", ifPresent: information.serialNumber)
        json.member("firmware", ifPresent: information.firmware)
    }
}
