import Agent
import DriverKit
import Loop
import Simulation
import Testing
import Vitals

@Suite struct `A port` {
    private func stage(seconds: Int = 300, _ states: [(second: Int, ScriptedConnector.State)]) -> Stage {
        var stage = Stage.oximeter(seconds: seconds) { _ in 97 }
        let plug = stage.plug
        stage.plug = { connector, loop in
            plug(connector, loop)
            for (second, state) in states {
                connector.set("/dev/oximeter-1", to: state, from: .boot + .seconds(second))
            }
        }
        return stage
    }

    @Test func `that is pulled out and comes back is gone, then connected`() throws {
        var stage = Stage.oximeter(seconds: 300) { _ in 97 }
        stage.plug = { connector, loop in
            var opened = 0
            connector.add("/dev/oximeter-1") {
                opened += 1
                let link = ScriptedLink.bedside("/dev/oximeter-1", on: loop, until: 300) { _ in 97 }
                guard opened == 1 else { return link }
                return Pulled(link, at: .boot + .seconds(100), loop)
            }
            connector.set("/dev/oximeter-1", to: .gone, from: .boot + .seconds(100))
            connector.set("/dev/oximeter-1", to: .present, from: .boot + .seconds(200))
        }
        let record = try stage.play()
        #expect(record.links() == ["connected", "gone", "connected", "stopped"])
        #expect(record.journal.count == 4, "a line for each change, not for each attempt")
        #expect(record.values("oxygen-saturation").count > 180)
    }

    @Test(arguments: [
        (ScriptedConnector.State.gone, "gone", "plug the device in"),
        (.busy, "busy", "held by another program"), (.denied, "denied", "group"),
        (.failing(errno: 5), "failed", "errno 5"),
    ])
    func `that does not open says why and what to do`(
        _ state: ScriptedConnector.State, _ link: String, _ advice: String
    ) throws {
        let record = try stage([(0, state)]).play()
        #expect(record.links() == [link, "stopped"])
        let twin = try #require(record.states("device/oximeter-1").first)
        #expect(field("problem", in: twin).contains("/dev/oximeter-1"))
        #expect(field("problem", in: twin).contains(advice))
        #expect(record.journal.count == 2)
    }

    @Test func `that is open while nothing comes is silent, which is not gone`() throws {
        let record = try Stage.oximeter(seconds: 2400) { (100 ..< 2200).contains($0) ? nil : 97 }.play()
        #expect(record.links() == ["connected", "silent", "connected", "stopped"])
        let twin = try #require(record.states("device/oximeter-1").first { field("link", in: $0) == "silent" })
        #expect(field("problem", in: twin).contains("although the port is open"))
        #expect(record.attempts.count > 3, "opened anew now and then")
        #expect(record.journal.count == 4, "and not told each time")
    }

    @Test func `is tried for ever, never too often and never too seldom`() throws {
        let record = try stage(seconds: 7 * 86_400, [(0, .gone)]).play()
        let pauses = zip(record.attempts, record.attempts.dropFirst()).map { $1 - $0 }
        #expect(pauses.allSatisfy { $0 >= .milliseconds(125) && $0 <= .seconds(5) })
        #expect(pauses.suffix(1000).allSatisfy { $0 >= .milliseconds(2500) })
        #expect(try #require(record.attempts.last) > .boot + .seconds(7 * 86_400 - 6))
        #expect(record.journal.count == 2)
    }

    @Test func `that opens and fails at once is told once, not with every attempt`() throws {
        var stage = Stage.oximeter(seconds: 3600) { _ in 97 }
        stage.plug = { connector, loop in
            connector.add("/dev/oximeter-1") {
                ScriptedLink(path: "/dev/oximeter-1", on: loop, next: { .gone(at: loop.now) })
            }
        }
        let record = try stage.play()
        #expect(record.links() == ["gone", "stopped"])
        #expect(record.attempts.count > 600)
        #expect(record.journal.count == 2)
    }

    @Test func `that fails for one device leaves the other alone`() throws {
        var stage = stage([(0, .busy)])
        stage.devices.append(bedside("oximeter-2", patient: "p-18"))
        let plug = stage.plug
        stage.plug = { connector, loop in
            plug(connector, loop)
            connector.add("/dev/oximeter-2") {
                ScriptedLink.bedside("/dev/oximeter-2", on: loop, until: 300) { _ in 97 }
            }
        }
        let record = try stage.play()
        #expect(record.links("oximeter-2") == ["connected", "stopped"])
        #expect(record.values("oxygen-saturation").count > 290)
    }
}

/// Pulls the plug out of another link.
final class Pulled: Link {
    private let link: ScriptedLink
    private let end: Instant
    private let loop: EventLoop

    init(_ link: ScriptedLink, at end: Instant, _ loop: EventLoop) {
        self.link = link
        self.end = end
        self.loop = loop
    }

    var lineErrors: LineErrors { link.lineErrors }
    func close() { link.close() }

    func send(_ bytes: [UInt8], to channel: Channel) async throws(LinkError) {
        try await link.send(bytes, to: channel)
    }

    func receive(before deadline: Instant) async throws(LinkError) -> Chunk? {
        if loop.now >= end { throw .gone("/dev/oximeter-1") }
        return try await link.receive(before: min(deadline, end))
    }
}
