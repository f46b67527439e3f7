import CLinux
import DriverKit
import Glibc
import Loop
import Vitals

/// A socket of the kernel's that carries whole packets, one a chunk. Stays on the loop that it was opened on.
///
/// One task receives; another may send meanwhile.
final class PacketSocket: Link {
    /// What the bytes are, for errors and for chunks.
    struct Manner: Sendable {
        /// `C4:B5:00:11:22:33`, `the management channel`
        let name: String
        let channel: Channel
        let packetBytesMax: Int
        /// Its connection was asked for with encryption.
        var isEncrypted = false
        let switches: RadioSwitches
    }

    private let loop: EventLoop
    private let manner: Manner
    /// `nil` once closed.
    private var socket: FileDescriptor?
    private let readiness: Readiness
    /// One byte more than a packet may have, so that a longer one is noticed.
    private var room: [UInt8]
    /// The connection ended with that; what had come before is given first.
    private var ending: LinkError?
    private var step: BluetoothFailure.Step
    private var packetsDropped: UInt32 = 0

    /// How long the kernel may refuse to take a packet.
    static let sendLimit: Duration = .seconds(5)

    init(
        _ socket: consuming FileDescriptor, _ manner: Manner, at step: BluetoothFailure.Step, on loop: EventLoop
    ) throws(LinkError) {
        self.loop = loop
        self.step = step
        self.manner = manner
        room = [UInt8](repeating: 0, count: manner.packetBytesMax + 1)
        do throws(WatchError) {
            readiness = try Readiness(of: socket.number, on: loop)
        } catch {
            throw .system(call: "epoll_ctl", errno: error.errno, manner.name)
        }
        self.socket = consume socket
    }

    deinit { readiness.end() }

    var channels: [Channel] { [manner.channel] }

    /// Packets that the kernel had no room for, since nobody read.
    var lineErrors: LineErrors { LineErrors(overruns: Int(packetsDropped)) }

    // MARK: Link

    func receive(before deadline: Instant) async throws(LinkError) -> Chunk? {
        while true {
            if let chunk = try read() { return chunk }
            // What has come in time is not silence: it was looked for just now.
            if loop.now >= deadline { return nil }
            _ = await readiness.wait(for: .readable, before: deadline)
        }
    }

    func send(_ bytes: [UInt8], to channel: Channel) async throws(LinkError) {
        let deadline = loop.now + Self.sendLimit
        while true {
            guard let number = socket?.number else { throw .closed }
            if let ending { throw ending }
            let sent = unsafe bytes.withUnsafeBytes { buffer in
                unsafe clinux_socket_send(number, buffer.baseAddress, buffer.count)
            }
            if sent >= 0 { return }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                guard await readiness.wait(for: .writable, before: deadline) == .deadline else { continue }
                throw .bluetooth(
                    .noAnswer, "\(manner.name): \(bytes.count) bytes not taken in \(Self.sendLimit)")
            default: throw failure("send", errno)
            }
        }
    }

    func close() {
        guard socket != nil else { return }
        readiness.end()
        socket = nil
    }

    // MARK: Steps

    /// Returns when the kernel says that it is connected.
    func connected(before deadline: Instant, silence: LinkError) async throws(LinkError) {
        while true {
            guard let number = socket?.number else { throw .closed }
            switch clinux_bluetooth_connected(number) {
            case 1:
                step = .connected
                return
            case 0: break
            default: throw failure("connect", errno)
            }
            guard loop.now < deadline else { throw silence }
            _ = await readiness.wait(for: .writable, before: deadline)
        }
    }

    /// `nil`: nothing there.
    private func read() throws(LinkError) -> Chunk? {
        guard let number = socket?.number else { throw .closed }
        while true {
            var isCut: Int32 = 0
            let count = unsafe room.withUnsafeMutableBytes { buffer in
                unsafe clinux_packet_read(number, buffer.baseAddress, buffer.count, &isCut, &packetsDropped)
            }
            if count > manner.packetBytesMax || isCut != 0 {
                throw .bluetooth(
                    .protocolError, "\(manner.name): a packet of more than \(manner.packetBytesMax) bytes")
            }
            if count > 0 { return Chunk(Array(room[..<count]), from: manner.channel, at: loop.now) }
            // A socket that ended says why once; then it gives what came before, and then nothing for ever.
            if count == 0 { throw ending ?? failure("read", ENOTCONN) }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                if let ending { throw ending }
                return nil
            case let number:
                if let ending { throw ending }
                ending = failure("read", number)
            }
        }
    }

    private func failure(_ call: String, _ errno: Int32) -> LinkError {
        BluetoothFailure.error(
            call, errno, manner.name, at: step, isEncrypted: manner.isEncrypted, manner.switches)
    }
}
