public import Vitals

/// A session as a whole, as a message of the session lane.
public enum SessionMessage {
    /// Larger ones have their curves thinned out. Below what the outbox takes (256 KiB), with room for the
    /// envelope; eight blows of 15 s at 100 Hz need 60 KiB.
    public static let bytesMax = 192 << 10

    /// - Parameters:
    ///   - start: of its beginning; of a stored one, by the device's clock.
    ///   - end: when it was over; `nil`: nobody knows.
    public static func draft(
        _ session: Session, device: Identifier, patient: Identifier?, origin: Origin, start: Stamp, end: Stamp?
    ) -> Draft {
        let identity = identity(of: session, device: device, start: start)
        var thinning = 1
        var body: [UInt8]
        repeat {
            body = JSONText.members { json in
                json.member("device", device.text)
                json.patient(patient)
                json.member("kind", session.kind.rawValue)
                json.member("origin", origin.rawValue)
                json.member("session", identity)
                json.member("source", session.source.rawValue)
                json.quality(session.quality)
                json.stamp(start)
                if let end { json.object("end") { $0.stamp(end) } }
                json.member("deviceGrade", ifPresent: session.deviceGrade)
                json.member("deviceBest", ifPresent: session.deviceBest)
                if session.kind == .spirometry || !session.manoeuvres.isEmpty {
                    json.array("manoeuvres", objects: session.manoeuvres.count) { index, json in
                        json.manoeuvre(session.manoeuvres[index], keepingOneOf: thinning)
                    }
                }
                if !session.signals.isEmpty {
                    json.array("signals", objects: session.signals.count) { index, json in
                        json.signal(session.signals[index], keepingOneOf: thinning)
                    }
                }
                json.analysis(session.analysis)
            }
            thinning *= 2
        } while body.count > bytesMax && thinning <= SessionSignal.samplesMax
        return Draft(
            lane: .session, topic: Topic.session(patient: patient, kind: session.kind), schema: "session",
            body: body)
    }

    /// The same for the same record, however often it is received. A device that tells when it measured names it by
    /// its own time and content, so that a second download is the same session. One with a label is named by that.
    public static func identity(of session: Session, device: Identifier, start: Stamp) -> String {
        let time = session.deviceTime?.description ?? "\(start.bootID)+\(start.received.nanoseconds / 1000)"
        return "\(device)/\(session.kind.rawValue)/\(time)/\(session.label ?? session.digestText)"
    }
}

extension Session {
    /// 16 hexadecimal digits.
    public var digestText: String {
        let digits = String(digest, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension JSONText {
    /// A manoeuvre, with every `thinning`th sample of its curves.
    public mutating func manoeuvre(_ manoeuvre: Manoeuvre, keepingOneOf thinning: Int = 1) {
        member("number", manoeuvre.number)
        member("deviceTime", ifPresent: manoeuvre.deviceTime?.description)
        quality(manoeuvre.quality)
        array("results", objects: manoeuvre.results.count) { index, json in json.result(manoeuvre.results[index]) }
        array("curves", objects: manoeuvre.curves.count) { index, json in
            json.curve(manoeuvre.curves[index], keepingOneOf: thinning)
        }
        if let analysis = manoeuvre.analysis { self.analysis(analysis) }
    }

    private mutating func result(_ result: ManoeuvreResult) {
        let definition = result.metric.definition
        member("metric", result.metric.rawValue)
        member("value", decimal: decimal(result.value, fractionDigits: result.fractionDigits))
        member("unit", result.unit)
        member("mdc", ifPresent: definition.mdcCode)
        member("mdcReference", ifPresent: definition.mdcReferenceID)
        member("loinc", ifPresent: definition.loinc)
    }

    private mutating func curve(_ curve: Curve, keepingOneOf thinning: Int) {
        member("kind", curve.kind.rawValue)
        if let rate = curve.sampleRateHz { member("sampleRateHz", rate) }
        member("firstSample", curve.firstSample)
        if thinning > 1 { member("keptOneOf", thinning) }
        array("tracks", objects: curve.tracks.count) { index, json in
            let track = curve.tracks[index]
            json.member("quantity", track.quantity.rawValue)
            json.member("unit", track.quantity.unit)
            json.member("scale", track.scale)
            let places = stride(from: 0, to: track.samples.count, by: max(1, thinning))
            json.array("samples", integers: places.map { track.samples[$0] })
        }
    }
}
