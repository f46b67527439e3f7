public import Vitals

/// The life of one alarm condition: a pure state machine. Observations, time and acknowledgements in,
/// transitions out.
///
///     inactive ──onset passed──► active(level) ──cause gone for clearAfter──► inactive
///                                 │  ▲ escalate, deescalate                ▲
///                                 └──cause gone, grave, unacknowledged──► latched ──acknowledged──┘
///
/// What is not observed changes nothing silently: while the condition is active, losing sight of it and
/// seeing it again are transitions of their own.
public struct Condition: Hashable, Sendable {
    public let definition: ConditionDefinition
    public private(set) var state = AlarmState.inactive
    /// 1 is the first of the definition's levels; 0 while inactive.
    public private(set) var level = 0
    /// The gravest level since the start.
    public private(set) var levelReached = 0
    public private(set) var isAcknowledged = false
    /// The cause is being looked at: the last observation is fresh.
    public private(set) var isObserved = false
    /// When it became active.
    public private(set) var start: Stamp?

    private var lastObservation: Instant?
    /// For each level, since when its cause lasts without interruption.
    private var lasting: [Instant?]
    private var recovering: Instant?

    public init(_ definition: ConditionDefinition) {
        self.definition = definition
        lasting = Array(repeating: nil, count: definition.levels.count)
    }

    /// The priority now: of the present level, or of the gravest reached while latched.
    public var priority: AlarmPriority? {
        switch state {
        case .inactive: nil
        case .active: priority(ofLevel: level)
        case .latched: priority(ofLevel: levelReached)
        }
    }

    /// Somebody looked at the cause.
    ///
    /// - Parameters:
    ///   - entering: the gravest level whose limit is passed, 0 for none.
    ///   - holding: the gravest level whose limit is not yet passed back with the hysteresis; at least `entering`.
    public mutating func observe(entering: Int, holding: Int, at stamp: Stamp) -> [AlarmPhase] {
        let now = stamp.received
        var phases: [AlarmPhase] = []
        if let last = lastObservation, now - last > definition.freshness { forgetDelays() }
        lastObservation = now
        if !isObserved {
            isObserved = true
            if state == .active { phases.append(.update) }
        }
        for index in lasting.indices {
            if entering > index { lasting[index] = lasting[index] ?? now } else { lasting[index] = nil }
        }
        phases += advance(holding: max(entering, holding), at: stamp)
        return phases
    }

    /// Time passed. Nothing starts or ends here: only losing sight of an active condition is told.
    public mutating func tick(at now: Instant) -> [AlarmPhase] {
        guard isObserved, let last = lastObservation, now - last > definition.freshness else { return [] }
        isObserved = false
        forgetDelays()
        return state == .active ? [.update] : []
    }

    /// When ``tick(at:)`` has something to do next.
    public var nextDeadline: Instant {
        guard isObserved, let last = lastObservation else { return .never }
        return last + definition.freshness + .nanoseconds(1)
    }

    /// A person takes charge.
    public mutating func acknowledge() -> [AlarmPhase] {
        switch state {
        case .inactive: return []
        case .active:
            guard !isAcknowledged else { return [] }
            isAcknowledged = true
            return [.acknowledge]
        case .latched:
            fall()
            return [.acknowledge, .end]
        }
    }

    private mutating func advance(holding: Int, at stamp: Stamp) -> [AlarmPhase] {
        let reached = levelReachedByDelay(at: stamp.received)
        if reached > level { return rise(to: reached, at: stamp) }
        guard state == .active, holding < level else {
            recovering = nil
            return []
        }
        let since = recovering ?? stamp.received
        recovering = since
        guard stamp.received - since >= definition.clearAfter else { return [] }
        recovering = nil
        return descend(to: holding)
    }

    private func levelReachedByDelay(at now: Instant) -> Int {
        for index in lasting.indices.reversed() {
            if let since = lasting[index], now - since >= definition.levels[index].onset { return index + 1 }
        }
        return 0
    }

    private mutating func rise(to reached: Int, at stamp: Stamp) -> [AlarmPhase] {
        let wasActive = state == .active
        let isGraver = reached > levelReached
        recovering = nil
        level = reached
        levelReached = max(levelReached, reached)
        if state == .inactive { start = stamp }
        // Graver than what was acknowledged: the acknowledgement does not cover it.
        if isGraver || !wasActive { isAcknowledged = false }
        let phase: AlarmPhase = state == .inactive ? .start : wasActive ? .escalate : .update
        state = .active
        return [phase]
    }

    private mutating func descend(to holding: Int) -> [AlarmPhase] {
        guard holding == 0 else {
            level = holding
            return [.deescalate]
        }
        if !isAcknowledged, priority(ofLevel: levelReached) ?? .low >= definition.latchesFrom {
            state = .latched
            level = 0
            return [.update]
        }
        fall()
        return [.end]
    }

    private mutating func fall() {
        state = .inactive
        level = 0
        levelReached = 0
        isAcknowledged = false
    }

    private mutating func forgetDelays() {
        for index in lasting.indices { lasting[index] = nil }
        recovering = nil
    }

    private func priority(ofLevel level: Int) -> AlarmPriority? {
        definition.levels.indices.contains(level - 1) ? definition.levels[level - 1].priority : nil
    }
}

extension Condition {
    /// What must outlive the process, so that a restart neither forgets an alarm nor raises it twice.
    public struct Memory: Hashable, Sendable {
        public var state: AlarmState
        public var level: Int
        public var levelReached: Int
        public var isAcknowledged: Bool
        public var start: Stamp

        public init(state: AlarmState, level: Int, levelReached: Int, isAcknowledged: Bool, start: Stamp) {
            self.state = state
            self.level = level
            self.levelReached = levelReached
            self.isAcknowledged = isAcknowledged
            self.start = start
        }
    }

    /// `nil` while inactive.
    public var memory: Memory? {
        guard state != .inactive, let start else { return nil }
        return Memory(
            state: state, level: level, levelReached: levelReached, isAcknowledged: isAcknowledged, start: start)
    }

    /// The condition as it was, not observed since. Levels beyond the definition's are brought down to its gravest.
    public init(_ definition: ConditionDefinition, remembering memory: Memory) {
        self.init(definition)
        guard memory.state != .inactive else { return }
        let gravest = definition.levels.count
        state = memory.state
        level = state == .latched ? 0 : min(max(1, memory.level), gravest)
        levelReached = min(max(1, memory.levelReached, level), gravest)
        isAcknowledged = memory.isAcknowledged
        start = memory.start
    }
}
