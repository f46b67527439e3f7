import Agent
import Delivery
import DriverKit
import Loop
import Simulation
import Spirometry
import Testing
import Vitals

/// A spirometer that exists only here: a byte is a session of so many good blows, and one that breaks off after 2 s
/// when its highest bit is set.
private struct Curver: Driver {
    static let manifest = Manifest(
        id: "curver", family: "Curver", vendor: "Nobody", models: ["Curver"], serial: SerialSettings(baud: 9600),
        metrics: [.forcedExpiratoryVolume1s], evidence: .example, sources: [])

    init(settings: DriverSettings) {}

    mutating func receive(_ bytes: Span<UInt8>, from channel: Channel, _ turn: inout Turn) {
        for index in bytes.indices {
            let isShort = bytes[index] & 0x80 != 0
            let count = Int(bytes[index] & 0x7F)
            let blows = (0 ..< count).map { number in
                Manoeuvre(
                    number: number + 1, results: [ManoeuvreResult(.forcedExpiratoryVolume1s, 1)],
                    curves: [Self.curve(seconds: isShort ? 2 : 7)])
            }
            turn.report(Session(.spirometry, manoeuvres: blows))
        }
    }

    /// Half a second of nothing, a rise of 0.1 s to 8 L/s, and a fall to a slow rest.
    private static func curve(seconds: Int) -> Curve {
        var flow = [Double](repeating: 0, count: 50) + (0 ..< 10).map { Double($0) * 0.8 }
        var (fast, slow) = (7.3, 0.7)
        for _ in 0 ..< seconds * 100 {
            flow.append(fast + slow)
            fast *= 0.978
            slow *= 0.992
        }
        let samples = flow.map { Int32(($0 * 1000).rounded()) }
        return Curve(.flowTime, sampleRateHz: 100, tracks: [Curve.Track(.flow, scale: 0.001, samples: samples)])
    }
}

@Suite struct `A session at a spirometer` {
    private func play(_ script: [UInt8], change: (inout Stage) -> Void = { _ in }) throws -> Stage.Record {
        var stage = Stage()
        stage.seconds = 120
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
                script: script.enumerated().map { (at: .boot + .seconds(5 + 20 * $0), bytes: [$1]) })
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
}
