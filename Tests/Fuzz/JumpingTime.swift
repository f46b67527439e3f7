import Loop
import Synchronization
import Vitals

/// Time that jumps to the next deadline, so that half a minute of silence takes none.
final class JumpingTime: Waiter {
    private let clock = Atomic<Int64>(0)
    private let isWoken = Atomic<Bool>(false)

    var now: Instant { Instant(nanoseconds: clock.load(ordering: .relaxed)) }

    func wait(until deadline: Instant) {
        if isWoken.exchange(false, ordering: .acquiringAndReleasing) { return }
        precondition(deadline != .never, "everybody waits, and nothing will ever come")
        if deadline > now { clock.store(deadline.nanoseconds, ordering: .relaxed) }
    }

    func wake() { isWoken.store(true, ordering: .releasing) }

    func watch(_ descriptor: Int32, for interest: Interest, _ handler: @escaping () -> Void) throws(WatchError)
        -> Loop.Watch
    { throw WatchError(descriptor: descriptor, errno: 95) }

    func change(_ watch: Loop.Watch, to interest: Interest) throws(WatchError) {}
    func end(_ watch: Loop.Watch) {}
}
