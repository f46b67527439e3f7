import Glibc
public import Loop
public import Vitals

/// A connection to the daemon's local socket, line by line.
public final class TemporaryLocalLine {
    private let descriptor: FileDescriptor
    private let readiness: Readiness
    private let loop: EventLoop
    private var received: [UInt8] = []
    public private(set) var isOpen = true

    public init(path: String, on loop: EventLoop) throws(SystemError) {
        self.loop = loop
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | 0o2000000 | 0o4000, 0)
        guard number >= 0 else { throw .last("socket", path) }
        let descriptor = FileDescriptor(owning: number)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < 108 else { throw SystemError(call: "connect", errno: ENAMETOOLONG, subject: path) }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { room in
            for (index, byte) in bytes.enumerated() { unsafe room[index] = byte }
        }
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw .last("connect", path) }
        do throws(WatchError) { readiness = try Readiness(of: number, on: loop) } catch {
            throw SystemError(call: "epoll_ctl", errno: error.errno, subject: path)
        }
        self.descriptor = descriptor
    }

    public func receiveLine(before deadline: Instant) async -> [UInt8]? {
        while true {
            if let end = received.firstIndex(of: 0x0A) {
                let line = Array(received[..<end])
                received.removeFirst(end + 1)
                return line
            }
            guard isOpen else { return nil }
            do throws(SystemError) {
                switch try descriptor.read(upTo: 1 << 16, subject: "the daemon") {
                case .bytes(let bytes): received += bytes
                case .end: isOpen = false
                case .wouldBlock:
                    if await readiness.wait(for: .readable, before: deadline) == .deadline { return nil }
                }
            } catch {
                isOpen = false
            }
        }
    }

    public func sendLine(_ line: [UInt8]) -> Bool {
        guard isOpen else { return false }
        let bytes = line + [0x0A]
        do throws(SystemError) {
            return try descriptor.write(bytes[...], subject: "the daemon") == bytes.count
        } catch {
            return false
        }
    }

    public func close() {
        isOpen = false
        readiness.end()
        _ = shutdown(descriptor.number, Int32(SHUT_RDWR))
    }
}
