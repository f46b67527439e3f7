public import Vitals

/// Numbers of one metric from one device, as a message of the reading lane.
public enum ReadingMessage {
    /// Keeps a message below the 16 KB that an alert may have to wait for.
    public static let readingsMax = 40

    /// Messages for the observations: one for each device, patient and metric, split at ``readingsMax``, in the
    /// order of the first observation of each.
    public static func drafts(_ observations: [Observation]) -> [Draft] {
        var groups: [[Observation]] = []
        for observation in observations {
            let index = groups.lastIndex { group in
                group.count < readingsMax && group[0].device == observation.device
                    && group[0].patient == observation.patient
                    && group[0].reading.metric == observation.reading.metric
            }
            if let index { groups[index].append(observation) } else { groups.append([observation]) }
        }
        return groups.map(draft)
    }

    private static func draft(_ observations: [Observation]) -> Draft {
        let first = observations[0]
        let metric = first.reading.metric
        let body = JSONText.members { json in
            json.member("device", first.device.text)
            json.patient(first.patient)
            json.metric(metric)
            json.member("origin", first.origin.rawValue)
            json.array("readings", objects: observations.count) { index, json in
                json.reading(observations[index])
            }
        }
        return Draft(
            lane: .reading, topic: Topic.reading(patient: first.patient, metric: metric), schema: "reading",
            body: body)
    }
}

/// A block of samples, as a message of the waveform lane.
public enum WaveformMessage {
    /// - Parameter stamp: of the first sample.
    public static func draft(
        _ waveform: Waveform, device: Identifier, patient: Identifier?, origin: Origin, stamp: Stamp
    ) -> Draft {
        let body = JSONText.members { json in
            json.member("device", device.text)
            json.patient(patient)
            json.metric(waveform.metric)
            json.member("origin", origin.rawValue)
            json.quality(waveform.quality)
            json.stamp(stamp)
            json.member("sampleRateHz", waveform.sampleRateHz)
            json.member("scale", waveform.scale)
            json.member("offset", waveform.offset)
            json.member("samplesLostBefore", waveform.lostBefore)
            json.array("samples", integers: waveform.samples)
        }
        return Draft(
            lane: .waveform, topic: Topic.waveform(patient: patient, metric: waveform.metric), schema: "waveform",
            body: body)
    }
}

/// The topics below the gateway's root.
public enum Topic {
    public static let status = "status"
    public static let health = "health"
    public static let gap = "gap"
    public static let response = "response"

    public static func device(_ device: Identifier) -> String { "device/\(device)" }

    public static func reading(patient: Identifier?, metric: Metric) -> String {
        "\(of(patient))/reading/\(metric.rawValue)"
    }

    public static func waveform(patient: Identifier?, metric: Metric) -> String {
        "\(of(patient))/waveform/\(metric.rawValue)"
    }

    public static func session(patient: Identifier?, kind: Session.Kind) -> String {
        "\(of(patient))/session/\(kind.rawValue)"
    }

    public static func alert(patient: Identifier?, priority: AlarmPriority) -> String {
        "\(of(patient))/alert/\(priority.name)"
    }

    public static func alarm(patient: Identifier?, condition: String) -> String {
        "\(of(patient))/alarm/\(condition)"
    }

    /// What belongs to nobody goes where no clinician looks for a patient.
    private static func of(_ patient: Identifier?) -> String { patient.map { "patient/\($0)" } ?? "unassigned" }
}

extension JSONText {
    mutating func patient(_ patient: Identifier?) {
        if let patient { member("patient", patient.text) } else { null("patient") }
    }

    mutating func metric(_ metric: Metric) {
        let definition = metric.definition
        member("metric", metric.rawValue)
        member("unit", definition.unit)
        member("mdc", ifPresent: definition.mdcCode)
        member("mdcReference", ifPresent: definition.mdcReferenceID)
        member("loinc", ifPresent: definition.loinc)
    }

    mutating func quality(_ quality: Quality) {
        member("quality", quality.name)
        if !quality.reasons.isEmpty { array("reasons", quality.reasons.names) }
    }

    mutating func value(_ name: String, _ value: Double?, of metric: Metric) {
        if let value {
            member(name, decimal: decimal(value, fractionDigits: metric.definition.fractionDigits))
        } else {
            null(name)
        }
    }

    public mutating func stamp(_ stamp: Stamp) {
        member("time", rfc3339(utcNanoseconds: stamp.utcNanoseconds))
        member("deviceTime", ifPresent: stamp.device?.description)
        member("clock", stamp.clock.rawValue)
        member("correction", stamp.correction.rawValue)
        member("uncertaintyMilliseconds", ifPresent: stamp.uncertaintyMilliseconds)
        object("received") { json in
            json.member("boot", stamp.bootID)
            json.member("nanoseconds", stamp.received.nanoseconds)
        }
    }

    fileprivate mutating func reading(_ observation: Observation) {
        member("reading", observation.identity)
        value("value", observation.reading.value, of: observation.reading.metric)
        quality(observation.reading.quality)
        member("source", observation.reading.source.rawValue)
        stamp(observation.stamp)
    }
}
