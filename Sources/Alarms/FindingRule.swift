public import Vitals

/// A finding of an analysis that is worth an alarm: its condition, and the words for it.
public struct FindingRule: Hashable, Sendable {
    public var condition: ConditionDefinition
    /// Begins a sentence: `Ventricular tachycardia`.
    public var words: String
    /// What its value is, before the number: `rate`. `nil`: it has none worth telling.
    public var valueWords: String?
    /// UCUM, empty for a count.
    public var valueUnit: String
    /// What to do about it, as a sentence of its own.
    public var advice: String?
    /// Of the values that are its evidence.
    public var metric: Metric?
    /// The condition's name always carries the device's: it is about the device.
    public var isOfDevice: Bool

    public init(
        condition: ConditionDefinition, words: String, valueWords: String? = nil, valueUnit: String = "",
        advice: String? = nil, metric: Metric? = nil, isOfDevice: Bool = false
    ) {
        self.condition = condition
        self.words = words
        self.valueWords = valueWords
        self.valueUnit = valueUnit
        self.advice = advice
        self.metric = metric
        self.isOfDevice = isOfDevice
    }
}

/// What an analysis saw when it looked for one finding. One that could not look says nothing.
public struct FindingLook: Hashable, Sendable {
    /// The id of the rule's condition.
    public var condition: String
    /// Of the condition's levels, 0 for none.
    public var level: Int
    /// In the rule's unit.
    public var value: Double?
    /// 0…1.
    public var confidence: Double?
    /// What speaks against it; of a technical finding, what is wrong.
    public var doubts: QualityReasons
    /// When what was found began: before it could be told.
    public var began: Instant?
    /// The name of the session that shows it.
    public var session: String?
    /// Values of the rule's metric, oldest first.
    public var evidence: [Sample]

    /// What a score was made of.
    public var inputs: [Input] = []

    /// One number of a score.
    public struct Input: Hashable, Sendable {
        /// What it says, or whose it is.
        public var name: String
        /// `nil`: it is missing.
        public var value: Double?
        /// UCUM.
        public var unit: String
        /// What it was held against, and what is usual for the patient.
        public var limit: Double?
        public var level: Double?
        /// What it adds to the score.
        public var points: Int?

        public init(
            _ name: String, value: Double?, unit: String, limit: Double? = nil, level: Double? = nil,
            points: Int? = nil
        ) {
            self.name = name
            self.value = value
            self.unit = unit
            self.limit = limit
            self.level = level
            self.points = points
        }
    }

    /// One value of the evidence.
    public struct Sample: Hashable, Sendable {
        public var at: Instant
        public var value: Double

        public init(at: Instant, value: Double) {
            self.at = at
            self.value = value
        }
    }

    public init(
        _ condition: String, level: Int, value: Double? = nil, confidence: Double? = nil,
        doubts: QualityReasons = [], began: Instant? = nil, session: String? = nil, evidence: [Sample] = []
    ) {
        self.condition = condition
        self.level = level
        self.value = value
        self.confidence = confidence
        self.doubts = doubts
        self.began = began
        self.session = session
        self.evidence = evidence
    }
}
