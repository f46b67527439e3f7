public import Vitals

/// The life of one alarm condition: a pure state machine. Observations, time and acknowledgements in,
/// events out.
///
///     inactive ──onset passed──► active(level) ──cause gone for clearAfter──► inactive
///                                 │  ▲ escalate, deescalate                ▲
///                                 └──cause gone, grave, unacknowledged──► latched ──acknowledged──┘
///                                    ▲                                      │
///                                    └──────────onset passed: escalate──────┘
///
/// What is not observed changes nothing silently: while the condition is active, losing sight of it and
/// seeing it again are events of their own. What is grave does not become quieter by itself: until somebody
/// acknowledges it, the gravest priority reached is told.
public struct Condition: Hashable, Sendable {
    public let definition: ConditionDefinition
    public private(set) var state = AlarmState.inactive
    /// 1 is the first of the definition's levels; 0 while inactive or latched.
    public private(set) var level = 0
    /// The gravest level since the last start.
    public private(set) var levelReached = 0
    public private(set) var isAcknowledged = false
    /// The cause is being looked at: the last observation is fresh. What was remembered as observed counts as that
    /// until it had its time to be seen again.
    public private(set) var isObserved = false
    /// When it last became active.
    public private(set) var start: Stamp?

    /// The last observation; for a remembered condition that was not observed yet, the first tick.
    private var lastLook: Instant?
    /// Remembered, and not yet seen by this process.
    private var isFromMemory = false
    /// For each level, since when its cause lasts without interruption.
    private var lasting: [Instant?]
    /// For each level, since when its cause is gone without interruption.
    private var gone: [Instant?]

    public init(_ definition: ConditionDefinition) {
        self.definition = definition
        lasting = Array(repeating: nil, count: definition.levels.count)
        gone = lasting
    }

    /// The priority now, `nil` while inactive.
    public var priority: AlarmPriority? {
        guard state != .inactive else { return nil }
        return priority(ofLevel: state == .latched || mustBeAcknowledged ? levelReached : level)
    }

    /// Somebody looked at the cause.
    ///
    /// - Parameters:
    ///   - entering: the gravest level whose limit is passed, 0 for none.
    ///   - holding: the gravest level whose limit is not yet passed back with the hysteresis; at least `entering`.
    public mutating func observe(entering: Int, holding: Int, at stamp: Stamp) -> [AlarmEvent] {
        let now = stamp.received
        var events: [AlarmEvent] = []
        if let last = lastLook, now - last > definition.freshness { forgetDelays() }
        lastLook = now
        if !isObserved || isFromMemory {
            isObserved = true
            isFromMemory = false
            if state == .active { events.append(event(.update)) }
        }
        let holding = max(entering, holding)
        for index in lasting.indices {
            lasting[index] = entering > index ? lasting[index] ?? now : nil
            gone[index] = holding > index ? nil : gone[index] ?? now
        }
        return events + advance(at: stamp)
    }

    /// Time passed. Nothing starts or ends here: only losing sight of an active condition is told.
    public mutating func tick(at now: Instant) -> [AlarmEvent] {
        guard isObserved else { return [] }
        guard let last = lastLook else {
            lastLook = now
            return []
        }
        guard now - last > definition.freshness else { return [] }
        isObserved = false
        forgetDelays()
        return state == .active ? [event(.update)] : []
    }

    /// When ``tick(at:)`` has something to do next.
    public var nextDeadline: Instant {
        guard isObserved else { return .never }
        return lastLook.map { $0 + definition.freshness + .nanoseconds(1) } ?? .boot
    }

    /// A person takes charge.
    public mutating func acknowledge() -> [AlarmEvent] {
        guard state != .inactive, !isAcknowledged else { return [] }
        isAcknowledged = true
        let acknowledged = event(.acknowledge)
        return state == .latched ? [acknowledged, end()] : [acknowledged]
    }

    private mutating func advance(at stamp: Stamp) -> [AlarmEvent] {
        let reached = levelReachedByDelay(at: stamp.received)
        if reached > level { return [rise(to: reached, at: stamp)] }
        guard state == .active else { return [] }
        var left = level
        while left > 0, let since = gone[left - 1], stamp.received - since >= definition.clearAfter { left -= 1 }
        return left < level ? [descend(to: left)] : []
    }

    private func levelReachedByDelay(at now: Instant) -> Int {
        for index in lasting.indices.reversed() {
            if let since = lasting[index], now - since >= definition.levels[index].onset { return index + 1 }
        }
        return 0
    }

    private mutating func rise(to reached: Int, at stamp: Stamp) -> AlarmEvent {
        let isStart = state == .inactive
        // Graver than what was acknowledged: the acknowledgement does not cover it.
        if isStart || reached > levelReached { isAcknowledged = false }
        if isStart { start = stamp }
        level = reached
        levelReached = isStart ? reached : max(levelReached, reached)
        state = .active
        return event(isStart ? .start : .escalate)
    }

    private mutating func descend(to left: Int) -> AlarmEvent {
        if left == 0, !mustBeAcknowledged { return end() }
        level = left
        if left > 0 { return event(.deescalate) }
        state = .latched
        return event(.update)
    }

    /// What was reached is remembered until the next start: the end is told with it.
    private mutating func end() -> AlarmEvent {
        state = .inactive
        level = 0
        return event(.end)
    }

    private mutating func forgetDelays() {
        for index in lasting.indices {
            lasting[index] = nil
            gone[index] = nil
        }
    }

    private var mustBeAcknowledged: Bool {
        !isAcknowledged && priority(ofLevel: levelReached) >= definition.latchesFrom
    }

    private func priority(ofLevel level: Int) -> AlarmPriority {
        definition.levels.indices.contains(level - 1) ? definition.levels[level - 1].priority : .low
    }

    private func event(_ phase: AlarmPhase) -> AlarmEvent {
        AlarmEvent(
            condition: definition, phase: phase, state: state,
            priority: priority ?? priority(ofLevel: levelReached),
            isObserved: isObserved, isAcknowledged: isAcknowledged, start: start, level: level,
            levelReached: levelReached)
    }
}

extension Condition {
    /// What must outlive the process, so that a restart neither forgets an alarm nor raises it twice.
    public struct Memory: Hashable, Sendable {
        public var state: AlarmState
        public var level: Int
        public var levelReached: Int
        public var isAcknowledged: Bool
        /// What was last told: a remembered condition that nobody looks at any more is told as unobserved, once.
        public var isObserved: Bool
        public var start: Stamp

        public init(
            state: AlarmState, level: Int, levelReached: Int, isAcknowledged: Bool, isObserved: Bool, start: Stamp
        ) {
            self.state = state
            self.level = level
            self.levelReached = levelReached
            self.isAcknowledged = isAcknowledged
            self.isObserved = isObserved
            self.start = start
        }
    }

    /// `nil` while inactive.
    public var memory: Memory? {
        guard state != .inactive, let start else { return nil }
        return Memory(
            state: state, level: level, levelReached: levelReached, isAcknowledged: isAcknowledged,
            isObserved: isObserved, start: start)
    }

    /// The condition as it was. Levels beyond the definition's are brought down to its gravest.
    public init(_ definition: ConditionDefinition, remembering memory: Memory) {
        self.init(definition)
        guard memory.state != .inactive else { return }
        let gravest = definition.levels.count
        state = memory.state
        level = state == .latched ? 0 : min(max(1, memory.level), gravest)
        levelReached = min(max(1, memory.levelReached, level), gravest)
        isAcknowledged = memory.isAcknowledged && state == .active
        isObserved = memory.isObserved
        isFromMemory = true
        start = memory.start
    }
}
