import Alarms
import Vitals

/// A patient's minutes as words, one observation a second, and what the alarm says of them.
///
///     97*5      five seconds at 97
///     87?*3     three in doubt (motion)
///     -*4       four without a number
///     ~80*4     four while the device calibrates
///     m80*4     four from the device's memory
///     t80*4     four while the kit is tried
///     .*20      twenty in which nothing comes
///     ack       somebody acknowledges
///     restart   the program starts anew
///
/// Each event becomes a line such as `15 start medium`: the second, the phase, the priority, then `unseen`,
/// `acknowledged` and `latched` where they hold.
struct Story {
    private(set) var alarm: LimitAlarm
    private(set) var second: Int
    private(set) var lines: [String] = []

    init(_ words: String, rule: LimitRule = .oxygenSaturationLow, from second: Int = 0) {
        alarm = LimitAlarm(rule)
        self.second = second
        for word in words.split(separator: " ") { tell(word) }
    }

    private mutating func tell(_ word: Substring) {
        switch word {
        case "ack": note(alarm.acknowledge())
        case "restart": restart()
        default:
            let parts = word.split(separator: "*")
            for _ in 0 ..< (parts.count > 1 ? Int(parts[1]) ?? 0 : 1) { live(parts[0]) }
        }
    }

    private mutating func live(_ word: Substring) {
        if let observation = observation(word) { note(alarm.observe(observation)) }
        note(alarm.tick(at: instant(second)))
        second += 1
    }

    private mutating func restart() {
        let memory = alarm.condition.memory
        alarm = memory.map { LimitAlarm(alarm.rule, remembering: $0) } ?? LimitAlarm(alarm.rule)
    }

    private func observation(_ word: Substring) -> Observation? {
        if word == "." { return nil }
        let isStored = word.hasPrefix("m")
        let number = Double(word.filter { $0.isNumber || $0 == "." })
        let quality: Quality =
            word == "-"
            ? .invalid(.sensorOff)
            : word.hasSuffix("?")
                ? .questionable(.motion)
                : word.hasPrefix("~") ? .calibrating : .valid
        let reading = Reading(alarm.rule.metric, number, quality, source: isStored ? .stored : .live)
        return observed(reading, at: second, origin: word.hasPrefix("t") ? .test : .measured)
    }

    private mutating func note(_ events: [AlarmEvent]) {
        for event in events { lines.append("\(second) \(event.words)") }
    }
}

extension AlarmEvent {
    var words: String {
        var words = [phase.rawValue, priority.name]
        if !isObserved { words.append("unseen") }
        if isAcknowledged { words.append("acknowledged") }
        if state == .latched { words.append("latched") }
        return words.joined(separator: " ")
    }
}

func instant(_ second: Int) -> Instant { .boot + .seconds(second) }

func stamp(at second: Int) -> Stamp {
    Stamp(
        device: nil, bootID: "boot", received: instant(second),
        utcNanoseconds: 1_750_000_000_000_000_000 + Int64(second) * 1_000_000_000, uncertaintyMilliseconds: 5,
        clock: .synchronized, correction: .reception)
}

func observed(_ reading: Reading, at second: Int, origin: Origin = .measured) -> Observation {
    guard let device = Identifier("oximeter-1") else { preconditionFailure("a good name") }
    return Observation(
        reading: reading, device: device, patient: Identifier("p-17"), origin: origin, stamp: stamp(at: second))
}

/// SplitMix64: the same numbers for the same seed.
struct Dice: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
