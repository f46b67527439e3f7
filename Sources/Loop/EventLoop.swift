import Synchronization
public import Vitals

#if canImport(Glibc)
    import Glibc
#endif

/// One thread that runs actors and tasks, due timers and ready descriptors, in that order.
///
/// An actor whose executor this is runs here and nowhere else. Nothing in it is called by two threads at once
/// but ``enqueue(_:)``.
public final class EventLoop: SerialExecutor, TaskExecutor {
    public let name: String
    public let waiter: any Waiter

    private let inbox = Mutex<[UnownedJob]>([])
    private let owner = Atomic<UInt>(0)
    private let progress = Atomic<UInt64>(0)
    // Touched only on the loop's thread, which `checkIsolated` watches over.
    nonisolated(unsafe) private var timers = TimerQueue()
    nonisolated(unsafe) private var jobs: [UnownedJob] = []

    public init(name: String, waiter: any Waiter) {
        self.name = name
        self.waiter = waiter
    }

    public var now: Instant { waiter.now }
    /// Turns of the loop so far, from any thread. It stands still while the loop waits.
    public var turns: UInt64 { progress.load(ordering: .relaxed) }

    // MARK: Executor

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let wasEmpty = inbox.withLock { inbox in
            inbox.append(job)
            return inbox.count == 1
        }
        if wasEmpty, !isCurrent { waiter.wake() }
    }

    public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        unsafe UnownedSerialExecutor(ordinary: self)
    }

    public func checkIsolated() { precondition(isCurrent, "this belongs to the loop '\(name)'") }

    public func isIsolatingCurrentContext() -> Bool? { isCurrent }

    private var isCurrent: Bool { owner.load(ordering: .relaxed) == ThreadMark.current }

    // MARK: Running

    /// Runs on the calling thread until `isDone`, which is asked first and after each turn. Tasks that still wait
    /// then go on when it is run again, on whichever thread.
    public func run(until isDone: () -> Bool) {
        let (isFree, _) = owner.compareExchange(expected: 0, desired: ThreadMark.current, ordering: .acquiring)
        precondition(isFree, "the loop '\(name)' runs already")
        defer { owner.store(0, ordering: .releasing) }
        guard !isDone() else { return }
        while true {
            let hasMore = runTurn()
            progress.add(1, ordering: .relaxed)
            if isDone() { return }
            // A busy loop still looks at its descriptors, without waiting.
            waiter.wait(until: hasMore ? .boot : unsafe timers.nextDeadline)
        }
    }

    /// One turn without waiting: the jobs that are there, then the timers that are due. `true` when more is left.
    private func runTurn() -> Bool {
        inbox.withLock { inbox in unsafe swap(&inbox, &jobs) }
        for job in unsafe jobs {
            unsafe job.runSynchronously(
                isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
        }
        unsafe jobs.removeAll(keepingCapacity: true)
        // One timer, then the jobs that it made ready, so that equal deadlines keep their order.
        if let fire = unsafe timers.popFirst(dueBy: now) { fire() }
        let nextDeadline = unsafe timers.nextDeadline
        return nextDeadline <= now || inbox.withLock { !$0.isEmpty }
    }

    // MARK: Waiting

    public enum Outcome: Hashable, Sendable { case ready, deadline }

    /// Suspends until `start`'s callback is called, or `deadline`. Whichever comes second is ignored.
    ///
    /// The callback must be called on this loop, and may be called from within `start`.
    public func wait(before deadline: Instant, _ start: (@escaping () -> Void) -> Void) async -> Outcome {
        checkIsolated()
        return await withCheckedContinuation { continuation in
            let wait = Wait(continuation)
            if deadline != .never { wait.ticket = unsafe timers.insert(at: deadline) { wait.end(.deadline) } }
            start { [self] in
                if let ticket = wait.ticket { unsafe timers.remove(ticket) }
                wait.end(.ready)
            }
        }
    }

    /// Suspends until then. Every actor of this loop goes on meanwhile.
    public func sleep(until deadline: Instant) async { _ = await wait(before: deadline) { _ in } }

    private final class Wait {
        private var continuation: CheckedContinuation<Outcome, Never>?
        var ticket: TimerQueue.Ticket?

        init(_ continuation: CheckedContinuation<Outcome, Never>) { self.continuation = continuation }

        func end(_ outcome: Outcome) { continuation.take()?.resume(returning: outcome) }
    }
}

/// An actor that lives on a loop: it says only `nonisolated let loop`.
public protocol LoopActor: Actor {
    nonisolated var loop: EventLoop { get }
}

extension LoopActor {
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }
}

/// A number that tells threads apart.
enum ThreadMark {
    static var current: UInt { UInt(pthread_self()) }
}
