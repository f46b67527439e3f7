import CLinux
import Glibc
public import Loop
public import Vitals

/// One connection of a local socket, as lines. Stays on the loop that it was opened on; one task receives.
public final class LocalSocketLine: CommandLineLink {
    public let peer: String
    private let loop: EventLoop
    private let lineBytesMax: Int
    /// `nil` once closed.
    private var socket: FileDescriptor?
    private var watch: Watch?
    private var received: [UInt8] = []
    /// Received bytes that are known to hold no line feed.
    private var searched = 0
    private var unsent: [UInt8] = []
    private var resumeReceiver: (() -> Void)?
    private var hasEnded = false
    /// Closed as soon as what is unsent is gone.
    private var isLeaving = false

    /// A longer line ends the connection.
    public static let lineBytesMax = 16 * 1024
    public static let unsentBytesMax = 256 * 1024
    private static let readBytesMax = 16 * 1024

    init(
        _ socket: consuming FileDescriptor, peer: String, lineBytesMax: Int = lineBytesMax, on loop: EventLoop
    ) throws(LocalSocketError) {
        self.peer = peer
        self.loop = loop
        self.lineBytesMax = lineBytesMax
        let number = socket.number
        self.socket = consume socket
        do throws(WatchError) {
            watch = try loop.waiter.watch(number, for: []) { [weak self] in self?.becameReady() }
        } catch {
            throw .system(SystemError(call: "epoll_ctl", errno: error.errno, subject: "a local socket"))
        }
    }

    deinit { if let watch { loop.waiter.end(watch) } }

    // MARK: CommandLineLink

    /// The client may still be sent to when it has only ended its own side.
    public var isOpen: Bool { socket != nil && !hasEnded && !isLeaving }

    public func receiveLine(before deadline: Instant) async -> [UInt8]? {
        while true {
            if let line = nextLine() { return line }
            guard isOpen else { return nil }
            if read() { continue }
            guard isOpen, loop.now < deadline else { return nil }
            _ = await loop.wait(before: deadline) { resume in
                resumeReceiver = resume
                apply()
            }
            resumeReceiver = nil
            apply()
        }
    }

    public func sendLine(_ line: [UInt8]) -> Bool {
        guard socket != nil, !isLeaving, unsent.count + line.count < Self.unsentBytesMax else { return false }
        unsent += line
        unsent.append(0x0A)
        flush()
        return socket != nil
    }

    public func close() {
        guard socket != nil else { return }
        isLeaving = true
        if unsent.isEmpty { drop() } else { apply() }
        resumeReceiver?()
    }

    /// Closes now; what is unsent is lost.
    func drop() {
        if let watch = watch.take() { loop.waiter.end(watch) }
        socket = nil
        unsent = []
        resumeReceiver?()
    }

    var isDropped: Bool { socket == nil }
    var isLingering: Bool { socket != nil && isLeaving }

    // MARK: Steps

    private func becameReady() {
        if !unsent.isEmpty { flush() }
        resumeReceiver?()
        // Who waits for nothing watches nothing: a hang-up would be told for ever.
        apply()
    }

    private func apply() {
        guard let watch else { return }
        var interest: Interest = []
        if resumeReceiver != nil { interest.insert(.readable) }
        if !unsent.isEmpty { interest.insert(.writable) }
        do throws(WatchError) {
            try loop.waiter.change(watch, to: interest)
        } catch {
            drop()
        }
    }

    /// The kernel takes what it takes; the rest goes when it can be written.
    private func flush() {
        while !unsent.isEmpty, let number = socket?.number {
            let sent = unsafe unsent.withUnsafeBytes { buffer in
                unsafe clinux_socket_send(number, buffer.baseAddress, buffer.count)
            }
            if sent >= 0 {
                unsent.removeFirst(sent)
            } else if errno == EAGAIN {
                break
            } else if errno != EINTR {
                return drop()
            }
        }
        if unsent.isEmpty, isLeaving { drop() } else { apply() }
    }

    /// Whether anything came.
    private func read() -> Bool {
        do throws(SystemError) {
            switch try socket?.read(upTo: Self.readBytesMax) {
            case .bytes(let bytes):
                received += bytes
                return true
            case .wouldBlock: return false
            case .end, nil: hasEnded = true
            }
        } catch {
            hasEnded = true
        }
        return false
    }

    private func nextLine() -> [UInt8]? {
        guard let end = received[searched...].firstIndex(of: 0x0A) else {
            searched = received.count
            // Not ours to understand any more.
            if searched > lineBytesMax { drop() }
            return nil
        }
        let line = Array(received[..<end])
        received.removeSubrange(...end)
        searched = 0
        guard line.count <= lineBytesMax else {
            drop()
            return nil
        }
        return line
    }
}
