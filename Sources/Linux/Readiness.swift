public import Loop
public import Vitals

/// Waits on a loop until one descriptor can be read or written.
///
/// Watches only while somebody waits or has just waited: a descriptor that is ready for ever, such as one that
/// was hung up, costs one event and not a busy loop. Call ``end()`` before the descriptor is closed.
public final class Readiness {
    private let loop: EventLoop
    private let descriptor: Int32
    private var watch: Watch?
    private var isEnded = false
    private var waits: [(number: UInt64, interest: Interest, resume: () -> Void)] = []
    private var numbers: UInt64 = 0

    public init(of descriptor: Int32, on loop: EventLoop) throws(WatchError) {
        self.loop = loop
        self.descriptor = descriptor
        watch = try loop.waiter.watch(descriptor, for: .readable) { [weak self] in self?.becameReady() }
    }

    /// Returns when it may be ready, at once after ``end()``, or at the deadline. Look, and wait again.
    public func wait(for interest: Interest, before deadline: Instant) async -> EventLoop.Outcome {
        if isEnded { return .ready }
        numbers += 1
        let number = numbers
        var isWatched = true
        let outcome = await loop.wait(before: deadline) { resume in
            // Only here: a task that belongs to no actor may have let the loop turn on its way.
            waits.append((number, interest, resume))
            isWatched = apply(interests)
            if !isWatched || isEnded { resume() }
        }
        waits.removeAll { $0.number == number }
        return isWatched ? outcome : await nap(before: deadline)
    }

    /// Ends every wait. May be called twice.
    public func end() {
        isEnded = true
        if let watch = watch.take() { loop.waiter.end(watch) }
        resumeAll()
    }

    private var interests: Interest {
        waits.reduce(into: []) { all, wait in all.formUnion(wait.interest) }
    }

    /// `false` when the kernel will not watch it.
    private func apply(_ interest: Interest) -> Bool {
        guard let watch else { return true }
        do throws(WatchError) {
            try loop.waiter.change(watch, to: interest)
            return true
        } catch {
            return false
        }
    }

    /// The kernel has no room to watch one more: look again from time to time.
    private func nap(before deadline: Instant) async -> EventLoop.Outcome {
        await loop.sleep(until: min(deadline, loop.now + .milliseconds(100)))
        return loop.now < deadline ? .ready : .deadline
    }

    /// Nobody waits: stop watching until somebody does.
    private func becameReady() {
        if waits.isEmpty { _ = apply([]) } else { resumeAll() }
    }

    private func resumeAll() {
        let woken = waits
        waits = []
        for wait in woken { wait.resume() }
    }
}
