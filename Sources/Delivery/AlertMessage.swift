public import Vitals

/// A step in the life of an alarm condition, as it is told to people and programs.
public struct AlertMessage: Hashable, Sendable {
    public var patient: Identifier?
    public var device: Identifier
    public var condition: String
    /// Names this one occurrence from its start to its end, also across restarts.
    public var occurrence: String
    public var kind: AlarmKind
    public var phase: AlarmPhase
    public var state: AlarmState
    public var priority: AlarmPriority
    public var isObserved: Bool
    public var isAcknowledged: Bool
    /// One sentence that says what is wrong, since when, and what limit was passed.
    public var text: String
    public var start: Stamp
    public var time: Stamp
    public var limit: Limit?
    public var evidence: [Sample]
    /// What an analysis found: absent for a limit, and after a restart until it is seen again.
    public var finding: Finding?

    /// What was watched: absent for a technical condition without a limit.
    public struct Limit: Hashable, Sendable {
        public var metric: Metric
        /// `below` or `above`.
        public var side: String
        public var value: Double
        public var onsetSeconds: Double
        /// The furthest beyond the limit so far.
        public var worst: Double?

        public init(metric: Metric, side: String, value: Double, onsetSeconds: Double, worst: Double?) {
            self.metric = metric
            self.side = side
            self.value = value
            self.onsetSeconds = onsetSeconds
            self.worst = worst
        }
    }

    /// One value of the evidence.
    public struct Sample: Hashable, Sendable {
        public var utcNanoseconds: Int64
        public var value: Double

        public init(utcNanoseconds: Int64, value: Double) {
            self.utcNanoseconds = utcNanoseconds
            self.value = value
        }
    }

    public init(
        patient: Identifier?, device: Identifier, condition: String, occurrence: String, kind: AlarmKind,
        phase: AlarmPhase, state: AlarmState, priority: AlarmPriority, isObserved: Bool, isAcknowledged: Bool,
        text: String, start: Stamp, time: Stamp, limit: Limit?, evidence: [Sample]
    ) {
        self.patient = patient
        self.device = device
        self.condition = condition
        self.occurrence = occurrence
        self.kind = kind
        self.phase = phase
        self.state = state
        self.priority = priority
        self.isObserved = isObserved
        self.isAcknowledged = isAcknowledged
        self.text = text
        self.start = start
        self.time = time
        self.limit = limit
        self.evidence = evidence
    }

    /// The event for those who listen now, and the retained state for those who come later: emptied at the end.
    public var drafts: [Draft] {
        let stateTopic = Topic.alarm(patient: patient, condition: condition)
        let event = Draft(
            lane: .alert, topic: Topic.alert(patient: patient, priority: priority), schema: "alert",
            body: JSONText.members { json in
                core(&json)
                if let metric = limit?.metric { write(evidence, of: metric, &json) }
                if let finding, let metric = finding.metric { write(finding.samples, of: metric, &json) }
            })
        let retained = Draft(
            lane: .alert, topic: stateTopic, isRetained: true, schema: "alarm",
            body: phase == .end ? [] : JSONText.members { json in core(&json) })
        return [event, retained]
    }

    private func core(_ json: inout JSONText) {
        json.patient(patient)
        json.member("device", device.text)
        json.member("condition", condition)
        json.member("occurrence", occurrence)
        json.member("kind", kind.rawValue)
        json.member("phase", phase.rawValue)
        json.member("state", state.rawValue)
        json.member("priority", priority.name)
        json.member("isObserved", isObserved)
        json.member("isAcknowledged", isAcknowledged)
        json.member("text", text)
        json.object("start") { $0.stamp(start) }
        json.stamp(time)
        if let limit { json.object("limit") { write(limit, &$0) } }
        if let finding { json.object("finding") { $0.finding(finding) } }
    }

    private func write(_ limit: Limit, _ json: inout JSONText) {
        json.metric(limit.metric)
        json.member("side", limit.side)
        json.value("value", limit.value, of: limit.metric)
        json.member("onsetSeconds", limit.onsetSeconds)
        json.value("worst", limit.worst, of: limit.metric)
    }

    private func write(_ samples: [Sample], of metric: Metric, _ json: inout JSONText) {
        json.array("evidence", objects: samples.count) { index, json in
            json.member("time", rfc3339(utcNanoseconds: samples[index].utcNanoseconds))
            json.value("value", samples[index].value, of: metric)
        }
    }
}
