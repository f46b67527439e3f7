import Alarms
import Testing
import Vitals

/// Whatever happens to a patient, some things always hold. Each seed is another life of two hours.
@Suite struct `In any life` {
    static let seeds = Array(UInt64(1) ... 60)

    @Test(arguments: seeds) func `phases follow each other as they must`(_ seed: UInt64) {
        var order = LegalOrder()
        Life(seed).live { events, _ in for event in events { order.take(event) } }
    }

    @Test(arguments: seeds) func `every start has its onset behind it, and every onset its start`(_ seed: UInt64) {
        var witness = Witness(LimitRule.oxygenSaturationLow)
        Life(seed).live { events, moment in witness.take(events, moment) }
    }

    @Test(arguments: seeds) func `every start has one end, or is still there`(_ seed: UInt64) {
        var starts = 0
        var ends = 0
        var last: AlarmState = .inactive
        Life(seed).live { events, moment in
            starts += events.count { $0.phase == .start }
            ends += events.count { $0.phase == .end }
            last = moment.alarm.condition.state
        }
        #expect(starts - ends == (last == .inactive ? 0 : 1))
    }

    @Test(arguments: seeds) func `the passing of time says nothing but that nobody sees the patient`(_ seed: UInt64)
    {
        Life(seed).live { events, moment in
            guard moment.cause == .tick else { return }
            #expect(events.allSatisfy { $0.phase == .update && !$0.isObserved && $0.state == .active })
        }
    }

    @Test(arguments: seeds) func `a restart at any moment changes nothing of what is known`(_ seed: UInt64) {
        Life(seed).live { _, moment in
            guard let memory = moment.alarm.condition.memory else { return }
            let again = Condition(moment.alarm.rule.condition, remembering: memory)
            #expect(again.memory == memory && again.priority == moment.alarm.condition.priority)
        }
    }
}

/// Random seconds: stretches of health, trouble, noise and silence, with acknowledgements and restarts.
private struct Life {
    enum Cause { case observation, tick, acknowledgement, restart }

    struct Moment {
        var second: Int
        var cause: Cause
        var value: Double?
        var alarm: LimitAlarm
    }

    private var dice: Dice
    private var alarm = LimitAlarm(.oxygenSaturationLow)

    init(_ seed: UInt64) { dice = Dice(seed) }

    func live(_ see: ([AlarmEvent], Moment) -> Void) {
        var life = self
        life.run(see)
    }

    private mutating func run(_ see: ([AlarmEvent], Moment) -> Void) {
        var second = 0
        while second < 7200 {
            let level: Double = [97, 89, 87, 86, 84, 80].randomElement(using: &dice) ?? 97
            let silence = Double.random(in: 0 ..< 1, using: &dice) < 0.2
            for _ in 0 ..< Int.random(in: 1 ... 40, using: &dice) {
                let isHeard = !silence && Double.random(in: 0 ..< 1, using: &dice) < 0.9
                let noise: Double = Double.random(in: -0.6 ... 0.6, using: &dice)
                let value: Double? = isHeard ? level + noise : nil
                step(second, value, see)
                second += 1
            }
        }
    }

    private mutating func step(_ second: Int, _ value: Double?, _ see: ([AlarmEvent], Moment) -> Void) {
        if let value {
            let events = alarm.observe(observed(Reading(.oxygenSaturation, value), at: second))
            see(events, Moment(second: second, cause: .observation, value: value, alarm: alarm))
        }
        see(alarm.tick(at: instant(second)), Moment(second: second, cause: .tick, alarm: alarm))
        switch Int.random(in: 0 ..< 300, using: &dice) {
        case 0: see(alarm.acknowledge(), Moment(second: second, cause: .acknowledgement, alarm: alarm))
        case 1:
            alarm = alarm.condition.memory.map { LimitAlarm(alarm.rule, remembering: $0) } ?? LimitAlarm(alarm.rule)
            see([], Moment(second: second, cause: .restart, alarm: alarm))
        default: break
        }
    }
}

/// What may follow what.
private struct LegalOrder {
    private var last: AlarmEvent?

    mutating func take(_ event: AlarmEvent) {
        defer { last = event }
        let state = last?.state ?? .inactive
        let level = last?.level ?? 0
        guard state != .inactive else {
            #expect(event.phase == .start && event.state == .active && !event.isAcknowledged && event.level > 0)
            return
        }
        #expect(event.start == last?.start, "one occurrence has one start")
        switch event.phase {
        case .start: Issue.record("a second start")
        case .escalate: #expect(event.level > level && event.state == .active)
        case .deescalate: #expect(event.level > 0 && event.level < level && event.state == .active)
        case .acknowledge: #expect(last?.isAcknowledged == false && event.isAcknowledged && event.state == state)
        case .update:
            #expect(event.state == .latched ? state == .active : event.isObserved || last?.isObserved == true)
        case .end: #expect(event.state == .inactive && (event.isAcknowledged || event.priority < .high))
        }
        #expect(event.levelReached >= level)
        if event.priority < last?.priority ?? .low { #expect(event.isAcknowledged || last?.priority == .medium) }
    }
}

/// Counts the onsets by itself, in another way than the condition does.
private struct Witness {
    private let rule: LimitRule
    /// For each level, the seconds of the unbroken run of values beyond its limit.
    private var runs: [[Int]]
    private var lastSecond = Int.min / 2

    init(_ rule: LimitRule) {
        self.rule = rule
        runs = rule.limits.map { _ in [] }
    }

    mutating func take(_ events: [AlarmEvent], _ moment: Life.Moment) {
        guard moment.cause == .observation, let value = moment.value else {
            if moment.cause == .restart { runs = rule.limits.map { _ in [] } }
            return
        }
        if .seconds(moment.second - lastSecond) > rule.condition.freshness { runs = rule.limits.map { _ in [] } }
        lastSecond = moment.second
        for (index, limit) in rule.limits.enumerated() {
            runs[index] = value < limit ? runs[index] + [moment.second] : []
        }
        for event in events where event.phase == .start || event.phase == .escalate {
            #expect(lasts(event.level, until: moment.second), "level \(event.level) came too early")
        }
        for level in 1 ... rule.limits.count where lasts(level, until: moment.second) {
            #expect(moment.alarm.condition.level >= level, "level \(level) did not come")
        }
    }

    private func lasts(_ level: Int, until second: Int) -> Bool {
        guard let first = runs[level - 1].first else { return false }
        return .seconds(second - first) >= rule.condition.levels[level - 1].onset
    }
}
