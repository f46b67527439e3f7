public import Vitals

/// One limit watched on one patient through one device, with the evidence of what it saw.
public struct LimitAlarm: Sendable {
    public let rule: LimitRule
    public private(set) var condition: Condition
    /// The last values judged, oldest first, at most ``evidenceMax``. A pause before an episode cuts off what was
    /// seen before it.
    public private(set) var evidence: [Sample] = []
    /// The furthest beyond the limit in the episode that began last; `nil` before the first.
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

    public init(_ rule: LimitRule, remembering memory: Condition.Memory, worst: Double? = nil) {
        self.rule = rule
        condition = Condition(rule.condition, remembering: memory)
        self.worst = worst
    }

    /// Judges one observation; one that may not be judged is as if nobody had looked.
    public mutating func observe(_ observation: Observation) -> [AlarmEvent] {
        guard let value = rule.judged(observation) else { return [] }
        note(Sample(stamp: observation.stamp, value: value))
        let wasInactive = condition.state == .inactive
        let events = condition.observe(
            entering: rule.entering(value), holding: rule.holding(value), at: observation.stamp)
        if condition.state == .active {
            if wasInactive {
                // From where the onset began.
                worst = nil
                for sample in evidence.reversed().prefix(while: { rule.entering($0.value) > 0 }) {
                    weigh(sample.value)
                }
            } else if rule.entering(value) > 0 {
                weigh(value)
            }
        }
        return events
    }

    public mutating func tick(at now: Instant) -> [AlarmEvent] { condition.tick(at: now) }

    public mutating func acknowledge() -> [AlarmEvent] { condition.acknowledge() }

    private mutating func note(_ sample: Sample) {
        if condition.state == .inactive, let last = evidence.last,
            sample.stamp.received - last.stamp.received > rule.condition.freshness
        {
            evidence.removeAll()
        }
        evidence.append(sample)
        if evidence.count > Self.evidenceMax { evidence.removeFirst(evidence.count - Self.evidenceMax) }
    }

    private mutating func weigh(_ value: Double) {
        worst = worst.map { rule.side == .below ? min($0, value) : max($0, value) } ?? value
    }
}
