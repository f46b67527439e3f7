import Agent
import Delivery
import DriverKit
import Drivers
import Foundation
import Loop
import Simulation
import Testing
import Vitals

/// A spirometer that exists only here: `C0 yy mm dd hh mm ss n` is a stored blow, `C1 n` one of now, `C2 n` one
/// that is told when the link ends.
private struct Blower: Driver {
    static let manifest = Manifest(
        id: "blower", family: "Blower", vendor: "Nobody", models: ["Blower"], serial: SerialSettings(baud: 9600),
        metrics: [.peakExpiratoryFlow], evidence: .example, sources: [])

    private var rest: [UInt8] = []
    private var held: UInt8?

    init(settings: DriverSettings) {}

    mutating func receive(_ bytes: Span<UInt8>, from channel: Channel, _ turn: inout Turn) {
        for index in bytes.indices { rest.append(bytes[index]) }
        while let first = rest.first, rest.count >= (first == 0xC0 ? 8 : 2) {
            if first == 0xC0 {
                let parts = rest[1 ..< 7].map(Int.init)
                let time = CivilTime(
                    year: 2000 + parts[0], month: parts[1], day: parts[2], hour: parts[3], minute: parts[4],
                    second: parts[5])
                turn.report(Self.session(rest[7], time))
            } else if first == 0xC1 {
                turn.report(Self.session(rest[1], nil))
            } else {
                held = rest[1]
            }
            rest.removeFirst(first == 0xC0 ? 8 : 2)
        }
    }

    mutating func end(_ turn: inout Turn) {
        if let held { turn.report(Self.session(held, nil)) }
    }

    private static func session(_ flow: UInt8, _ time: CivilTime?) -> Session {
        Session(
            .spirometry,
            manoeuvres: [Manoeuvre(number: 1, results: [ManoeuvreResult(.peakExpiratoryFlow, Double(flow))])],
            source: time == nil ? .live : .stored, deviceTime: time)
    }
}

@Suite struct `A session of a device` {
    private func stage(_ script: [(at: Instant, bytes: [UInt8])]) -> Stage {
        var stage = Stage()
        stage.seconds = 120
        stage.drivers = [Blower.self]
        stage.devices = [
            DeviceSetup(
                id: name("blower-1"), driver: Blower.self,
                address: .serial(path: "/dev/blower", SerialSettings(baud: 9600)), patient: name("p-17"),
                settings: DriverSettings(), expectation: .spot, isTest: false)
        ]
        stage.plug = { connector, _ in connector.add("/dev/blower", script: script) }
        return stage
    }

    private func sessions(_ record: Stage.Record) -> [Draft] { record.drafts.filter { $0.schema == "session" } }

    @Test func `reaches its patient`() throws {
        let record = try stage([(at: .boot + .seconds(5), bytes: [0xC1, 7])]).play()
        let draft = try #require(sessions(record).first)
        #expect(draft.topic == "patient/p-17/session/spirometry")
        #expect(draft.lane == .session)
        #expect(draft.text.contains(#""value":7,"unit":"L/s""#))
    }

    @Test func `from its memory is told once, also after a restart`() throws {
        let blow: [UInt8] = [0xC0, 26, 1, 15, 9, 30, 0, 7]
        var other = blow
        other[7] = 8
        let first = try stage([
            (at: .boot + .seconds(5), bytes: blow + blow), (at: .boot + .seconds(9), bytes: blow + other),
        ]).play()
        #expect(sessions(first).count == 2)
        var again = stage([(at: .boot + .seconds(5), bytes: blow + other)])
        again.keepsakes = first.kept
        again.boot = "boot-2"
        #expect(sessions(try again.play()).isEmpty)
    }

    @Test func `that cannot be of its time is doubtful`() throws {
        let record = try stage([(at: .boot + .seconds(5), bytes: [0xC0, 40, 1, 15, 9, 30, 0, 7])]).play()
        let draft = try #require(sessions(record).first)
        #expect(draft.text.contains("clock-uncertain"))
    }

    @Test func `is told when the cable is pulled`() throws {
        var stage = stage([])
        stage.plug = { connector, loop in
            connector.add("/dev/blower") {
                let opened = loop.now
                var told = 0
                return ScriptedLink(
                    path: "/dev/blower", on: loop,
                    next: {
                        defer { told += 1 }
                        guard opened < .boot + .seconds(5) else { return nil }
                        return told == 0
                            ? .bytes([0xC2, 7], at: .boot + .seconds(5)) : .gone(at: .boot + .seconds(20))
                    })
            }
        }
        let record = try stage.play()
        #expect(sessions(record).count == 1)
    }

    @Test func `comes over the SP80B's own conversation, every test once with all its curves`() throws {
        let folder = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let file = folder.appendingPathComponent("Drivers/ContecSP80B/Captures/download.capture")
        let capture = try Capture(parsing: try String(contentsOf: file, encoding: .utf8))
        var stage = stage([])
        stage.drivers = [ContecSP80B.self]
        stage.devices[0].driver = ContecSP80B.self
        stage.devices[0].settings = DriverSettings(fetchesStored: true, setsClock: true)
        stage.plug = { connector, loop in
            connector.add("/dev/blower") { Dialogue(capture, on: loop) }
        }
        let drafts = sessions(try stage.play())
        // Asked again after each connection, and told once.
        #expect(drafts.count == 2)
        let (first, second) = (try #require(drafts.first).text, try #require(drafts.last).text)
        #expect(first.contains(#""deviceTime":"2022-08-29T17:30:36""#))
        #expect(first.contains(#""metric":"forced-vital-capacity","value":5.1,"#))
        #expect(first.contains(#""kind":"flow-volume""#))
        #expect(first.contains(#""samples":[0,1500,9330,3910,-120]"#))
        #expect(first.contains(#""samples":[0,15,1400,4950,5100]"#))
        #expect(second.contains(#""reasons":["results-only"]"#))
        #expect(second.contains(#""value":4.89,"#))
    }
}

/// A device that gives what a capture holds: behind each request the answers to the one of that place.
private final class Dialogue: Link {
    private let loop: EventLoop
    private let bell: Bell
    private let gap: Duration = .milliseconds(20)
    /// What follows each request.
    private var answers: ArraySlice<[Capture.Line]> = []
    private var upcoming: [Chunk] = []
    private var isClosed = false

    init(_ capture: Capture, on loop: EventLoop) {
        self.loop = loop
        bell = Bell(on: loop)
        for line in capture.lines where !line.bytes.isEmpty {
            if line.direction == .toDevice {
                answers.append([])
            } else if let last = answers.indices.last {
                answers[last].append(line)
            }
        }
    }

    var channels: [Channel] { [Channel("answers"), Channel("commands")] }

    func receive(before deadline: Instant) async throws(LinkError) -> Chunk? {
        while !isClosed {
            if let first = upcoming.first, first.at <= loop.now { return upcoming.removeFirst() }
            guard loop.now < deadline else { return nil }
            _ = await bell.wait(before: min(deadline, upcoming.first?.at ?? .never))
        }
        throw .closed
    }

    func send(_ bytes: [UInt8], to channel: Channel) async throws(LinkError) {
        guard let lines = answers.popFirst() else { return }
        for (place, line) in lines.enumerated() {
            upcoming.append(Chunk(line.bytes, from: line.channel, at: loop.now + gap * (place + 1)))
        }
        bell.ring()
    }

    func close() {
        isClosed = true
        bell.ring()
    }
}
