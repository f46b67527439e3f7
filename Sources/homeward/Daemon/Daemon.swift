import Agent
import Delivery
import Linux
import Loop
import Timekeeping
import Vitals

/// The composition: loops, each on a thread of its own, and what runs on each.
///
/// - the device loop, on the main thread: the agent. It never blocks.
/// - the store loop: SQLite. An fsync may take a second.
/// - the broker loop: libmosquitto. Name resolution may take a minute.
/// - where the recorder is switched on, the recordings loop: files that nothing else waits for.
struct Daemon {
    let loop: EventLoop
    let storeThread: LoopThread
    let brokerThread: LoopThread
    let recordingThread: LoopThread?
    let store: Store
    let session: BrokerSession
    let agent: HomeAgent
    let outside: Outside
    let lock: DataFolderLock
    let journal: Journal

    /// The stages of an orderly stop, each with its bound; the farewell to devices has its own in the agent.
    static let handOverMax: Duration = .seconds(3)
    static let keepMax: Duration = .seconds(1)
    static let watchdogInterval: Duration = .seconds(5)

    static func start(_ configuration: Configuration, on loop: EventLoop) async throws -> Daemon {
        let journal = Journal(limit: configuration.logLevel.journal)
        Program.keepFilesPrivate()
        let clock = try SystemClock()
        let lock = try lock(configuration.dataDirectory)
        let storeThread = try LoopThread(name: "store")
        let brokerThread = try LoopThread(name: "broker")
        let store = try await openStore(configuration, boot: clock.bootID, on: storeThread.loop, journal)
        let desk = CommandDesk(allowed: configuration.commandsAllowed, courier: store, journal: journal, loop: loop)
        let session = makeSession(configuration, store: store, desk: desk, on: brokerThread.loop)
        let health = HealthReport(session: session, root: configuration.dataDirectory)
        let timekeeper = Timekeeper(
            bootID: clock.bootID, utcOffsetSeconds: { clock.utcOffsetSeconds(atUTC: $0) })
        let outside = Outside(
            configuration: configuration, loop: loop, journal: journal,
            state: try Outside.state(configuration, on: storeThread.loop), seed: UInt64.random(in: 0 ... .max),
            localTime: { timekeeper.localTime(clock.read()) })
        let recordings = try Outside.recordings(configuration)
        let archive = try Outside.archive(configuration, on: storeThread.loop)
        let courier = ArchivingCourier(
            store, archive: archive, clock: { clock.read() }, log: { journal.write($0.journal, $1) })
        let world = Surroundings(
            loop: loop, courier: courier, clock: { clock.read() }, timekeeper: timekeeper,
            log: { journal.write($0.journal, $1) }, seed: outside.seed, version: Version.text,
            health: { health.members() }, state: outside.state, recordings: recordings?.0)
        let agent = HomeAgent(configuration.home, world: world)
        desk.open(for: agent)
        return Daemon(
            loop: loop, storeThread: storeThread, brokerThread: brokerThread,
            recordingThread: recordings?.1, store: store, session: session,
            agent: agent, outside: outside, lock: lock, journal: journal)
    }

    private static func lock(_ folder: String) throws(CommandError) -> DataFolderLock {
        do throws(SystemError) { return try DataFolderLock(folder) } catch {
            throw CommandError(error.isBusy ? .unavailable : .cannotCreate, "dataDirectory: \(error)")
        }
    }

    private static func openStore(
        _ configuration: Configuration, boot: String, on loop: EventLoop, _ journal: Journal
    ) async throws -> Store {
        var settings = StoreSettings(path: "\(configuration.dataDirectory)/outbox.sqlite3", boot: boot)
        settings.commitIntervalMilliseconds = configuration.commitIntervalMilliseconds
        settings.outboxBytesMax = Int64(configuration.outboxBytesMax)
        let store: Store
        do throws(OutboxError) { store = try await Store.open(settings: settings, loop: loop) } catch {
            throw CommandError(.inputOutput, "\(error)")
        }
        if store.report.setAside > 0 {
            journal.error("the outbox was damaged: it is set aside beside \(settings.path), and a new one is begun")
        }
        if configuration.logLevel == .debug {
            await store.observeCommits { lane, numbers in
                journal.debug("committed \(lane.name) \(numbers.lowerBound)..\(numbers.upperBound)")
            }
        }
        return store
    }

    private static func makeSession(
        _ configuration: Configuration, store: Store, desk: CommandDesk, on loop: EventLoop
    ) -> BrokerSession {
        let gateway = configuration.home.gateway
        var settings = SessionSettings(root: "homeward/1/\(gateway)/")
        settings.statusMembers = JSONText.members { $0.member("version", Version.text) }
        settings.hearsCommands = true
        let link = MosquittoLink(
            settings: configuration.broker.settings(clientID: "homeward-\(gateway)"), loop: loop)
        return BrokerSession(settings: settings, store: store, link: link, loop: loop) { name, payload in
            desk.take(name, payload)
        }
    }

    func run(until signals: Signals) async throws -> ExitCode {
        let session = session
        let agent = agent
        Task(executorPreference: brokerThread.loop) { await session.run() }
        let devices = Task(executorPreference: loop) { [outside] in
            await agent.run { outside.connections() }
        }
        journal.notice("homeward \(Version.text) started")
        ServiceNotification.ready()
        await serve(until: signals)
        return await stop(devices)
    }

    /// Feeds the watchdog and tells of changes at the broker until a signal asks for the end.
    private func serve(until signals: Signals) async {
        let watchdog = Watchdog([Watchdog.Worker(loop), Watchdog.Worker(storeThread.loop)])
        let interval = min(Self.watchdogInterval, (ServiceNotification.watchdogInterval ?? .seconds(30)) / 3)
        var brokerNews = BrokerNews(journal: journal)
        var feedAt = loop.now
        while true {
            switch await signals.next(before: min(feedAt, loop.now + .seconds(1))) {
            case .terminate?, .interrupt?: return
            case .hangUp?:
                journal.notice("SIGHUP: the configuration is read at the start only; restart to change it")
            case nil: break
            }
            brokerNews.tell(session.status)
            guard loop.now >= feedAt else { continue }
            feedAt = loop.now + interval
            for name in watchdog.check() { journal.error("the \(name) loop does not get on") }
        }
    }

    /// Close the door and farewell (2 s), hand over (3 s), commit (1 s), one line.
    private func stop(_ devices: Task<Void, Never>) async -> ExitCode {
        ServiceNotification.stopping()
        journal.notice("stopping")
        await agent.stop()
        await devices.value
        let session = session
        let store = store
        let deadline = brokerThread.loop.now + Self.handOverMax
        let handedOver = await within(Self.handOverMax + .milliseconds(500)) {
            await session.stop(before: deadline)
        }
        let kept = await within(Self.keepMax) { await store.close() }
        let left = session.status.lanes.values.reduce(0) { $0 + $1.depth }
        journal.notice(
            "stopped: \(left) messages wait in the outbox\(handedOver ? "" : "; the broker did not answer in time")"
        )
        return kept ? .success : .temporary
    }

    /// Waits for work on another loop, but not longer than that.
    private func within(_ limit: Duration, _ work: @escaping @Sendable () async -> Void) async -> Bool {
        let deadline = loop.now + limit
        let finished = Flag()
        Task(executorPreference: loop) {
            await work()
            finished.set()
        }
        while !finished.isSet, loop.now < deadline { await loop.sleep(until: loop.now + .milliseconds(10)) }
        return finished.isSet
    }
}
