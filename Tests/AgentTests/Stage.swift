import Agent
import Alarms
import Delivery
import DriverKit
import Loop
import Simulation
import Synchronization
import Testing
import Timekeeping
import Vitals

/// A whole home in simulated time: its devices, what is plugged in, and what came of it.
struct Stage: Sendable {
    var devices: [DeviceSetup] = []
    var limits = LimitRule.defaults
    var seconds = 600
    var seed: UInt64 = 1
    var boot = "boot-1"
    /// UTC at the start of the box: 2026-01-15T12:00:00Z. The place is on UTC.
    var utcAtBoot: Int64 = 1_768_478_400
    /// Of the wall clock.
    var trust = ClockTrust.synchronized
    var keepsakes: [Keepsake] = []
    var slow: Range<Instant> = .boot ..< .boot
    /// Makes the ports. Called on the loop.
    var plug: @Sendable (ScriptedConnector, EventLoop) -> Void = { _, _ in }
    /// What is plugged in at any time; `nil`: only the ports of the configuration.
    var sockets: (@Sendable (Sockets) -> Void)?
    /// Happens beside the agent, before ``seconds`` are over.
    var meanwhile: @Sendable (HomeAgent, EventLoop) async -> Void = { _, _ in }

    /// What persons decided before this start, and what is left of it behind the end.
    var folder = MemoryFolder()
    var drivers: [any Driver.Type] = [Bedside.self]
    var analysis = AnalysisSettings()
    /// Records every connection into ``recordings``.
    var recorder: RecorderSettings?
    var recordings = MemoryFolder()
    /// What is in the air; `nil`: there is no radio.
    var air: (@Sendable (SimulatedRadio) -> Void)?
    /// Comes and asks; happens beside the agent, before ``seconds`` are over.
    var technician: (@Sendable (Visit) async -> Void)?

    /// What a technician has before them.
    struct Visit: Sendable {
        let door: SimulatedDoor
        let radio: SimulatedRadio
        let agent: HomeAgent
        let loop: EventLoop
    }

    /// Asked to stop before it is started.
    var isStoppedFirst = false

    /// What came of it.
    struct Record: Hashable, Sendable {
        var entries: [RecordingCourier.Entry]
        var kept: [Keepsake]
        var journal: [String]
        var attempts: [Instant]
        var stopped: Instant
    }

    func play() throws -> Record {
        let end = Instant.boot + .seconds(seconds + 600)
        return try #require(EventLoop.simulate(until: end) { loop in await play(on: loop) })
    }

    private func play(on loop: EventLoop) async -> Record {
        let courier = RecordingCourier(on: loop, remembering: keepsakes, slow: slow)
        let journal = Notes()
        let attempts = Attempts()
        let agent = HomeAgent(
            Home(
                gateway: name("home-1"), devices: devices, limits: limits, drivers: drivers, analysis: analysis),
            world: world(loop, courier, journal))
        let radio = SimulatedRadio(on: loop)
        let door = SimulatedDoor(on: loop)
        air?(radio)
        if isStoppedFirst { await agent.stop() }
        let running = Task(executorPreference: loop) {
            await agent.run {
                let connector = ScriptedConnector(on: loop)
                plug(connector, loop)
                let ports = sockets.map { _ in ScriptedPorts(on: loop) }
                if let ports { sockets?(Sockets(connector: connector, ports: ports, loop: loop)) }
                return Connections(
                    connector: CountedConnector(connector, radio, attempts, loop), radio: air == nil ? nil : radio,
                    ports: ports,
                    listener: technician == nil ? nil : door)
            }
        }
        let beside = Task(executorPreference: loop) {
            await meanwhile(agent, loop)
            await technician?(Visit(door: door, radio: radio, agent: agent, loop: loop))
        }
        await loop.sleep(until: .boot + .seconds(seconds))
        await agent.stop()
        await running.value
        let stopped = loop.now
        await beside.value
        // What comes behind the end is seen too.
        await loop.sleep(until: stopped + .seconds(5))
        return Record(
            entries: courier.entries, kept: courier.kept, journal: journal.lines, attempts: attempts.times,
            stopped: stopped)
    }

    private func world(_ loop: EventLoop, _ courier: RecordingCourier, _ journal: Notes) -> Surroundings {
        let start = utcAtBoot * 1_000_000_000
        return Surroundings(
            loop: loop, courier: courier,
            clock: {
                WallClock(
                    utcNanoseconds: start + loop.now.nanoseconds, monotonic: loop.now, trust: trust,
                    uncertaintyMilliseconds: 5)
            },
            timekeeper: Timekeeper(bootID: boot) { _ in 0 }, log: { journal.add($1) }, seed: seed, version: "test",
            state: folder, recordings: recorder.map { Recordings($0, in: recordings, on: loop) })
    }
}

/// Lines of the journal, in their order.
final class Notes: Sendable {
    private let all = Mutex<[String]>([])
    func add(_ line: String) { all.withLock { $0.append(line) } }
    var lines: [String] { all.withLock(\.self) }
}

/// When somebody tried to open a port.
final class Attempts: Sendable {
    private let all = Mutex<[Instant]>([])
    func add(_ time: Instant) { all.withLock { $0.append(time) } }
    var times: [Instant] { all.withLock(\.self) }
}

private final class CountedConnector: Connector {
    private let connector: ScriptedConnector
    private let radio: SimulatedRadio
    private let attempts: Attempts
    private let loop: EventLoop

    init(_ connector: ScriptedConnector, _ radio: SimulatedRadio, _ attempts: Attempts, _ loop: EventLoop) {
        self.connector = connector
        self.radio = radio
        self.attempts = attempts
        self.loop = loop
    }

    func connect(to address: Address) async throws(LinkError) -> any Link {
        attempts.add(loop.now)
        return switch address {
        case .serial: try await connector.connect(to: address)
        case .bluetooth: try await radio.connect(to: address)
        }
    }
}

extension Stage {
    /// One oximeter on one patient, which sends the signal for as long as the stage lasts.
    static func oximeter(
        seconds: Int, patient: String? = "p-17", isTest: Bool = false,
        expectation: DeviceSetup.Expectation = .spot, kind: UInt8 = 0xB0, _ signal: @escaping Signal
    ) -> Stage {
        var stage = Stage()
        stage.seconds = seconds
        stage.devices = [bedside("oximeter-1", patient: patient, isTest: isTest, expectation: expectation)]
        stage.plug = { connector, loop in
            connector.add("/dev/oximeter-1") {
                ScriptedLink.bedside("/dev/oximeter-1", on: loop, until: seconds, kind: kind, signal)
            }
        }
        return stage
    }
}

func bedside(
    _ id: String, patient: String? = "p-17", settings: DriverSettings = DriverSettings(), isTest: Bool = false,
    expectation: DeviceSetup.Expectation = .spot
) -> DeviceSetup {
    DeviceSetup(
        id: name(id), driver: Bedside.self, address: .serial(path: "/dev/\(id)", SerialSettings(baud: 9600)),
        patient: patient.map(name), settings: settings, expectation: expectation, isTest: isTest)
}

func name(_ text: String) -> Identifier {
    guard let name = Identifier(text) else { preconditionFailure("'\(text)' is no name") }
    return name
}
