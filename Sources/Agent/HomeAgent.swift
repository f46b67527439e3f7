import Alarms
import Bluetooth
import Delivery
import DriverKit
public import Loop
import Timekeeping
public import Vitals

/// The agent of one home: one task for each device, all on the device loop. Devices of the configuration are there
/// from the start; those that a person pairs come and go.
public actor HomeAgent: LoopActor {
    public nonisolated let loop: EventLoop
    let home: Home
    let world: Surroundings
    let clockwork: Clockwork
    /// Those of the configuration first, in its order.
    var sessions: [DeviceSession] = []
    var connections: Connections?
    let keeper: RegistryKeeper
    let feed = WatchFeed()
    /// What the analyses remember beyond one device and one start.
    private let book: AnalysisBook
    /// Rung when a device is held, released or removed.
    let changed: Bell
    /// The places that a task keeps connected.
    var served: Set<String> = []
    var servedCount: UInt64 = 0
    /// What was stored before this start, for sessions that begin later.
    private var coverage: [Keepsake] = []

    private var farewellsLeft = 0
    private let farewellsDone: Bell
    private(set) var isStopping = false
    let stopped: Bell
    private(set) var startedAt = Instant.boot
    var healthCount = 0
    var radioTold: RadioStatus.State?

    /// What is plugged in and not named by the configuration, by path.
    var ports: [String: PluggedPort] = [:]

    var conversations: [Int: Conversation] = [:]
    var conversationNumber = 0
    var isPairing = false

    /// How long the last recordings may take to reach the disk.
    static let recordingsMax: Duration = .seconds(1)
    /// How long the devices may take to hear goodbye.
    public static let farewellMax: Duration = .seconds(2)

    public init(_ home: Home, world: Surroundings) {
        loop = world.loop
        self.home = home
        self.world = world
        stopped = Bell(on: world.loop)
        changed = Bell(on: world.loop)
        farewellsDone = Bell(on: world.loop)
        clockwork = Clockwork(world.clock, timekeeper: world.timekeeper)
        keeper = RegistryKeeper(world)
        book = AnalysisBook(home.analysis)
    }

    /// Serves every device until ``stop()``. A stop that came before is remembered.
    ///
    /// - Parameter makeConnections: called on the device loop; what it makes stays there.
    public func run(connectingBy makeConnections: @Sendable () -> Connections) async {
        startedAt = loop.now
        connections = makeConnections()
        await prepare()
        for session in sessions { serve(session) }
        startRadio()
        startPorts()
        Task(executorPreference: loop) { await self.tickWaiting() }
        Task(executorPreference: loop) { await self.tellHealth() }
        openDoor()
        while !isStopping { _ = await stopped.wait() }
        closeDoor()
        leavePorts()
        await sayFarewell()
        connections?.radio?.stop()
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

    // MARK: Sessions

    private func prepare() async {
        let kept = await world.courier.keepsakes(withPrefix: AlarmMemory.prefix)
        coverage = await world.courier.keepsakes(withPrefix: StoredJoin.prefix)
        coverage += await world.courier.keepsakes(withPrefix: KnownSessions.prefix)
        for prefix in AnalysisBook.prefixes { book.remember(await world.courier.keepsakes(withPrefix: prefix)) }
        await keeper.load()
        let memories = kept.compactMap(AlarmMemory.init)
        let remembered = Dictionary(memories.map { ($0.key, $0) }) { first, _ in first }
        let known = knownDevices()
        // Who has had the patient longer gives its conditions their names; the configuration was there first.
        let ranks = known.map { $0.binding.configured == nil ? $0.binding.current?.from ?? .max : .min }
        for index in known.indices.sorted(by: { (ranks[$0], $0) < (ranks[$1], $1) }) {
            sessions.append(makeSession(known[index].setup, known[index].binding, remembered: remembered))
        }
        let order = known.map(\.setup.id)
        sessions.sort { order.firstIndex(of: $0.setup.id) ?? 0 < order.firstIndex(of: $1.setup.id) ?? 0 }
        await endForgotten(memories)
    }

    func makeSession(
        _ setup: DeviceSetup, _ binding: DeviceBinding, remembered: [String: AlarmMemory] = [:]
    ) -> DeviceSession {
        let setup = binding.applied(to: setup)
        return DeviceSession(
            setup, binding: binding, watch: makeWatch(setup, remembered: remembered), keepsakes: coverage,
            analysis: home.analysis, book: book, world: world, clockwork: clockwork, feed: feed)
    }

    /// For the patient of the setup, beside the watches of the other devices.
    func makeWatch(_ setup: DeviceSetup, remembered: [String: AlarmMemory] = [:]) -> DeviceWatch {
        let others = sessions.filter { $0.setup.id != setup.id && $0.setup.patient == setup.patient }
        return DeviceWatch(
            setup, limits: setup.patient.flatMap { home.limitsByPatient[$0] } ?? home.limits,
            analyses: DeviceAnalyses(setup, home.analysis, book),
            isFree: { name in !others.contains { $0.watch.names.contains(name) } },
            remembered: remembered)
    }

    /// Ends the alarms that nobody watches any more since the configuration changed.
    private func endForgotten(_ memories: [AlarmMemory]) async {
        let watched = Set(sessions.flatMap(\.watch.keys))
        for memory in memories where !watched.contains(memory.key) {
            let told = memory.farewell(at: stampNow)
            await world.courier.accept(told.message.drafts, keeping: [told.keepsake])
            world.log(.warning, "\(memory.device): alarm \(memory.name) is no longer watched, and ends")
        }
    }

    var stampNow: Stamp { world.timekeeper.stamp(received: loop.now, clock: clockwork.wall(at: loop.now)) }

    // MARK: The end

    /// To all devices at once, each in its own time, but never longer than ``farewellMax``.
    private func sayFarewell() async {
        farewellsLeft = sessions.count
        guard farewellsLeft > 0 else { return }
        let leaving = sessions
        for index in leaving.indices {
            let id = leaving[index].setup.id
            Task(executorPreference: loop) { await self.farewell(id) }
        }
        _ = await farewellsDone.wait(before: loop.now + Self.farewellMax)
        for session in leaving { session.close() }
        await waitForRecordings()
    }

    private func waitForRecordings() async {
        let end = loop.now + Self.recordingsMax
        while loop.now < end, world.recordings?.isBusy ?? false {
            await loop.sleep(until: loop.now + .milliseconds(10))
        }
    }

    private func farewell(_ id: Identifier) async {
        await sessions.first { $0.setup.id == id }?.farewell()
        farewellsLeft -= 1
        if farewellsLeft == 0 { farewellsDone.ring() }
    }
}
