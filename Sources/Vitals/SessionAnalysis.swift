/// What this program makes of a session or of one manoeuvre: its own numbers, grades and marks, apart from the
/// device's. All of it follows from the signals and curves beside it, and each grade names its rule.
public struct SessionAnalysis: Hashable, Sendable {
    public var results: [SessionResult]
    public var gradings: [SessionGrading]
    /// In the order of time; at most ``annotationsMax``.
    public var annotations: [SessionAnnotation]
    /// What to do better next time, in one sentence for the patient.
    public var hint: String?

    /// The deepest nights have some hundred events an hour.
    public static let annotationsMax = 1500

    public init(
        results: [SessionResult] = [], gradings: [SessionGrading] = [], annotations: [SessionAnnotation] = [],
        hint: String? = nil
    ) {
        self.results = results
        self.gradings = gradings
        self.annotations = annotations
        self.hint = hint
    }

    public var isEmpty: Bool { results.isEmpty && gradings.isEmpty && annotations.isEmpty && hint == nil }
}

/// A number that this program computed, or the statement that there is none.
public struct SessionResult: Hashable, Sendable {
    public var name: Name
    /// In the name's unit; `nil` when the quality is invalid.
    public var value: Double?
    public var quality: Quality

    /// A metric's, or one of those that belong to a whole session.
    public enum Name: Hashable, Sendable {
        case metric(Metric)
        case measure(SessionMeasure)
    }

    public init(_ metric: Metric, _ value: Double?, _ quality: Quality = .valid) {
        name = .metric(metric)
        self.value = value
        self.quality = quality
    }

    public init(_ measure: SessionMeasure, _ value: Double?, _ quality: Quality = .valid) {
        name = .measure(measure)
        self.value = value
        self.quality = quality
    }

    /// On the wire.
    public var text: String {
        switch name {
        case .metric(let metric): metric.rawValue
        case .measure(let measure): measure.rawValue
        }
    }

    /// UCUM. A flow in litres a second, as in ``ManoeuvreResult``.
    public var unit: String {
        switch name {
        case .metric(let metric): ManoeuvreResult(metric, 0).unit
        case .measure(let measure): measure.unit
        }
    }

    public var fractionDigits: Int {
        switch name {
        case .metric(let metric): ManoeuvreResult(metric, 0).fractionDigits
        case .measure(let measure): measure.fractionDigits
        }
    }
}

/// A grade or a verdict, by a rule that has a name.
public struct SessionGrading: Hashable, Sendable {
    public var subject: Subject
    /// A letter or a word: `A`, `acceptable`, `moderate`.
    public var grade: String
    /// Where the rule is written: `ATS/ERS 2019, table 10`.
    public var rule: String
    /// Why not better, in words with hyphens; empty when there is nothing to say.
    public var reasons: [String]

    /// What is graded.
    public enum Subject: String, Hashable, Sendable, CaseIterable {
        case acceptabilityFEV1 = "fev1-acceptability"
        case acceptabilityFVC = "fvc-acceptability"
        case sessionFEV1 = "fev1-session"
        case sessionFVC = "fvc-session"
        case interpretation
        case bronchodilatorResponse = "bronchodilator-response"
        case peakFlowZone = "peak-flow-zone"
        case sleepApnoeaScreening = "sleep-apnoea-screening"
        case signal
    }

    public init(_ subject: Subject, _ grade: String, rule: String, reasons: [String] = []) {
        self.subject = subject
        self.grade = grade
        self.rule = rule
        self.reasons = reasons
    }
}

/// A mark in a session: a moment, or a span of time.
public struct SessionAnnotation: Hashable, Sendable {
    public var kind: Kind
    /// From the beginning of the session, or of the manoeuvre.
    public var seconds: Double
    /// `nil`: a moment.
    public var durationSeconds: Double?
    /// What the kind counts: the nadir (%) of a desaturation, the rate (/min) of a tachycardia, the beats of a run.
    public var value: Double?
    /// 0…1; `nil` where nothing says how sure it is.
    public var confidence: Double?

    public init(
        _ kind: Kind, seconds: Double, durationSeconds: Double? = nil, value: Double? = nil,
        confidence: Double? = nil
    ) {
        self.kind = kind
        self.seconds = seconds
        self.durationSeconds = durationSeconds
        self.value = value
        self.confidence = confidence
    }
}
