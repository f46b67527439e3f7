public import Vitals

/// One finding watched on one patient through one device, with what was last seen of it.
public struct FindingAlarm: Sendable {
    public let rule: FindingRule
    public private(set) var condition: Condition
    /// The last look that found it; `nil` before the first, and after a restart.
    public private(set) var last: FindingLook?

    /// At one value a second, a minute.
    public static let evidenceMax = 60

    public init(_ rule: FindingRule) {
        self.rule = rule
        condition = Condition(rule.condition)
    }

    public init(_ rule: FindingRule, remembering memory: Condition.Memory) {
        self.rule = rule
        condition = Condition(rule.condition, remembering: memory)
    }

    public mutating func look(_ look: FindingLook, at stamp: Stamp) -> [AlarmEvent] {
        let level = min(max(0, look.level), rule.condition.levels.count)
        if level > 0 {
            // The first strip shows how it began: the alarm keeps it for as long as it lasts.
            let session = condition.state == .inactive ? nil : last?.session
            last = look
            last?.session = session ?? look.session
            last?.evidence = Array(look.evidence.suffix(Self.evidenceMax))
        }
        return condition.observe(entering: level, holding: level, at: stamp)
    }

    public mutating func tick(at now: Instant) -> [AlarmEvent] { condition.tick(at: now) }

    public mutating func acknowledge() -> [AlarmEvent] { condition.acknowledge() }
}
