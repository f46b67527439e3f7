import Alarms
import Testing
import Vitals

@Suite struct `A limit alarm` {
    @Test func `on the other side watches what is too high`() {
        #expect(
            Story("150*31 131*40 124*11", rule: .pulseRateHigh).lines == ["30 start medium", "81 end medium"])
    }

    @Test func `keeps at most a minute of evidence, the last`() {
        let story = Story("97*600 87*16")
        #expect(story.alarm.evidence.count == LimitAlarm.evidenceMax)
        #expect(story.alarm.evidence.last?.value == 87)
    }

    @Test func `knows the worst since its onset, and nothing from before it`() {
        #expect(Story("60 97*5 87*8 86 87*8").alarm.worst == 86)
        #expect(Story("87*16 84 97*3").alarm.worst == 84)
    }

    @Test func `begins its worst anew with each occurrence`() {
        #expect(Story("70*11 ack 97*11 87*16").alarm.worst == 87)
    }

    @Test func `does not take a good value after a restart for the worst`() {
        #expect(Story("87*16 restart 97*3").alarm.worst == nil)
        #expect(Story("87*16 restart 97*3 86").alarm.worst == 86)
    }

    @Test func `has no evidence from before a pause`() {
        #expect(Story("97*30 .*3600 87*16").alarm.evidence.count == 16)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity, 101, 127, -1])
    func `takes a value that cannot be for none`(_ value: Double) {
        var alarm = Story("87*16").alarm
        for second in 16 ..< 60 {
            let events = alarm.observe(observed(Reading(.oxygenSaturation, value), at: second))
            #expect(events.isEmpty)
        }
        #expect(alarm.condition.state == .active)
        #expect(LimitRule.oxygenSaturationLow.judged(observed(Reading(.oxygenSaturation, value), at: 0)) == nil)
    }

    @Test func `passes over other metrics`() {
        #expect(LimitRule.oxygenSaturationLow.judged(observed(Reading(.pulseRate, 30), at: 0)) == nil)
    }

    @Test func `judges a doubt only where its rule tolerates all of it`() {
        var rule = LimitRule.oxygenSaturationLow
        rule.toleratedDoubts = [.lowPerfusion, .lowBattery]
        func judged(_ reasons: QualityReasons) -> Double? {
            rule.judged(observed(Reading(.oxygenSaturation, 80, .questionable(reasons)), at: 0))
        }
        #expect(judged(.lowPerfusion) == 80)
        #expect(judged([.lowPerfusion, .lowBattery]) == 80)
        #expect(judged([.lowPerfusion, .motion]) == nil)
    }

    @Test func `says which limit and which delay a level stands for`() {
        let rule = LimitRule.oxygenSaturationLow
        #expect(rule.bounds(ofLevel: 1)?.limit == 88)
        #expect(rule.bounds(ofLevel: 2)?.onset == .seconds(10))
        #expect(rule.bounds(ofLevel: 0)?.limit == 88)
        #expect(rule.bounds(ofLevel: 9)?.limit == 85)
        var empty = rule
        empty.limits = []
        #expect(empty.bounds(ofLevel: 1) == nil)
    }

    @Test(arguments: LimitRule.defaults) func `by default has a limit for each level, the graver the further`(
        _ rule: LimitRule
    ) {
        #expect(rule.limits.count == rule.condition.levels.count)
        let sorted = rule.side == .below ? rule.limits.sorted(by: >) : rule.limits.sorted()
        #expect(rule.limits == sorted)
        #expect(rule.condition.levels.map(\.priority) == rule.condition.levels.map(\.priority).sorted())
        #expect(rule.hysteresis > 0)
        #expect(rule.limits.allSatisfy { rule.holding($0) >= rule.entering($0) })
    }
}

@Suite struct `A remembered condition` {
    @Test func `is the same condition`() throws {
        let before = Story("87*16 80*10 ack 87.5*11").alarm.condition
        let after = Condition(before.definition, remembering: try #require(before.memory))
        #expect(after.memory == before.memory)
        #expect(after.priority == before.priority)
    }

    @Test func `asks to be looked at, at once`() throws {
        let memory = try #require(Story("87*16").alarm.condition.memory)
        let condition = Condition(LimitRule.oxygenSaturationLow.condition, remembering: memory)
        #expect(condition.nextDeadline == .boot)
    }

    @Test func `is brought down to the levels that there are now`() throws {
        let memory = try #require(Story("80*11").alarm.condition.memory)
        var definition = LimitRule.oxygenSaturationLow.condition
        definition.levels.removeLast()
        let condition = Condition(definition, remembering: memory)
        #expect(condition.level == 1)
        #expect(condition.levelReached == 1)
        #expect(condition.priority == .medium)
    }

    @Test func `waits for its next deadline, and no event comes before it`() {
        var condition = Story("87*16").alarm.condition
        let deadline = condition.nextDeadline
        let before = condition.tick(at: deadline - .nanoseconds(1))
        let then = condition.tick(at: deadline)
        #expect(before.isEmpty)
        #expect(then.map(\.phase) == [.update])
        #expect(condition.nextDeadline == .never)
    }
}

@Suite struct `A missing measurement` {
    @Test func `is told after its time, and ends with the next value`() {
        var alarm = ObservationAlarm(missingAfter: .seconds(120))
        var lines: [String] = []
        for second in 0 ..< 400 {
            let isMeasuring = second < 60 || second == 300
            for event in alarm.look(isMeasuring: isMeasuring, at: stamp(at: second)) {
                lines.append("\(second) \(event.words)")
            }
        }
        #expect(lines == ["180 start low", "300 end low"])
    }

    @Test func `is remembered, and not told again`() throws {
        var alarm = ObservationAlarm(missingAfter: .seconds(10))
        for second in 0 ..< 20 { _ = alarm.look(isMeasuring: false, at: stamp(at: second)) }
        let memory = try #require(alarm.condition.memory)
        alarm = ObservationAlarm(missingAfter: .seconds(10), remembering: memory)
        let later = (20 ..< 60).flatMap { alarm.look(isMeasuring: false, at: stamp(at: $0)) }
        let end = alarm.look(isMeasuring: true, at: stamp(at: 60))
        #expect(later.isEmpty)
        #expect(end.map(\.phase) == [.end])
    }

    @Test func `can be acknowledged`() {
        var alarm = ObservationAlarm(missingAfter: .seconds(10))
        for second in 0 ..< 20 { _ = alarm.look(isMeasuring: false, at: stamp(at: second)) }
        let events = alarm.acknowledge()
        #expect(events.map(\.words) == ["acknowledge low acknowledged"])
    }
}
