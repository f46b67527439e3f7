import Glibc
import Loop
import Synchronization
import Vitals

/// Real time and descriptors, by `poll`, for tests of the real link.
final class PollWaiter: Waiter {
    private struct Entry {
        let watch: Watch
        var interest: Interest
        let handler: () -> Void
    }

    private let wakeReading: Int32
    private let wakeWriting: Int32
    private let hasFailed: Bool
    // Touched only on the loop's thread.
    nonisolated(unsafe) private var entries: [Entry] = []
    nonisolated(unsafe) private var numbers: UInt32 = 0

    init() {
        var ends: [Int32] = [-1, -1]
        hasFailed = unsafe pipe(&ends) != 0
        for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        wakeReading = ends[0]
        wakeWriting = ends[1]
    }

    deinit {
        close(wakeReading)
        close(wakeWriting)
    }

    var now: Instant {
        var time = timespec()
        unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    func wait(until deadline: Instant) {
        var polled = [pollfd(fd: wakeReading, events: Int16(POLLIN), revents: 0)]
        for entry in unsafe entries {
            var events: Int32 = 0
            if entry.interest.contains(.readable) { events |= POLLIN }
            if entry.interest.contains(.writable) { events |= POLLOUT }
            polled.append(pollfd(fd: entry.watch.descriptor, events: Int16(events), revents: 0))
        }
        let left = deadline == .never ? 1000 : min(1000, max(0, (deadline - now).wholeMilliseconds + 1))
        let isAtOnce = deadline <= now
        _ = unsafe poll(&polled, nfds_t(polled.count), isAtOnce ? 0 : Int32(left))
        var bytes = [UInt8](repeating: 0, count: 64)
        _ = unsafe read(wakeReading, &bytes, bytes.count)
        let ready = unsafe zip(polled.dropFirst(), entries).filter { $0.0.revents != 0 }.map(\.1)
        for entry in ready where unsafe entries.contains(where: { $0.watch == entry.watch }) { entry.handler() }
    }

    func wake() {
        var byte: UInt8 = 1
        _ = unsafe write(wakeWriting, &byte, 1)
    }

    func watch(
        _ descriptor: Int32, for interest: Interest, _ handler: @escaping () -> Void
    ) throws(WatchError) -> Watch {
        guard !hasFailed else { throw WatchError(descriptor: descriptor, errno: EBADF) }
        unsafe numbers += 1
        let watch = unsafe Watch(number: numbers, descriptor: descriptor)
        unsafe entries.append(Entry(watch: watch, interest: interest, handler: handler))
        return watch
    }

    func change(_ watch: Watch, to interest: Interest) throws(WatchError) {
        guard let index = unsafe entries.firstIndex(where: { $0.watch == watch }) else { return }
        unsafe entries[index].interest = interest
    }

    func end(_ watch: Watch) { unsafe entries.removeAll { $0.watch == watch } }
}
