import CLinux
import Glibc
public import Loop
import Synchronization
public import Vitals

/// Waits in the kernel (epoll) for descriptors and for time on `CLOCK_BOOTTIME`.
///
/// Used by one thread, the loop's; only ``now`` and ``wake()`` may be called from others. The kernel's own
/// timeouts do not count suspended time: the clock is looked at every ``napMax``, so that a deadline that passed
/// while the box was suspended is met at most that much later.
public final class KernelWaiter: Waiter {
    private let epoll: FileDescriptor
    private let bell: FileDescriptor
    /// A ring that is on its way: further ones are the same ring.
    private let isWoken = Atomic<Bool>(false)

    // Touched only on the loop's thread.
    nonisolated(unsafe) private var registrations: [UInt32: Registration] = [:]
    nonisolated(unsafe) private var numbers = bellNumber
    nonisolated(unsafe) private var events: [clinux_event] = .init(repeating: clinux_event(), count: batchMax)

    private static let bellNumber: UInt32 = 0
    private static let batchMax = 64
    /// The longest wait in one piece, when there is a deadline at all.
    public static let napMax: Duration = .seconds(10)

    private struct Registration {
        let descriptor: Int32
        var interest: Interest
        let handler: () -> Void
    }

    public init() throws(SystemError) {
        let epoll = clinux_epoll_create()
        guard epoll >= 0 else { throw .last("epoll_create", "a new loop") }
        self.epoll = FileDescriptor(owning: epoll)
        let bell = clinux_eventfd()
        guard bell >= 0 else { throw .last("eventfd", "a new loop") }
        self.bell = FileDescriptor(owning: bell)
        guard clinux_epoll_control(epoll, 0, bell, 1, UInt64(Self.bellNumber)) == 0 else {
            throw .last("epoll_ctl", "the bell of a new loop")
        }
    }

    public var now: Instant { Instant(nanoseconds: clinux_boottime_ns()) }

    // MARK: Waiting

    public func wait(until deadline: Instant) {
        while true {
            let found = unsafe clinux_epoll_wait(
                epoll.number, &events, Int32(Self.batchMax), timeoutNanoseconds(until: deadline))
            if found > 0 { return handle(Int(found)) }
            // A signal, a nap, or a kernel that counts time more coarsely than we do: look at the clock again.
            let isInterrupted = found < 0 && errno == EINTR
            precondition(found == 0 || isInterrupted, "epoll_wait failed with errno \(errno)")
            if deadline <= now { return }
        }
    }

    /// 0 when it has passed, -1 when it never comes.
    private func timeoutNanoseconds(until deadline: Instant) -> Int64 {
        guard deadline != .never else { return -1 }
        return max(0, min(deadline - now, Self.napMax).wholeNanoseconds)
    }

    private func handle(_ count: Int) {
        for index in 0 ..< count {
            let number = UInt32(truncatingIfNeeded: unsafe events[index].number)
            if number == Self.bellNumber {
                hush()
            } else if let registration = unsafe registrations[number], !registration.interest.isEmpty {
                // Looked up for each event: a handler may have ended the ones that follow.
                registration.handler()
            }
        }
    }

    // MARK: Bell

    public func wake() {
        guard !isWoken.exchange(true, ordering: .acquiringAndReleasing) else { return }
        _ = clinux_eventfd_ring(bell.number)
    }

    // Read first, then open for the next ring: the other way round a ring could be swallowed for good.
    private func hush() {
        _ = clinux_eventfd_hush(bell.number)
        isWoken.store(false, ordering: .releasing)
    }

    // MARK: Descriptors

    public func watch(
        _ descriptor: Int32, for interest: Interest, _ handler: @escaping () -> Void
    ) throws(WatchError) -> Watch {
        let number = nextNumber()
        if !interest.isEmpty {
            try control(.add, Watch(number: number, descriptor: descriptor), interest)
        }
        unsafe registrations[number] = Registration(
            descriptor: descriptor, interest: interest, handler: handler)
        return Watch(number: number, descriptor: descriptor)
    }

    /// Without interest nothing is reported, not even a hang-up: the kernel would report one for ever.
    public func change(_ watch: Watch, to interest: Interest) throws(WatchError) {
        guard let registration = unsafe registrations[watch.number], registration.interest != interest else {
            return
        }
        let operation: Operation =
            if registration.interest.isEmpty { .add } else if interest.isEmpty { .delete } else { .change }
        try control(operation, watch, interest)
        unsafe registrations[watch.number]?.interest = interest
    }

    public func end(_ watch: Watch) {
        guard let registration = unsafe registrations.removeValue(forKey: watch.number),
            !registration.interest.isEmpty
        else { return }
        // Fails when the descriptor was closed before: then the kernel has forgotten it already.
        _ = clinux_epoll_control(epoll.number, Operation.delete.rawValue, watch.descriptor, 0, 0)
    }

    private enum Operation: Int32 { case add, change, delete }

    private func control(_ operation: Operation, _ watch: Watch, _ interest: Interest) throws(WatchError) {
        let result = clinux_epoll_control(
            epoll.number, operation.rawValue, watch.descriptor, UInt32(interest.rawValue), UInt64(watch.number))
        guard result == 0 else { throw WatchError(descriptor: watch.descriptor, errno: errno) }
    }

    /// After four thousand million watches they begin again; one that is still in use is passed over.
    private func nextNumber() -> UInt32 {
        repeat {
            unsafe numbers &+= 1
        } while unsafe numbers == Self.bellNumber || registrations[numbers] != nil
        return unsafe numbers
    }
}
