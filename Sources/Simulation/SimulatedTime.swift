public import Loop
import Synchronization
public import Vitals

/// Time that jumps to the next deadline as soon as nothing is left to do, so that a day takes a second.
///
/// A loop on it has one thread and no descriptors; two runs of the same seed are the same to the last job.
public final class SimulatedTime: Waiter {
    private let clock: Atomic<Int64>
    private let isWoken = Atomic<Bool>(false)
    /// Where time stops: waiting beyond it is a sign that everything is done.
    public let end: Instant

    public init(from start: Instant = .boot, until end: Instant = .boot + .seconds(10 * 365 * 86_400)) {
        clock = Atomic(start.nanoseconds)
        self.end = end
    }

    public var now: Instant { Instant(nanoseconds: clock.load(ordering: .relaxed)) }

    public func wait(until deadline: Instant) {
        if isWoken.exchange(false, ordering: .acquiringAndReleasing) { return }
        let next = min(deadline, end)
        if next > now { clock.store(next.nanoseconds, ordering: .relaxed) }
    }

    public func wake() { isWoken.store(true, ordering: .releasing) }

    public func watch(
        _ descriptor: Int32, for interest: Interest, _ handler: @escaping () -> Void
    ) throws(WatchError) -> Watch {
        throw WatchError(descriptor: descriptor, errno: 95)
    }

    public func change(_ watch: Watch, to interest: Interest) throws(WatchError) {}

    public func end(_ watch: Watch) {}
}

extension EventLoop {
    /// Runs `work` on a loop of its own in simulated time, and returns its result.
    public static func simulate<Result: Sendable>(
        until end: Instant = .boot + .seconds(10 * 365 * 86_400),
        _ work: @escaping @Sendable (EventLoop) async -> Result
    ) -> Result? {
        let time = SimulatedTime(until: end)
        let loop = EventLoop(name: "simulated", waiter: time)
        let box = Mutex<Result?>(nil)
        Task(executorPreference: loop) {
            let result = await work(loop)
            box.withLock { $0 = result }
        }
        loop.run { box.withLock { $0 != nil } || time.now >= end }
        return box.withLock { $0 }
    }
}
