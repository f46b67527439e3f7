public import Vitals

/// One limit watched on one patient through one device, with the evidence of what it saw.
public struct LimitAlarm: Sendable {
    public let rule: LimitRule
    public private(set) var condition: Condition
    /// The last values judged, oldest first, at most ``evidenceMax``.
    public private(set) var evidence: [Sample] = []
    /// The furthest beyond the limit since the start.
    public private(set) var worst: Double?

    /// At one value a second, a minute.
    public static let evidenceMax = 60

    public struct Sample: Hashable, Sendable {
        public var stamp: Stamp
        public var value: Double
    }

    public init(_ rule: LimitRule) {
        self.rule = rule
        condition = Condition(rule.condition)
    }

    public init(_ rule: LimitRule, remembering memory: Condition.Memory) {
        self.rule = rule
        condition = Condition(rule.condition, remembering: memory)
    }

    /// Judges one observation; one that may not be judged is as if nobody had looked.
    public mutating func observe(_ observation: Observation) -> [AlarmEvent] {
        guard let value = rule.judged(observation) else { return [] }
        evidence.append(Sample(stamp: observation.stamp, value: value))
        if evidence.count > Self.evidenceMax { evidence.removeFirst(evidence.count - Self.evidenceMax) }
        let wasInactive = condition.state == .inactive
        let phases = condition.observe(
            entering: rule.entering(value), holding: rule.holding(value), at: observation.stamp)
        if condition.state == .active {
            worst = wasInactive ? worstOfEvidence() : worst.map { graver($0, value) } ?? value
        }
        return events(phases)
    }

    public mutating func tick(at now: Instant) -> [AlarmEvent] { events(condition.tick(at: now)) }

    public mutating func acknowledge() -> [AlarmEvent] { events(condition.acknowledge()) }

    private func graver(_ one: Double, _ other: Double) -> Double {
        rule.side == .below ? min(one, other) : max(one, other)
    }

    private func worstOfEvidence() -> Double? {
        rule.side == .below ? evidence.map(\.value).min() : evidence.map(\.value).max()
    }

    private func events(_ phases: [AlarmPhase]) -> [AlarmEvent] {
        phases.map { phase in
            AlarmEvent(
                condition: rule.condition, phase: phase, state: phase == .end ? .inactive : condition.state,
                priority: condition.priority ?? rule.condition.levels.map(\.priority).max() ?? .low,
                isObserved: condition.isObserved, isAcknowledged: condition.isAcknowledged,
                start: condition.start, level: condition.level, levelReached: condition.levelReached)
        }
    }
}

/// A step in the life of a condition, to be told.
public struct AlarmEvent: Hashable, Sendable {
    public var condition: ConditionDefinition
    public var phase: AlarmPhase
    public var state: AlarmState
    public var priority: AlarmPriority
    /// `false`: the condition is believed to last, but nobody sees the patient now.
    public var isObserved: Bool
    public var isAcknowledged: Bool
    public var start: Stamp?
    public var level: Int
    public var levelReached: Int
}
