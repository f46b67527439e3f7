import Alarms
import Testing
import Vitals

@testable import Agent

/// What a nurse reads on a telephone at night.
@Suite struct `An alert in words` {
    /// Seconds at a saturation, one after the other; the sentences of what came of it.
    private func sentences(_ stretches: [(seconds: Int, value: Double?)], acknowledged second: Int? = nil)
        -> [String]
    {
        var alarm = LimitAlarm(.oxygenSaturationLow)
        var sentences: [String] = []
        var now = 0
        for (seconds, value) in stretches {
            for _ in 0 ..< seconds {
                var events = value.map { alarm.observe(observation($0, at: now)) } ?? []
                events += alarm.tick(at: stamp(now).received)
                if now == second { events += alarm.acknowledge() }
                sentences += events.map { AlertText.sentence(for: $0, limit: alarm) }
                now += 1
            }
        }
        return sentences
    }

    private func stamp(_ second: Int) -> Stamp {
        Stamp(
            device: nil, bootID: "boot", received: .boot + .seconds(second), utcNanoseconds: 0,
            uncertaintyMilliseconds: nil, clock: .synchronized, correction: .reception)
    }

    private func observation(_ value: Double, at second: Int) -> Observation {
        Observation(
            reading: Reading(.oxygenSaturation, value), device: name("oximeter-1"), patient: name("p-17"),
            origin: .measured, stamp: stamp(second))
    }

    @Test func `says how it rises and falls`() {
        #expect(
            sentences([(16, 87), (11, 79), (11, 87.5), (11, 97)], acknowledged: 30) == [
                "Oxygen saturation below 88 % for 15 s: now 87 %, lowest 87 %.",
                "Oxygen saturation below 85 % for 10 s: now 79 %, lowest 79 %.",
                "Somebody has taken charge. Oxygen saturation was below 85 %: now 87.5 %, lowest 79 %.",
                "Oxygen saturation is better; the alarm lasts until it has stayed within its limits for 10 s: "
                    + "now 87.5 %, lowest 79 %.",
                "Oxygen saturation is back within its limits: now 97 %, lowest 79 %.",
            ])
    }

    @Test func `says what nobody saw`() {
        #expect(
            sentences([(11, 79), (30, nil), (11, 97)]) == [
                "Oxygen saturation below 85 % for 10 s: now 79 %, lowest 79 %.",
                "Oxygen saturation was below 85 % when it was last seen; no valid value has come since: "
                    + "last 79 %, lowest 79 %.",
                "Oxygen saturation is seen again, after it was below 85 %: now 97 %, lowest 79 %.",
                "Oxygen saturation is back within its limits, and waits to be acknowledged: now 97 %, lowest 79 %.",
            ])
    }

    @Test func `says what to do when a device is missed`() {
        var alarm = ObservationAlarm(missingAfter: .seconds(90))
        let events = (0 ..< 100).flatMap { alarm.look(isMeasuring: $0 == 99, at: stamp($0)) }
        #expect(
            events.map { AlertText.sentence(for: $0, limit: nil) } == [
                "No value for 90 s from a device that is meant to measure all the time: "
                    + "check that it is worn, switched on and connected.",
                "The device measures again.",
            ])
    }
}
