import Agent
import Delivery
import DriverKit
import Simulation
import Testing
import Trends
import Vitals

/// Weeks of a patient at home, each morning through a box that was switched on for half an hour.
@Suite struct `Days of measurements` {
    static let well: Diary.Values = [
        .oxygenSaturation: 95, .pulseRate: 72, .respirationRate: 15, .bodyTemperature: 36.8,
        .bloodPressureSystolic: 128, .peakExpiratoryFlow: 300,
    ]
    static let worse: Diary.Values = Self.well.merging([.oxygenSaturation: 91, .pulseRate: 88]) { $1 }
    static let ill: Diary.Values = Self.worse.merging([.respirationRate: 23, .bodyTemperature: 38.6]) { $1 }

    @Test func `that are alike raise nothing`() throws {
        var diary = Diary()
        try diary.live(0 ..< 20, Self.well)
        #expect(diary.story.isEmpty)
    }

    @Test func `that depart from what is usual for the patient are an alarm with the numbers behind it`() throws {
        var diary = Diary()
        try diary.live(0 ..< 10, Self.well)
        try diary.live(10 ..< 12, Self.worse)
        #expect(diary.alerts("exacerbation-signs") == ["11 start low exacerbation-signs"])
        let alert = try #require(diary.first("start low exacerbation-signs")).text
        for part in [
            #""kind":"physiological""#, #""value":2"#,
            #"{"name":"oxygen-saturation-fall","value":91,"unit":"%","limit":92,"level":95,"points":1}"#,
            #"{"name":"pulse-rate-rise","value":88,"unit":"/min","limit":82.8,"level":72,"points":1}"#,
        ] {
            #expect(alert.contains(part), "\(part)")
        }
        #expect(diary.standing.keys.contains { $0.hasSuffix("exacerbation-signs") })
    }

    @Test func `that grow worse raise the same alarm, and whole days without it end it`() throws {
        var diary = Diary()
        try diary.live(0 ..< 10, Self.well)
        try diary.live(10 ..< 11, Self.worse)
        try diary.live(11 ..< 12, Self.ill)
        try diary.live(12 ..< 17, Self.well)
        #expect(
            diary.alerts("exacerbation-signs").filter { !$0.contains(" update ") } == [
                "11 start low exacerbation-signs", "12 escalate medium exacerbation-signs",
                "14 end medium exacerbation-signs",
            ])
        #expect(!diary.standing.keys.contains { $0.hasSuffix("exacerbation-signs") })
    }

    @Test func `that are missing are told as missing, and as nothing else`() throws {
        var diary = Diary()
        try diary.live(0 ..< 10, Self.well)
        // The box is on, and nobody measures.
        try diary.live(10 ..< 14, [:])
        try diary.live(14 ..< 16, Self.well)
        #expect(diary.story.filter { !$0.hasSuffix("measurements-missed") }.isEmpty)
        #expect(
            diary.story.filter { !$0.contains(" update ") } == [
                "12 start low measurements-missed", "14 end low measurements-missed",
            ])
        let alert = try #require(diary.first("start low measurements-missed")).text
        #expect(alert.contains(#""kind":"technical""#))
        #expect(alert.contains(#"{"name":"peak-expiratory-flow","value":2,"unit":"d"}"#))
    }

    @Test func `of a box that was off raise nothing when it comes back`() throws {
        var diary = Diary()
        try diary.live(0 ..< 10, Self.well)
        // Off for two days and a half: a measurement of the habit is missing for two.
        try diary.live(12 ..< 15, Self.well)
        #expect(diary.story.isEmpty)
        try diary.live(15 ..< 17, Self.worse)
        #expect(diary.alerts("exacerbation-signs") == ["16 start low exacerbation-signs"])
    }

    @Test func `before anything is usual for the patient raise nothing`() throws {
        var diary = Diary()
        try diary.live(0 ..< 3, Self.well)
        try diary.live(3 ..< 5, Self.worse)
        #expect(diary.alerts("exacerbation-signs").isEmpty)
    }

    /// An alarm may not become silent because nobody measures: patients who are ill stop doing so.
    @Test func `that are missing do not end an exacerbation`() throws {
        var diary = Diary()
        try diary.live(0 ..< 10, Self.well)
        try diary.live(10 ..< 12, Self.worse)
        try diary.live(12 ..< 18, [:])
        #expect(!diary.story.contains { $0.contains("end low exacerbation-signs") })
        let standing = try #require(diary.standing.first { $0.key.hasSuffix("exacerbation-signs") }).value
        #expect(standing.contains(#""isObserved":false"#))
    }

    @Test func `with the box off in between are still judged`() throws {
        var diary = Diary()
        try diary.live(0 ..< 10, Self.well)
        try diary.live(10, Self.worse)
        try diary.live(12, [:])
        #expect(diary.alerts("exacerbation-signs") == ["12 start low exacerbation-signs"])
    }

    @Test(arguments: [700, 1300, 1790])
    func `are learnt from also when the plug is pulled every day`(_ seconds: Int) throws {
        var diary = Diary()
        diary.pulledAfter = seconds
        try diary.live(0 ..< 10, Self.well)
        try diary.live(10 ..< 13, Self.worse)
        #expect(diary.alerts("exacerbation-signs").first == "11 start low exacerbation-signs")
        #expect(diary.alerts("exacerbation-signs").filter { $0.contains(" start ") }.count == 1)
    }

    @Test func `of two devices raise one alarm, whichever speaks after a restart`() throws {
        var diary = Diary()
        diary.devices = ["satchel-1", "satchel-2"]
        try diary.live(0 ..< 10, Self.well)
        try diary.live(10 ..< 12, Self.worse)
        // The first is gone, and the patient measures with the other one.
        diary.missing = ["satchel-1"]
        diary.measuring = "satchel-2"
        try diary.live(12 ..< 14, Self.worse)
        #expect(diary.story.filter { $0.contains(" start ") && $0.contains("exacerbation-signs") }.count == 1)
        #expect(diary.standing.keys.filter { $0.contains("exacerbation-signs") }.count == 1)
    }

    @Test(arguments: [400 * 86_400, -400 * 86_400])
    func `are learnt from again after a day with a wrong clock`(_ error: Int64) throws {
        var diary = Diary()
        try diary.live(0 ..< 10, Self.well)
        diary.clockError = error
        try diary.live(10, Self.well)
        diary.clockError = 0
        try diary.live(11 ..< 13, Self.worse)
        #expect(diary.alerts("exacerbation-signs") == ["12 start low exacerbation-signs"])
    }

    /// Without any restart: the day ends while the box is on, and the alarm comes when it can be told.
    @Test func `in one go are judged when a part of the day is over`() throws {
        let days = 9
        var stage = Stage()
        stage.seconds = days * 86_400 + 6 * 3600
        stage.utcAtBoot = Diary.firstMorning
        stage.drivers = [Satchel.self]
        stage.devices = [
            DeviceSetup(
                id: name("satchel-1"), driver: Satchel.self,
                address: .serial(path: "/dev/satchel-1", SerialSettings(baud: 9600)), patient: name("p-17"))
        ]
        let script = (0 ... days).flatMap { day in
            let values = day < days ? Self.well : Self.worse
            return values.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                (at: Instant.boot + .seconds(day * 86_400 + 60), bytes: Satchel.packet($0.key, $0.value))
            }
        }
        stage.plug = { connector, _ in connector.add("/dev/satchel-1", script: script) }
        let alerts = try stage.play().alerts
        #expect(alerts.count == 1)
        let words = try #require(alerts.first).split(separator: " ")
        #expect(words.dropFirst() == ["start", "low", "exacerbation-signs"])
        // The part of the day that began at eight is over at noon, three hours after the box was switched on.
        let second = try #require(Int(words[0]))
        #expect((0 ... 120).contains(second - days * 86_400 - 3 * 3600))
    }

    @Test func `from a device's memory count for the days on which they were made`() throws {
        var diary = Diary()
        diary.stored = (1 ... 12).reversed().map { Satchel.stored($0, 2 + Double($0) / 100) }
        try diary.live(20, [:])
        let trend = try #require(diary.trends?.metrics[.forcedExpiratoryVolume1s])
        let today = Diary.firstMorning / 86_400 + 20
        #expect(trend.daysSoFar.map(\.day) == (1 ... 12).map { today - $0 }.reversed())
        #expect(trend.days.first?.value == 2.12)
    }

    @Test func `that the device gives twice count once`() throws {
        var diary = Diary()
        diary.stored = (1 ... 5).reversed().map { Satchel.stored($0, 2) }
        try diary.live(20, [:])
        // Another device of the same memory, and a day more.
        diary.devices = ["satchel-2"]
        diary.measuring = "satchel-2"
        try diary.live(21, [:])
        let days = try #require(diary.trends?.metrics[.forcedExpiratoryVolume1s]).daysSoFar.map(\.day)
        #expect(days == Set(days).sorted())
    }
}

/// NEWS2 as the agent tells it.
@Suite struct `An early warning score` {
    /// 3 for saturation, 2 for the pulse.
    static let urgent: Diary.Values = [.oxygenSaturation: 90, .pulseRate: 112]

    private func scores(_ record: Stage.Record) -> [String] {
        record.values("early-warning-score").map { String($0.dropFirst(9).prefix { $0 != " " }) }
    }

    @Test func `is told with what it can be at most, and doubted while something is missing`() throws {
        var diary = Diary()
        let record = try diary.live(0, [.oxygenSaturation: 94, .pulseRate: 95])
        #expect(scores(record).first == "2")
        // Respiration, oxygen, pressure, alertness and temperature could add 14.
        #expect(record.values("early-warning-score-max").first?.hasSuffix(" 16 live") ?? false)
        let reading = try #require(record.drafts.first { $0.topic.hasSuffix("/early-warning-score") }).text
        #expect(reading.contains(#""quality":"questionable","reasons":["incomplete"]"#))
        #expect(reading.contains(#""origin":"derived""#))
        #expect(diary.story.isEmpty)
    }

    @Test func `that lasts is an alarm with every part and what is missing`() throws {
        var diary = Diary()
        try diary.live(0, Self.urgent)
        #expect(diary.alerts("early-warning-score-high").first == "0 start medium early-warning-score-high")
        let alert = try #require(diary.first("start medium early-warning-score-high")).text
        for part in [
            #""value":5"#, #"{"name":"oxygen-saturation","value":90,"unit":"%","points":3}"#,
            #"{"name":"pulse-rate","value":112,"unit":"/min","points":2}"#,
            #"{"name":"body-temperature","value":null"#, #"{"name":"alertness","value":null"#,
        ] {
            #expect(alert.contains(part), "\(part)")
        }
        #expect(!diary.story.contains { $0.contains(" end ") })
    }

    /// Values hold for minutes; that nobody measures any more is no recovery.
    @Test func `does not fall because its values are old`() throws {
        var diary = Diary()
        try diary.live(0, Self.urgent)
        try diary.live(1, [:])
        try diary.live(2, [.bodyTemperature: 37])
        #expect(!diary.story.contains { $0.contains(" end ") })
        let standing = try #require(diary.standing.first { $0.key.hasSuffix("early-warning-score-high") }).value
        #expect(standing.contains(#""isObserved":false"#))
        // One of the two is still missing.
        try diary.live(3, [.oxygenSaturation: 97])
        #expect(!diary.story.contains { $0.contains(" end ") })
        try diary.live(4, [.oxygenSaturation: 97, .pulseRate: 80])
        #expect(diary.story.last == "4 end medium early-warning-score-high")
    }

    @Test func `of a moment is none`() throws {
        var diary = Diary()
        diary.pulledAfter = 240
        try diary.live(0, Self.urgent)
        #expect(diary.story.isEmpty)
    }

    @Test func `takes the heart rate from an ECG, and follows it`() throws {
        let record = try Stage.patch([(150, .sinus(118))]).play()
        #expect(record.values("early-warning-score").contains { $0.contains(" 2 ") })
        let text = try #require(record.kept.first { $0.key == "trends/p-17" }?.value)
        let trends = try #require(
            PatientTrends(text: String(decoding: text, as: UTF8.self), settings: TrendSettings()))
        #expect(trends.metrics[.pulseRate] != nil)
        #expect(trends.vitals[.respirationRate] == nil)
    }
}
