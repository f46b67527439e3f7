public import Loop
import Synchronization
import Vitals

/// How the store keeps what it is given.
public struct StoreSettings: Hashable, Sendable {
    /// The database; `:memory:` keeps nothing beyond the process. What is set aside lies beside it.
    public var path: String
    /// How long a reading or a waveform waits at most for others to share its commit.
    public var commitIntervalMilliseconds = 2
    /// Payload beyond which the oldest waveforms, then the oldest readings, are evicted.
    public var outboxBytesMax: Int64 = 512 << 20
    /// Names this start of the box (`/proc/sys/kernel/random/boot_id`): instants hold only within one.
    public var boot: String

    public init(path: String, boot: String) {
        self.path = path
        self.boot = boot
    }
}

/// The one owner of the outbox: takes what the device loop brings, gives it to the broker session, and lets go of
/// it only when told that a broker has it.
public actor Store: LoopActor, Courier {
    public nonisolated let loop: EventLoop
    let settings: StoreSettings
    let outbox: Outbox
    var ballast: Ballast?
    var pending: [Waiting] = []
    var deletions: Set<MessageKey> = []
    var isCommitting = false
    var isDeleting = false
    var isFailing = false
    /// The connection to the file was given up after a fault, and there is no sound new one yet.
    var needsReopening = false
    /// What is being committed is on disk: set by the commit itself, or by a look at the file after a fault.
    var isCommitThere = false
    var faults = FaultCount()
    let company: Bell
    private(set) var isConnected = false
    private var states: StateBoard
    private var work = Work()
    /// The next numbers of the lanes when somebody was told of them last.
    private var nextSeqs = [Int64](repeating: 0, count: Lane.allCases.count)
    private var workWaiters: [() -> Void] = []
    private let snapshot = Mutex(StoreReport())
    private var observer: (@Sendable (Lane, ClosedRange<Int64>) -> Void)?

    /// One ``accept(_:keeping:)`` that has not returned.
    final class Waiting {
        let batch: Outbox.Batch
        let isUrgent: Bool
        /// May come before anyone waits for it: the commit is a task of its own.
        var isDone = false
        var done: (() -> Void)?

        init(_ batch: Outbox.Batch) {
            self.batch = batch
            isUrgent = batch.drafts.contains { $0.lane <= .session }
        }
    }

    struct FaultCount {
        var count: UInt64 = 0
        var last: String?
        var since: Instant?
        var setAside: UInt64 = 0
    }

    /// Opens the outbox on the loop's own thread. A damaged file is set aside; a newer one is refused.
    public static func open(
        settings: StoreSettings, loop: EventLoop,
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) async throws(OutboxError) -> Store {
        let store = try await Opening(loop: loop).open(settings, random)
        await store.begin()
        return store
    }

    private actor Opening: LoopActor {
        nonisolated let loop: EventLoop
        init(loop: EventLoop) { self.loop = loop }

        func open(
            _ settings: StoreSettings, _ random: any RandomNumberGenerator & Sendable
        ) throws(OutboxError) -> Store {
            try Store(settings, loop, random)
        }
    }

    private init(
        _ settings: StoreSettings, _ loop: EventLoop, _ random: any RandomNumberGenerator & Sendable
    ) throws(OutboxError) {
        self.loop = loop
        self.settings = settings
        company = Bell(on: loop)
        var random = random
        states = StateBoard(epoch: Envelope.randomName(using: &random))
        outbox = try Outbox(
            settings: Outbox.Settings(
                path: settings.path, bytesMax: settings.outboxBytesMax, boot: settings.boot),
            random: random)
        if outbox.isOnDisk { ballast = Ballast(path: settings.path + ".ballast") }
    }

    private func begin() {
        faults.setAside = UInt64(outbox.untold.count)
        if !outbox.untold.isEmpty { commitSoon() }
        updateReport()
    }

    // MARK: Courier

    public func accept(_ drafts: [Draft], keeping keepsakes: [Keepsake]) async {
        guard !drafts.isEmpty || !keepsakes.isEmpty else { return }
        let waiting = Waiting(Outbox.Batch(drafts: drafts, keepsakes: keepsakes))
        pending.append(waiting)
        commitSoon()
        _ = await loop.wait(before: .never) { resume in
            if waiting.isDone { resume() } else { waiting.done = resume }
        }
    }

    public func publish(state topic: String, schema: String, body: [UInt8]) async {
        states.set(topic, schema: schema, body: body)
        work.stateArrived()
        wakeWorkers()
    }

    public func keepsakes(withPrefix prefix: String) async -> [Keepsake] {
        for _ in 0 ..< 3 {
            do throws(DatabaseError) { return try outbox.keepsakes(withPrefix: prefix) } catch { mend(error) }
        }
        return []
    }

    // MARK: For the session

    /// Messages of a lane beyond `last`, but for those whose topic is to be skipped.
    func next(after last: MessageKey, limit: Int, skipping topics: Set<String>) -> LanePage {
        do throws(DatabaseError) {
            return try outbox.page(after: last, limit: limit) { key, topic in
                !topics.contains(topic) && !deletions.contains(key)
            }
        } catch {
            mend(error)
            workArrivesLater()
            return LanePage(last: last, isEnd: true)
        }
    }

    /// The oldest message of one topic.
    func first(_ lane: Lane, topic: String) -> StoredMessage? {
        do throws(DatabaseError) {
            return try outbox.first(lane, topic: topic) { !deletions.contains($0) }
        } catch {
            mend(error)
            workArrivesLater()
            return nil
        }
    }

    /// A broker has them. They go with the next commit, or soon.
    func delivered(_ keys: [MessageKey]) async {
        deletions.formUnion(keys.filter { $0.generation == outbox.generation })
        deleteSoon()
        while deletions.count > Self.deletionsMax { await loop.sleep(until: loop.now + Self.deletionPause) }
    }

    func connection(isUp: Bool) {
        isConnected = isUp
        if isUp { states.makeAllDue() }
    }

    func nextStates(limit: Int) -> [StateMessage] { states.take(limit) }
    func delivered(_ message: StateMessage) { states.delivered(message) }

    /// Sends a state again that the broker refused.
    func refused(_ message: StateMessage) { states.makeDue(message.topic) }

    /// Suspends until there is more to send than when it returned `last`.
    func waitForWork(after last: Work) async -> Work {
        _ = await loop.wait(before: .never) { resume in
            if work == last { workWaiters.append(resume) } else { resume() }
        }
        return work
    }

    /// Anywhere, as far as is known.
    func workArrived() {
        work.arrivedEverywhere()
        wakeWorkers()
    }

    /// In the lanes that have grown.
    func lanesGrew() {
        for book in outbox.books where nextSeqs[book.lane.rawValue] != book.nextSeq {
            nextSeqs[book.lane.rawValue] = book.nextSeq
            work.arrived(in: book.lane)
        }
        wakeWorkers()
    }

    private func wakeWorkers() {
        let woken = workWaiters
        workWaiters = []
        for resume in woken { resume() }
    }

    private func workArrivesLater() {
        Task(executorPreference: loop) { [self] in
            await loop.sleep(until: loop.now + Self.readPause)
            await workArrived()
        }
    }

    // MARK: Report

    /// As it was after the last change. Can be asked from any thread, also while the store is blocked by its disk.
    public nonisolated var report: StoreReport { snapshot.withLock { $0 } }

    func updateReport() {
        var report = StoreReport()
        report.epoch = outbox.epoch
        for book in outbox.books {
            report.lanes[book.lane] = StoreReport.Lane(
                depth: book.rows, bytes: book.bytes, oldestAt: (try? outbox.oldest(book.lane)) ?? nil,
                committed: book.committed, delivered: book.delivered, evicted: book.evicted)
        }
        report.faults = faults.count
        report.faultLast = faults.last
        report.failingSince = faults.since
        report.setAside = faults.setAside
        report.statesDropped = states.dropped
        let before = snapshot.withLock { old in
            defer { old = report }
            return old
        }
        guard let observer, before.epoch == report.epoch else { return }
        for lane in Lane.allCases {
            let first = (before.lanes[lane]?.committed ?? 0) + 1
            let last = report.lanes[lane]?.committed ?? 0
            if first <= last { observer(lane, first ... last) }
        }
    }

    /// Calls it after each commit with the numbers that are on disk now, before anybody is told otherwise.
    public func observeCommits(_ observer: @escaping @Sendable (Lane, ClosedRange<Int64>) -> Void) {
        self.observer = observer
    }

    static let deletionPause: Duration = .milliseconds(50)
    /// Deletions that wait at most; then whoever delivers more waits.
    private static let deletionsMax = 4096
    private static let readPause: Duration = .seconds(1)
}
