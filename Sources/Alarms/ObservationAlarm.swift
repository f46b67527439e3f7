public import Vitals

/// A technical alarm for a device that is expected to measure all the time: no value that counts has come.
///
/// Silence must mean "all is well", never "nobody is watching".
public struct ObservationAlarm: Sendable {
    public private(set) var condition: Condition

    /// - Parameter missingAfter: how long without a value is too long.
    public init(missingAfter: Duration, priority: AlarmPriority = .low) {
        condition = Condition(Self.definition(missingAfter: missingAfter, priority: priority))
    }

    public init(missingAfter: Duration, priority: AlarmPriority = .low, remembering memory: Condition.Memory) {
        condition = Condition(Self.definition(missingAfter: missingAfter, priority: priority), remembering: memory)
    }

    public static func definition(missingAfter: Duration, priority: AlarmPriority) -> ConditionDefinition {
        // The freshness is without end: looking at the clock is an observation that never fails.
        ConditionDefinition(
            id: "measurement-missing", kind: .technical,
            levels: [.init(priority: priority, onset: missingAfter)], clearAfter: .zero,
            freshness: .seconds(50 * 365 * 86_400), latchesFrom: .high)
    }

    /// A value that counts has come (`isMeasuring`), or time has passed without one.
    public mutating func look(isMeasuring: Bool, at stamp: Stamp) -> [AlarmEvent] {
        let level = isMeasuring ? 0 : 1
        // Looking at the clock is not seeing the patient again: after a restart there is nothing to update.
        return condition.observe(entering: level, holding: level, at: stamp).filter { $0.phase != .update }
    }

    public mutating func acknowledge() -> [AlarmEvent] { condition.acknowledge() }
}
