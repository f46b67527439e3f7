import Agent
import DriverKit
import Loop
import Simulation
import Synchronization
import Testing
import Vitals

@Suite struct `A stop` {
    /// At once, and while the last readings are still on their way to the disk.
    @Test(arguments: [Instant.boot ..< .boot, .boot + .seconds(59) ..< .boot + .seconds(61)])
    func `says goodbye to the device and tells that it was stopped`(_ slow: Range<Instant>) throws {
        let sent = Mutex<[[UInt8]]>([])
        var stage = Stage.oximeter(seconds: 60) { _ in 97 }
        stage.slow = slow
        stage.plug = { connector, loop in
            connector.add("/dev/oximeter-1") {
                Overheard(ScriptedLink.bedside("/dev/oximeter-1", on: loop, until: 60) { _ in 97 }) { bytes in
                    sent.withLock { $0.append(bytes) }
                }
            }
        }
        let record = try stage.play()
        #expect(sent.withLock(\.self) == [Bedside.goodbye])
        #expect(record.links() == ["connected", "stopped"])
        #expect(record.stopped == max(.boot + .seconds(60), slow.upperBound))
    }

    @Test func `is bounded when a device does not listen`() throws {
        var stage = Stage.oximeter(seconds: 50) { _ in 97 }
        stage.devices.append(bedside("oximeter-2", patient: "p-18"))
        let plug = stage.plug
        stage.plug = { connector, loop in
            plug(connector, loop)
            connector.add("/dev/oximeter-2") { Deaf(loop) }
        }
        let record = try stage.play()
        #expect(record.stopped <= .boot + .seconds(50) + HomeAgent.farewellMax)
        #expect(record.links().last == "stopped")
        #expect(record.links("oximeter-2").last == "stopped")
        #expect(record.journal.contains { $0.hasPrefix("oximeter-2: did not hear goodbye") })
    }

    @Test func `is bounded when nothing can be committed`() throws {
        var stage = Stage.oximeter(seconds: 60) { _ in 97 }
        stage.slow = .boot + .seconds(50) ..< .boot + .seconds(500)
        #expect(try stage.play().stopped <= .boot + .seconds(60) + HomeAgent.farewellMax)
    }

    @Test func `is remembered when it comes before the start`() throws {
        var early = Stage.oximeter(seconds: 60) { _ in 97 }
        early.isStoppedFirst = true
        let record = try early.play()
        #expect(record.attempts.isEmpty)
        #expect(record.links() == ["stopped"])
        #expect(record.entries.allSatisfy { $0.at == .boot })
    }

    @Test func `delivers what was measured until then`() throws {
        let record = try Stage.oximeter(seconds: 60) { _ in 97 }.play()
        #expect(record.values("oxygen-saturation").last?.hasPrefix("12:00:59") == true)
    }
}

@Suite struct `A minute in which nothing can be committed` {
    /// From the 100th second to the 160th.
    static let slow = Instant.boot + .seconds(100) ..< .boot + .seconds(160)

    @Test func `loses nothing and is not taken for silence`() throws {
        var stage = Stage.oximeter(seconds: 300) { _ in 97 }
        stage.slow = Self.slow
        let record = try stage.play()
        #expect(record.values("oxygen-saturation").count >= 299)
        #expect(record.links() == ["connected", "stopped"])
        #expect(record.journal.count == 2)
        #expect(record.attempts.count == 1)
    }

    @Test func `that lasts longer does not close a port either`() throws {
        var stage = Stage.oximeter(seconds: 600) { _ in 97 }
        stage.slow = Self.slow.lowerBound ..< .boot + .seconds(400)
        let record = try stage.play()
        #expect(record.links() == ["connected", "stopped"])
        #expect(record.attempts.count == 1)
    }

    @Test func `does not keep other things from being remembered: health goes on behind it`() throws {
        var stage = Stage.oximeter(seconds: 300) { _ in 97 }
        stage.slow = Self.slow
        let record = try stage.play()
        let times = record.entries.compactMap { entry in
            if case .state("health", _, _, let at) = entry { at.nanoseconds / 1_000_000_000 } else { nil }
        }
        #expect(times == [0, 60, 160, 220, 280])
    }
}

@Suite struct `The same seed` {
    @Test(arguments: [UInt64(1), 7, 42])
    func `gives the same day twice, to the last byte`(_ seed: UInt64) throws {
        func day() throws -> Stage.Record {
            var stage = Stage.oximeter(seconds: 3600) { second in
                var dice = Seed(seed &+ UInt64(second / 7))
                return dice.chance(0.1) ? nil : UInt8.random(in: 78 ... 99, using: &dice)
            }
            stage.seed = seed
            let plug = stage.plug
            stage.plug = { connector, loop in
                plug(connector, loop)
                for minute in stride(from: 10, to: 60, by: 10) {
                    connector.set("/dev/oximeter-1", to: .gone, from: .boot + .seconds(minute * 60))
                    connector.set("/dev/oximeter-1", to: .present, from: .boot + .seconds(minute * 60 + 120))
                }
            }
            return try stage.play()
        }
        let one = try day()
        #expect(try day() == one)
        #expect(!one.alerts.isEmpty)
    }

    @Test func `and another gives another rhythm of attempts`() throws {
        func attempts(_ seed: UInt64) throws -> [Instant] {
            var stage = Stage.oximeter(seconds: 60) { _ in 97 }
            stage.plug = { _, _ in }
            stage.seed = seed
            return try stage.play().attempts
        }
        #expect(try attempts(1) != attempts(2))
    }
}

/// Tells what is sent through it.
private final class Overheard: Link {
    private let link: any Link
    private let tell: ([UInt8]) -> Void

    init(_ link: any Link, _ tell: @escaping ([UInt8]) -> Void) {
        self.link = link
        self.tell = tell
    }

    var lineErrors: LineErrors { link.lineErrors }
    func close() { link.close() }
    func receive(before deadline: Instant) async throws(LinkError) -> Chunk? {
        try await link.receive(before: deadline)
    }

    func send(_ bytes: [UInt8], to channel: Channel) async throws(LinkError) {
        tell(bytes)
        try await link.send(bytes, to: channel)
    }
}

/// A line on which nothing that is sent is ever taken.
private final class Deaf: Link {
    private let closed: Bell
    let lineErrors = LineErrors()

    init(_ loop: EventLoop) { closed = Bell(on: loop) }

    func close() { closed.ring() }

    func receive(before deadline: Instant) async throws(LinkError) -> Chunk? {
        _ = await closed.wait(before: deadline)
        return nil
    }

    func send(_ bytes: [UInt8], to channel: Channel) async throws(LinkError) {
        _ = await closed.wait()
        throw .closed
    }
}
