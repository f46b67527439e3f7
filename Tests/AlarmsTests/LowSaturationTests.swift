import Alarms
import Testing
import Vitals

/// The default limit on saturation: below 88 % for 15 s is medium, below 85 % for 10 s is high.
@Suite struct `Low saturation` {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let story: String
        let lines: [String]

        init(_ name: String, _ story: String, _ lines: [String] = []) {
            testDescription = name
            self.story = story
            self.lines = lines
        }
    }

    static let onsets = [
        Case("a healthy hour says nothing", "97*3600"),
        Case("at the limit is not below it", "88*600"),
        Case("14 s below 88 % are not enough", "97*5 87*15 97*5"),
        Case("15 s below 88 % are", "97*5 87*16", ["20 start medium"]),
        Case("one good value begins the onset anew", "87*14 88 87*15 97*3"),
        Case("9 s below 85 % are not enough", "97*5 80*10 97*20"),
        Case("a fall straight below 85 % starts at high", "97*5 80*11", ["15 start high"]),
        Case(
            "below 85 % for 10 s out of a longer medium fall starts once", "87*8 80*11",
            ["15 start medium", "18 escalate high"]),
        Case("a pause within the freshness does not break the onset", "87*8 .*9 87", ["17 start medium"]),
        Case("a longer pause does", "87*8 .*11 87*15"),
        Case("no number neither counts nor interrupts", "87*8 -*9 87", ["17 start medium"]),
        Case("numbers in doubt are not judged", "80?*600"),
        Case("nor those while the device calibrates", "~80*600"),
        Case("nor those from its memory", "m80*600"),
        Case("nor those of a trial", "t80*600"),
        Case("a good value in doubt does not interrupt an onset", "80*5 97?*3 80*3", ["10 start high"]),
    ]

    static let ends = [
        Case(
            "10 s above the limit and its hysteresis end a medium one", "87*16 90*11",
            ["15 start medium", "26 end medium"]),
        Case("within the hysteresis it holds", "87*16 89.5*600", ["15 start medium"]),
        Case("a fall back begins the clearing anew", "87*16 97*10 87 97*11", ["15 start medium", "37 end medium"]),
        Case("no number does not clear", "87*16 -*8 97", ["15 start medium"]),
        Case(
            "better by one level, then well", "80*11 ack 87.5*11 97*11",
            [
                "10 start high", "11 acknowledge high acknowledged", "21 deescalate medium acknowledged",
                "32 end high acknowledged",
            ]),
        Case(
            "one good value behind a half-good stretch ends nothing", "80*11 ack 89*10 97 89*5",
            ["10 start high", "11 acknowledge high acknowledged", "21 deescalate medium acknowledged"]),
        Case(
            "a second fall is a second start", "87*16 97*11 87*16",
            ["15 start medium", "26 end medium", "42 start medium"]),
        Case(
            "worse, better and worse again in one occurrence", "87*16 80*11 ack 87.5*11 80*11",
            [
                "15 start medium", "26 escalate high", "27 acknowledge high acknowledged",
                "37 deescalate medium acknowledged", "48 escalate high acknowledged",
            ]),
    ]

    static let latching = [
        Case("a high one waits to be acknowledged", "80*11 97*600", ["10 start high", "21 update high latched"]),
        Case(
            "acknowledged then, it ends", "80*11 97*20 ack",
            [
                "10 start high", "21 update high latched", "31 acknowledge high acknowledged latched",
                "31 end high acknowledged",
            ]),
        Case(
            "acknowledged before, it ends by itself", "80*11 ack 97*11",
            ["10 start high", "11 acknowledge high acknowledged", "21 end high acknowledged"]),
        Case("a medium one never waits", "87*16 97*11", ["15 start medium", "26 end medium"]),
        Case(
            "what is grave and unacknowledged does not become quieter", "80*11 87.5*11 97*11",
            ["10 start high", "21 deescalate high", "32 update high latched"]),
        Case(
            "graver than what was acknowledged is not covered", "87*16 ack 80*11 97*11",
            [
                "15 start medium", "16 acknowledge medium acknowledged", "26 escalate high",
                "37 update high latched",
            ]),
        Case(
            "acknowledging twice is once", "87*16 ack ack",
            ["15 start medium", "16 acknowledge medium acknowledged"]),
        Case("nothing is there to acknowledge", "97*20 ack"),
        Case("during the onset neither", "80*5 ack 80*6", ["10 start high"]),
        Case(
            "a fall while it waits calls again, as gravely", "80*11 97*11 87*16",
            ["10 start high", "21 update high latched", "37 escalate high"]),
        Case(
            "after the end the next fall has to be acknowledged by itself", "80*11 ack 97*11 80*11 97*11",
            [
                "10 start high", "11 acknowledge high acknowledged", "21 end high acknowledged", "32 start high",
                "43 update high latched",
            ]),
    ]

    static let sight = [
        Case(
            "losing sight is told once, and seeing again once", "87*16 .*60 87*3",
            ["15 start medium", "26 update medium unseen", "76 update medium"]),
        Case(
            "a sensor that is off is as if nobody looked", "87*16 -*60",
            ["15 start medium", "26 update medium unseen"]),
        Case("nobody's absence ends it", "87*16 .*36000", ["15 start medium", "26 update medium unseen"]),
        Case(
            "seen again and well, it needs its time to clear", "87*16 .*60 97*11",
            ["15 start medium", "26 update medium unseen", "76 update medium", "86 end medium"]),
        Case(
            "what waits to be acknowledged has nothing to see", "80*11 97*11 .*60",
            ["10 start high", "21 update high latched"]),
        Case("without an alarm nothing is told", "97*60 .*600 97*60"),
        Case(
            "acknowledged unseen", "87*16 .*20 ack",
            ["15 start medium", "26 update medium unseen", "36 acknowledge medium unseen acknowledged"]),
    ]

    static let restarts = [
        Case(
            "an active one goes on, is seen again, and ends once", "87*16 restart 87*5 97*11",
            ["15 start medium", "16 update medium", "31 end medium"]),
        Case("it is not raised twice", "87*16 restart 87*600", ["15 start medium", "16 update medium"]),
        Case("it still rises", "87*16 restart 80*11", ["15 start medium", "16 update medium", "26 escalate high"]),
        Case(
            "an acknowledgement is remembered", "80*11 ack restart 97*11",
            [
                "10 start high", "11 acknowledge high acknowledged", "11 update high acknowledged",
                "21 end high acknowledged",
            ]),
        Case(
            "what waited still waits", "80*11 97*11 restart 97*60 ack",
            [
                "10 start high", "21 update high latched", "82 acknowledge high acknowledged latched",
                "82 end high acknowledged",
            ]),
        Case(
            "what waited calls again", "80*11 97*11 restart 80*11",
            ["10 start high", "21 update high latched", "32 escalate high"]),
        Case(
            "nobody looks after it: told once", "87*16 restart .*60",
            ["15 start medium", "27 update medium unseen"]),
        Case(
            "unseen before and seen behind it", "87*16 .*20 restart .*20 87*3",
            ["15 start medium", "26 update medium unseen", "56 update medium"]),
        Case("an onset is not remembered", "87*15 restart 87*15"),
        Case(
            "nothing is remembered of what ended", "87*16 97*11 restart 97*60",
            ["15 start medium", "26 end medium"]),
    ]

    @Test(arguments: onsets) func `begins only after its onset`(_ told: Case) { check(told) }
    @Test(arguments: ends) func `ends only after its time to clear`(_ told: Case) { check(told) }
    @Test(arguments: latching) func `is not forgotten before somebody knows`(_ told: Case) { check(told) }
    @Test(arguments: sight) func `says when nobody sees the patient`(_ told: Case) { check(told) }
    @Test(arguments: restarts) func `outlives a restart`(_ told: Case) { check(told) }

    private func check(_ told: Case) { #expect(Story(told.story).lines == told.lines) }
}
