import Agent
import Delivery
import DriverKit
import Loop
import Simulation
import Spirometry
import Testing
import Trends
import Vitals

/// A spirometer that exists only here: a byte is a session of so many good blows, and one that breaks off after 2 s
/// when its highest bit is set. With the next bit each is a fifth greater.
private struct Curver: Driver {
    static let manifest = Manifest(
        id: "curver", family: "Curver", vendor: "Nobody", models: ["Curver"], serial: SerialSettings(baud: 9600),
        metrics: [.forcedExpiratoryVolume1s], evidence: .example, sources: [])

    init(settings: DriverSettings) {}

    mutating func receive(_ bytes: Span<UInt8>, from channel: Channel, _ turn: inout Turn) {
        for index in bytes.indices {
            let isShort = bytes[index] & 0x80 != 0
            let scale = bytes[index] & 0x40 != 0 ? 0.0012 : 0.001
            let count = Int(bytes[index] & 0x3F)
            let blows = (0 ..< count).map { number in
                Manoeuvre(
                    number: number + 1, results: [ManoeuvreResult(.forcedExpiratoryVolume1s, 1)],
                    curves: [Self.curve(seconds: isShort ? 2 : 7, scale: scale)])
            }
            turn.report(Session(.spirometry, manoeuvres: blows))
        }
    }

    /// Half a second of nothing, a rise of 0.1 s to 8 L/s, and a fall to a slow rest.
    private static func curve(seconds: Int, scale: Double) -> Curve {
        var flow = [Double](repeating: 0, count: 50) + (0 ..< 10).map { Double($0) * 0.8 }
        var (fast, slow) = (7.3, 0.7)
        for _ in 0 ..< seconds * 100 {
            flow.append(fast + slow)
            fast *= 0.978
            slow *= 0.992
        }
        let samples = flow.map { Int32(($0 * 1000).rounded()) }
        return Curve(.flowTime, sampleRateHz: 100, tracks: [Curve.Track(.flow, scale: scale, samples: samples)])
    }
}

@Suite struct `A session at a spirometer` {
    private func play(
        _ script: [UInt8], every pause: Int = 20, change: (inout Stage) -> Void = { _ in }
    ) throws -> Stage.Record {
        var stage = Stage()
        stage.seconds = 120 + script.count * pause
        stage.drivers = [Curver.self]
        stage.devices = [
            DeviceSetup(
                id: name("curver-1"), driver: Curver.self,
                address: .serial(path: "/dev/curver", SerialSettings(baud: 9600)), patient: name("p-17"),
                settings: DriverSettings(), expectation: .spot, isTest: false)
        ]
        stage.plug = { connector, _ in
            connector.add(
                "/dev/curver",
                script: script.enumerated().map { (at: .boot + .seconds(5 + pause * $0), bytes: [$1]) })
        }
        change(&stage)
        return try stage.play()
    }

    private func drafts(_ schema: String, _ record: Stage.Record) -> [Draft] {
        record.drafts.filter { $0.schema == schema }
    }

    @Test func `is graded, and its best values are readings`() throws {
        let record = try play([3])
        let session = try #require(drafts("session", record).first)
        for part in [
            #""subject":"fev1-session","grade":"A","rule":"ATS/ERS 2019, table 10""#,
            #""subject":"fvc-acceptability","grade":"acceptable""#, #""kind":"start-of-test""#,
            #""hint":"That was good, and it is enough. Thank you.""#, #""value":1,"unit":"L""#,
        ] {
            #expect(session.text.contains(part), "\(part)")
        }
        let topics = Set(drafts("reading", record).map(\.topic))
        #expect(topics.contains("patient/p-17/reading/forced-expiratory-volume-1s"))
        #expect(topics.contains("patient/p-17/reading/forced-vital-capacity"))
        let peak = try #require(
            drafts("reading", record).first { $0.topic.hasSuffix("peak-expiratory-flow") })
        #expect(peak.text.contains(#""origin":"derived""#) && peak.text.contains(#""unit":"L/min""#))
        #expect(peak.text.contains(#""quality":"valid""#))
        #expect(drafts("alert", record).isEmpty)
    }

    @Test func `that was blown badly says so, and alarms only where that is wanted`() throws {
        let quiet = try play([0x82])
        let session = try #require(drafts("session", quiet).first)
        #expect(session.text.contains(#""subject":"fvc-session","grade":"E""#))
        #expect(session.text.contains("no-end-of-expiration"))
        #expect(drafts("reading", quiet).contains { $0.text.contains(#""reasons":["technique"]"#) })
        #expect(drafts("alert", quiet).isEmpty)

        let loud = try play([0x82, 3]) { $0.analysis.alarmsAtSpirometryTechnique = true }
        let alerts = drafts("alert", loud).map(\.text)
        #expect(alerts.contains { $0.contains("spirometry-technique") && $0.contains(#""phase":"start""#) })
        #expect(alerts.contains { $0.contains("spirometry-technique") && $0.contains(#""phase":"end""#) })
        #expect(alerts.allSatisfy { $0.contains(#""kind":"technical""#) && $0.contains(#""priority":"low""#) })
    }

    @Test func `is compared with what is expected of the patient, and tells nothing of them`() throws {
        let subject = try #require(ReferenceSubject(sex: .male, ageYears: 41.5, heightCentimetres: 180))
        let record = try play([3]) {
            $0.analysis.people[name("p-17")] = AnalysisSettings.Person(subject: subject)
        }
        let session = try #require(drafts("session", record).first)
        #expect(session.text.contains(#""name":"fev1-z-score""#))
        #expect(session.text.contains(#""subject":"interpretation""#))
        #expect(!session.text.contains("41.5") && !session.text.contains("male"))
    }

    @Test func `is left as it came when the analysis is off`() throws {
        let record = try play([3]) { $0.analysis.isSpirometryOn = false }
        let session = try #require(drafts("session", record).first)
        #expect(!session.text.contains("gradings") && drafts("reading", record).isEmpty)
    }

    private static func tested(_ stage: inout Stage) {
        guard let subject = ReferenceSubject(sex: .male, ageYears: 41.5, heightCentimetres: 180) else { return }
        var person = AnalysisSettings.Person(subject: subject)
        person.isTestedWithBronchodilator = true
        stage.analysis.people[name("p-17")] = person
    }

    @Test func `after a bronchodilator carries what it has changed, also over a restart`() throws {
        let record = try play([3, 3 | 0x40], every: 1200, change: Self.tested)
        let sessions = drafts("session", record).map(\.text)
        #expect(sessions.count == 2 && !sessions[0].contains("bronchodilator"))
        #expect(sessions[1].contains(#""subject":"bronchodilator-response","grade":"significant""#))
        #expect(sessions[1].contains(#""name":"fev1-bronchodilator-change""#))
        #expect(sessions[1].contains(#""name":"fvc-bronchodilator-change""#))

        let before = try play([3], change: Self.tested)
        let after = try play([3 | 0x40]) {
            Self.tested(&$0)
            $0.boot = "boot-2"
            $0.utcAtBoot += 1200
            $0.keepsakes = before.kept
        }
        let session = try #require(drafts("session", after).first).text
        #expect(session.contains(#""subject":"bronchodilator-response","grade":"significant""#))
    }

    @Test func `is no second of a pair where nobody said that a bronchodilator is given`() throws {
        let record = try play([3, 3 | 0x40], every: 1200) {
            Self.tested(&$0)
            $0.analysis.people[name("p-17")]?.isTestedWithBronchodilator = false
        }
        #expect(drafts("session", record).allSatisfy { !$0.text.contains("bronchodilator") })
        #expect(record.kept.allSatisfy { !$0.key.hasPrefix("sitting/") })
    }

    @Test(arguments: [(500, "green"), (700, "yellow"), (900, "red")])
    func `has its zone of peak flow by the personal best`(_ best: Int, _ zone: String) throws {
        let record = try play([3]) {
            $0.analysis.trendsByPatient[name("p-17")] = TrendSettings(personalBestPEF: Double(best))
        }
        let session = try #require(drafts("session", record).first).text
        #expect(session.contains(#""subject":"peak-flow-zone","grade":"\#(zone)""#))
        #expect(session.contains(#""name":"peak-flow-of-personal-best""#))
        // Nobody named a best, and no week is known.
        #expect(!(try #require(drafts("session", play([3])).first).text.contains("peak-flow-zone")))
    }
}
