import Agent
import Delivery
import DriverKit
import Testing
import Vitals

@Suite struct `The heart of a patient with a patch` {
    /// The texts of the alerts of that phase and condition.
    private func alerts(_ record: Stage.Record, _ phase: String, _ condition: String) -> [String] {
        record.drafts.filter { $0.schema == "alert" }.map(\.text).filter {
            field("phase", in: $0) == phase && field("condition", in: $0) == condition
        }
    }

    private func second(_ alert: String) -> Int {
        Int(number("nanoseconds", in: alert)).map { $0 / 1_000_000_000 } ?? 0
    }

    private func strips(_ record: Stage.Record) -> [Draft] { record.drafts.filter { $0.schema == "session" } }

    /// Forty seconds of a steady heart, the trouble, and a minute of a steady heart.
    private static func script(_ seconds: Int, of heart: Heart) -> [(seconds: Int, heart: Heart)] {
        [(40, .sinus(72)), (seconds, heart), (60, .sinus(72))]
    }

    @Test func `that stops raises an alarm within six seconds, with its strip as evidence`() throws {
        let record = try Stage.patch(Self.script(15, of: .still)).play()
        let start = try #require(alerts(record, "start", "asystole").first)
        #expect(field("kind", in: start) == "physiological")
        #expect(field("priority", in: start) == "high")
        // The last beat is before the 40th second, and the patch tells each second when it is over.
        #expect((43 ... 46).contains(second(start)))
        #expect(field("text", in: start).hasPrefix("Asystole, no beat for 4"))
        #expect(start.contains("\"evidence\":[{\"time\":"))
        let name = field("session", in: start)
        let strip = try #require(strips(record).first { field("session", in: $0.text) == name })
        #expect(strip.topic == "patient/p-17/session/ecg-strip")
        #expect(field("origin", in: strip.text) == "derived")
        #expect(strip.text.contains("\"kind\":\"asystole\",\"seconds\":10,"))
        #expect(strip.text.contains("\"kind\":\"beat-normal\""))
        #expect(alerts(record, "update", "asystole").contains { field("state", in: $0) == "latched" })
        #expect(record.standing["patient/p-17/alarm/asystole"] != nil)
    }

    @Test func `that runs away from its ventricles raises an alarm that tells the rate`() throws {
        let record = try Stage.patch(Self.script(15, of: .ventricular(170))).play()
        let start = try #require(alerts(record, "start", "ventricular-tachycardia").first)
        #expect(field("priority", in: start) == "high")
        #expect((41 ... 46).contains(second(start)))
        #expect(
            field("text", in: start) == "Ventricular tachycardia, rate 170 /min. Look after the patient at once.")
        #expect(strips(record).contains { $0.text.contains("beat-ventricular") })
    }

    @Test func `that cannot be seen raises a technical alarm, and never a clinical one`() throws {
        let record = try Stage.patch(Self.script(30, of: .electrodeOff)).play()
        let start = try #require(alerts(record, "start", "ecg-lead-off-patch").first)
        #expect(field("kind", in: start) == "technical")
        #expect(field("priority", in: start) == "low")
        #expect(second(start) >= 50)
        #expect(alerts(record, "end", "ecg-lead-off-patch").count == 1)
        #expect(!record.alerts.contains { !$0.contains("ecg-") })
        #expect(record.values("heart-rate").contains { $0.contains("null") })
    }

    @Test func `that beats raises nothing, and is told as rate and intervals that were derived`() throws {
        let record = try Stage.patch([(120, .sinus(72))]).play()
        #expect(record.alerts.isEmpty)
        #expect(strips(record).isEmpty)
        #expect(record.values("heart-rate").suffix(3).allSatisfy { $0.hasSuffix(" 72 live") })
        let intervals = record.values("rr-interval")
        #expect((130 ... 146).contains(intervals.count))
        let reading = try #require(record.drafts.first { $0.topic.hasSuffix("reading/rr-interval") })
        #expect(field("origin", in: reading.text) == "derived")
        // The waveform was asked for, for the analysis alone.
        #expect(!record.drafts.contains { $0.schema == "waveform" })
    }

    @Test func `of nobody, or of a trial, is told without any alarm`() throws {
        let nobody = try Stage.patch(patient: nil, Self.script(15, of: .still)).play()
        #expect(nobody.alerts.isEmpty)
        #expect(nobody.drafts.contains { $0.topic == "unassigned/reading/heart-rate" })
        let trial = try Stage.patch(isTest: true, Self.script(15, of: .still)).play()
        #expect(trial.alerts.isEmpty)
        let strip = try #require(strips(trial).first)
        #expect(field("origin", in: strip.text) == "test")
    }

    @Test func `is not looked at when the configuration says so`() throws {
        var stage = Stage.patch(Self.script(15, of: .still))
        stage.analysis = AnalysisSettings(isECGOn: false)
        let record = try stage.play()
        #expect(record.alerts.isEmpty)
        #expect(record.drafts.isEmpty)
    }

    @Test func `keeps its alarm over a restart, neither forgotten nor raised twice`() throws {
        let before = try Stage.patch([(40, .sinus(72)), (10, .still)]).play()
        #expect(alerts(before, "start", "asystole").count == 1)
        var stage = Stage.patch([(60, .sinus(72))])
        stage.boot = "boot-2"
        stage.keepsakes = before.kept
        let after = try stage.play()
        #expect(alerts(after, "start", "asystole").isEmpty)
        let latched = try #require(alerts(after, "update", "asystole").last)
        #expect(field("state", in: latched) == "latched")
        #expect(field("occurrence", in: latched) == field("occurrence", in: alerts(before, "start", "asystole")[0]))
        #expect(after.standing["patient/p-17/alarm/asystole"] != nil)
    }

    @Test func `gives the same record for the same seed`() throws {
        let stage = Stage.patch(Self.script(15, of: .ventricular(170)))
        #expect(try stage.play() == stage.play())
    }
}
