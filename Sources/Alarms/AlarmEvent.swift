public import Vitals

/// A step in the life of a condition, to be told: how things stand just after it.
public struct AlarmEvent: Hashable, Sendable {
    public var condition: ConditionDefinition
    public var phase: AlarmPhase
    public var state: AlarmState
    /// At the end: of the gravest level reached, so that whoever heard of it hears of its end.
    public var priority: AlarmPriority
    /// `false`: the condition is believed to last, but nobody sees the patient now.
    public var isObserved: Bool
    public var isAcknowledged: Bool
    public var start: Stamp?
    /// 0 while the cause is gone.
    public var level: Int
    public var levelReached: Int
}
