import CLinux
import Glibc
public import Loop
public import Vitals

/// A wish of the service manager or of the user, sent as a signal.
public enum Signal: Hashable, Sendable, CaseIterable, CustomStringConvertible {
    /// SIGTERM.
    case terminate
    /// SIGINT: Ctrl-C.
    case interrupt
    /// SIGHUP: read the configuration again.
    case hangUp

    public var number: Int32 {
        switch self {
        case .terminate: SIGTERM
        case .interrupt: SIGINT
        case .hangUp: SIGHUP
        }
    }

    public var description: String {
        switch self {
        case .terminate: "SIGTERM"
        case .interrupt: "SIGINT"
        case .hangUp: "SIGHUP"
        }
    }
}

/// Signals as values, awaited on a loop.
///
/// One that comes while nobody waits is kept, also a second of the same kind. (The kernel itself makes one of
/// several that come before the loop has turned.)
public final class Signals {
    private let descriptor: FileDescriptor
    private let readiness: Readiness
    private var kept: [Signal] = []

    /// Call it first in the program: only threads started afterwards leave these signals, and SIGPIPE, alone.
    public static func block() throws(SystemError) {
        let numbers = Signal.allCases.map(\.number) + [SIGPIPE]
        guard unsafe clinux_block_signals(numbers, Int32(numbers.count)) == 0 else {
            throw .last("pthread_sigmask", "this thread")
        }
    }

    /// Blocks them on the calling thread as well.
    public init(on loop: EventLoop) throws(SystemError) {
        try Self.block()
        let numbers = Signal.allCases.map(\.number)
        let number = unsafe clinux_signalfd(numbers, Int32(numbers.count))
        guard number >= 0 else { throw .last("signalfd", "signals") }
        descriptor = FileDescriptor(owning: number)
        do throws(WatchError) {
            readiness = try Readiness(of: number, on: loop)
        } catch {
            throw SystemError(call: "epoll_ctl", errno: error.errno, subject: "signals")
        }
    }

    deinit { readiness.end() }

    /// The next one, `nil` when `deadline` came first.
    public func next(before deadline: Instant) async -> Signal? {
        while true {
            collect()
            if !kept.isEmpty { return kept.removeFirst() }
            if await readiness.wait(for: .readable, before: deadline) == .deadline, kept.isEmpty { return nil }
        }
    }

    /// The next one, however long it takes.
    public func next() async -> Signal {
        while true {
            if let signal = await next(before: .never) { return signal }
        }
    }

    private func collect() {
        while case let number = clinux_signalfd_read(descriptor.number), number > 0 {
            kept.append(contentsOf: Signal.allCases.filter { $0.number == number })
        }
    }
}
