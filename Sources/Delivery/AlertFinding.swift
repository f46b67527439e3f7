public import Vitals

extension AlertMessage {
    /// What an analysis found, and where it can be looked at.
    public struct Finding: Hashable, Sendable {
        /// The rule's name, without a device's behind it.
        public var name: String
        /// In ``unit``; `nil`: it has none.
        public var value: Double?
        /// UCUM, empty for a count.
        public var unit: String
        /// 0…1.
        public var confidence: Double?
        public var doubts: QualityReasons
        /// When it began: before it could be told.
        public var beganUTCNanoseconds: Int64?
        /// The name of the session that shows it. An alert comes before its strip is complete.
        public var session: String?
        /// Of the values in the evidence.
        public var metric: Metric?
        public var samples: [Sample]
        /// What a score was made of.
        public var inputs: [FindingInput] = []

        public init(
            name: String, value: Double?, unit: String, confidence: Double?, doubts: QualityReasons,
            beganUTCNanoseconds: Int64?, session: String?, metric: Metric?, samples: [Sample]
        ) {
            self.name = name
            self.value = value
            self.unit = unit
            self.confidence = confidence
            self.doubts = doubts
            self.beganUTCNanoseconds = beganUTCNanoseconds
            self.session = session
            self.metric = metric
            self.samples = samples
        }
    }
}

/// One of the numbers that a score was made of.
public struct FindingInput: Hashable, Sendable {
    /// What it says, or whose it is: `oxygen-saturation-fall`, `pulse-rate`.
    public var name: String
    /// In ``unit``; `nil`: it is missing, which is why it is named.
    public var value: Double?
    /// UCUM.
    public var unit: String
    /// What it was held against, in the same unit.
    public var limit: Double?
    /// What is usual for the patient, in the same unit.
    public var level: Double?
    /// What it adds to the score.
    public var points: Int?

    public init(
        _ name: String, value: Double?, unit: String, limit: Double? = nil, level: Double? = nil, points: Int? = nil
    ) {
        self.name = name
        self.value = value
        self.unit = unit
        self.limit = limit
        self.level = level
        self.points = points
    }
}

extension JSONText {
    private mutating func input(_ input: FindingInput) {
        member("name", input.name)
        if let value = input.value, value.isFinite {
            member("value", decimal: decimal(value, fractionDigits: 3))
        } else {
            null("value")
        }
        member("unit", input.unit)
        if let limit = input.limit, limit.isFinite { member("limit", decimal: decimal(limit, fractionDigits: 3)) }
        if let level = input.level, level.isFinite { member("level", decimal: decimal(level, fractionDigits: 3)) }
        member("points", ifPresent: input.points)
    }

    mutating func finding(_ finding: AlertMessage.Finding) {
        member("name", finding.name)
        if let value = finding.value, value.isFinite {
            member("value", decimal: decimal(value, fractionDigits: 1))
            member("unit", finding.unit.isEmpty ? "1" : finding.unit)
        }
        if let confidence = finding.confidence, confidence.isFinite {
            member("confidence", decimal: decimal(confidence, fractionDigits: 2))
        }
        if !finding.doubts.isEmpty { array("reasons", finding.doubts.names) }
        if let began = finding.beganUTCNanoseconds { member("began", rfc3339(utcNanoseconds: began)) }
        member("session", ifPresent: finding.session)
        member("metric", ifPresent: finding.metric?.rawValue)
        if !finding.inputs.isEmpty {
            array("inputs", objects: finding.inputs.count) { index, json in json.input(finding.inputs[index]) }
        }
    }
}
