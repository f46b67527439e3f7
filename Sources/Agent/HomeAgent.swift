import Alarms
import Delivery
public import DriverKit
public import Loop
import Timekeeping
public import Vitals

/// The agent of one home: one task for each device, all on the device loop.
public actor HomeAgent: LoopActor {
    public nonisolated let loop: EventLoop
    private let home: Home
    private let world: Surroundings
    private var sessions: [DeviceSession] = []
    private var connector: (any Connector)?
    private var farewellsLeft = 0
    private let farewellsDone: Bell
    private var isStopping = false
    private let stopped: Bell
    private let clockwork: Clockwork
    private var startedAt = Instant.boot
    private var healthCount = 0

    /// The pauses between attempts to open a port.
    static let reopenFirst: Duration = .milliseconds(250)
    static let reopenLongest: Duration = .seconds(5)
    /// How long the devices may take to hear goodbye.
    public static let farewellMax: Duration = .seconds(2)

    public init(_ home: Home, world: Surroundings) {
        loop = world.loop
        self.home = home
        self.world = world
        stopped = Bell(on: world.loop)
        farewellsDone = Bell(on: world.loop)
        clockwork = Clockwork(world.clock, timekeeper: world.timekeeper)
    }

    /// Serves every device until ``stop()``. A stop that came before is remembered.
    ///
    /// - Parameter makeConnector: called on the device loop; its links stay there.
    public func run(connectingBy makeConnector: @Sendable () -> any Connector) async {
        startedAt = loop.now
        connector = makeConnector()
        await prepare()
        for index in sessions.indices {
            Task(executorPreference: loop) { await self.serve(index) }
        }
        Task(executorPreference: loop) { await self.tellHealth() }
        while !isStopping { _ = await stopped.wait() }
        await sayFarewell()
    }

    /// Apart from everything else: where health has to wait, neither a device nor the end waits with it.
    private func tellHealth() async {
        while !isStopping {
            await publishHealth()
            guard !isStopping else { return }
            _ = await stopped.wait(before: loop.now + home.healthInterval)
        }
    }

    /// A person takes charge of an alarm condition, by the name it has in topics.
    ///
    /// - Returns: `false` when there is nothing to acknowledge.
    public func acknowledge(_ condition: String, of patient: Identifier) async -> Bool {
        var isDone = false
        for session in sessions where session.setup.patient == patient {
            if await session.acknowledge(condition) { isDone = true }
        }
        return isDone
    }

    /// Asks for the end. It is an event, not a cancellation: what has been measured is still delivered.
    public func stop() {
        isStopping = true
        stopped.ring()
    }

    private func prepare() async {
        let kept = await world.courier.keepsakes(withPrefix: AlarmMemory.prefix)
        let coverage = await world.courier.keepsakes(withPrefix: StoredJoin.prefix)
        let memories = kept.compactMap(AlarmMemory.init)
        let remembered = Dictionary(memories.map { ($0.key, $0) }) { first, _ in first }
        for (index, setup) in home.devices.enumerated() {
            let rules = setup.patient.flatMap { home.limitsByPatient[$0] } ?? home.limits
            let watch = DeviceWatch(
                setup, limits: rules, isFirst: { isFirst(index, measuring: $0) }, remembered: remembered)
            sessions.append(
                DeviceSession(setup, world: world, clockwork: clockwork, watch: watch, keepsakes: coverage))
        }
        await endForgotten(memories)
    }

    /// Ends the alarms that nobody watches any more since the configuration changed.
    private func endForgotten(_ memories: [AlarmMemory]) async {
        let watched = Set(sessions.flatMap(\.watch.keys))
        let time = world.timekeeper.stamp(received: loop.now, clock: clockwork.wall(at: loop.now))
        for memory in memories where !watched.contains(memory.key) {
            let told = memory.farewell(at: time)
            await world.courier.accept(told.message.drafts, keeping: [told.keepsake])
            world.log(.warning, "\(memory.device): alarm \(memory.name) is no longer watched, and ends")
        }
    }

    /// No device before it in the configuration measures that metric on the same patient. A trial does not count.
    private func isFirst(_ index: Int, measuring metric: Metric) -> Bool {
        !home.devices[..<index].contains {
            !$0.isTest && $0.patient == home.devices[index].patient && $0.driver.manifest.metrics.contains(metric)
        }
    }

    /// Keeps one device connected, for ever.
    private func serve(_ index: Int) async {
        guard let connector else { return }
        let session = sessions[index]
        var random = Jitter(seed: world.seed &+ UInt64(index))
        var backoff = Backoff(first: Self.reopenFirst, longest: Self.reopenLongest)
        while !isStopping {
            do {
                let link = try await connector.connect(to: session.setup.address)
                guard !isStopping else {
                    link.close()
                    return
                }
                let before = loop.now
                defer { if loop.now - before > Self.reopenLongest { backoff.reset() } }
                try await session.converse(over: link)
            } catch {
                guard !isStopping else { return }
                await session.change(to: DeviceTwin.LinkState(error), problem: error.description)
            }
            await pause(session, until: loop.now + backoff.next(using: &random))
        }
    }

    /// Waits, while the alarms of the device go on looking at the clock.
    private func pause(_ session: DeviceSession, until end: Instant) async {
        while loop.now < end, !isStopping {
            await session.tick()
            await loop.sleep(until: min(end, loop.now + DeviceSession.tickInterval))
        }
    }

    /// To all devices at once, each in its own time, but never longer than ``farewellMax``.
    private func sayFarewell() async {
        farewellsLeft = sessions.count
        guard farewellsLeft > 0 else { return }
        for index in sessions.indices {
            Task(executorPreference: loop) { await self.farewell(index) }
        }
        _ = await farewellsDone.wait(before: loop.now + Self.farewellMax)
        for session in sessions { session.close() }
    }

    private func farewell(_ index: Int) async {
        await sessions[index].farewell()
        farewellsLeft -= 1
        if farewellsLeft == 0 { farewellsDone.ring() }
    }

    // MARK: Health

    private func publishHealth() async {
        healthCount += 1
        let extra = await world.health()
        let body = JSONText.members { json in
            json.member("version", world.version)
            json.member("boot", world.timekeeper.bootID)
            json.member("uptimeSeconds", (loop.now - startedAt).wholeMilliseconds / 1000)
            json.stamp(world.timekeeper.stamp(received: loop.now, clock: clockwork.wall(at: loop.now)))
            json.member("intervalSeconds", home.healthInterval.wholeMilliseconds / 1000)
            json.object("alarmSelfCheck") { json in
                json.member("count", healthCount)
                json.array("activeConditions", sessions.flatMap(\.watch.activeConditions))
            }
            json.array("devices", objects: sessions.count) { index, json in
                json.member("device", sessions[index].setup.id.text)
                json.member("link", sessions[index].twin.state.rawValue)
                json.member("readings", sessions[index].twin.counts.readings)
            }
            json.members(extra)
        }
        await world.courier.publish(state: Topic.health, schema: "health", body: body)
    }
}

extension DeviceTwin.LinkState {
    /// What a failed link means for the one who looks at the twin.
    init(_ error: LinkError) {
        switch error {
        case .closed: self = .waiting
        case .gone: self = .gone
        case .busy: self = .busy
        case .denied: self = .denied
        case .system: self = .failed
        case .bluetooth(let problem, _): self = problem == .notAdvertising || problem == .linkLost ? .gone : .failed
        }
    }
}

/// A small generator for pauses (SplitMix64): good enough to keep boxes from acting in step, and repeatable.
struct Jitter: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
