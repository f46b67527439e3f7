public import Vitals

/// What an alarm condition is, apart from any patient: its levels, its delays, its latching.
///
/// Terms of IEC 60601-1-8: a condition has a kind and a priority; the alarm condition delay is called `onset` here.
public struct ConditionDefinition: Hashable, Sendable {
    /// The name in topics, `[a-z0-9-]`: `oxygen-saturation-low`.
    public var id: String
    public var kind: AlarmKind
    /// From the mildest to the gravest; not empty.
    public var levels: [Level]
    /// How long the cause must be gone before the condition falls.
    public var clearAfter: Duration
    /// An observation older than this says nothing any more: it neither starts nor ends a condition.
    public var freshness: Duration
    /// A condition that reached this priority stays, after its cause is gone, until somebody acknowledges it.
    public var latchesFrom: AlarmPriority

    public struct Level: Hashable, Sendable {
        public var priority: AlarmPriority
        /// How long the cause must last without interruption.
        public var onset: Duration

        public init(priority: AlarmPriority, onset: Duration) {
            self.priority = priority
            self.onset = onset
        }
    }

    public init(
        id: String, kind: AlarmKind, levels: [Level], clearAfter: Duration, freshness: Duration,
        latchesFrom: AlarmPriority = .high
    ) {
        self.id = id
        self.kind = kind
        self.levels = levels
        self.clearAfter = clearAfter
        self.freshness = freshness
        self.latchesFrom = latchesFrom
    }
}
