import CLinux
public import Loop
import Synchronization

/// A thread of its own for a loop.
///
/// No signal is handled on it: all are blocked but those of faults.
public final class LoopThread: Sendable {
    public let loop: EventLoop
    private let body: Body
    /// `nil` once joined or let go.
    private let thread: Mutex<UInt?>

    /// Begins to run at once. The kernel shows the first 15 bytes of the name.
    public init(name: String, stackSizeBytes: Int = 512 * 1024) throws(SystemError) {
        let loop = EventLoop(name: name, waiter: try KernelWaiter())
        let body = Body(loop)
        self.loop = loop
        self.body = body
        var started: UInt = 0
        let argument = unsafe Unmanaged.passRetained(body)
        let result = unsafe clinux_thread_start(
            &started, stackSizeBytes, name, runBody, argument.toOpaque())
        thread = Mutex(result == 0 ? started : nil)
        guard result == 0 else {
            let error = SystemError.last("pthread_create", "thread '\(name)'")
            unsafe argument.release()
            throw error
        }
    }

    /// The loop ends after the turn it is in. Tasks that wait on it wait for ever. From any thread.
    public func stop() {
        body.isStopping.store(true, ordering: .releasing)
        loop.waiter.wake()
    }

    /// Waits for the end of the thread. From any thread but its own. May be called twice.
    public func join() {
        guard let joined = thread.withLock({ $0.take() }) else { return }
        precondition(clinux_is_current_thread(joined) == 0, "a thread cannot wait for its own end")
        _ = clinux_thread_join(joined)
    }

    deinit {
        body.isStopping.store(true, ordering: .releasing)
        body.loop.waiter.wake()
        if let left = thread.withLock({ $0.take() }) { _ = clinux_thread_detach(left) }
    }

    fileprivate final class Body: Sendable {
        let loop: EventLoop
        let isStopping = Atomic<Bool>(false)

        init(_ loop: EventLoop) { self.loop = loop }

        func run() { loop.run { isStopping.load(ordering: .acquiring) } }
    }
}

// Called by C on the new thread: it belongs to no actor.
private nonisolated func runBody(_ argument: UnsafeMutableRawPointer?) {
    guard let argument = unsafe argument else { return }
    unsafe Unmanaged<LoopThread.Body>.fromOpaque(argument).takeRetainedValue().run()
}
