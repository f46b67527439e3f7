import Glibc

/// The first steps to a server, one by one: its name, and a connection that is closed at once. Both block.
public enum Reachability {
    public static let addressesMax = 8

    /// Why a step was not possible, in the system's words.
    public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        public var description: String
    }

    /// The numeric addresses of a name, in the order in which they are tried.
    public static func addresses(of host: String) throws(Failure) -> [String] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else { throw Failure(description: unsafe String(cString: gai_strerror(code))) }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [String] = []
        var entry = unsafe list
        while let one = unsafe entry, addresses.count < addressesMax {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let result = unsafe getnameinfo(
                one.pointee.ai_addr, one.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
            if result == 0 {
                let name = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                if !addresses.contains(name) { addresses.append(name) }
            }
            unsafe entry = unsafe one.pointee.ai_next
        }
        return addresses
    }

    /// Connects to a numeric address and closes again.
    public static func connect(_ address: String, port: UInt16, milliseconds: Int32) throws(Failure) {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(address, String(port), &hints, &list) == 0, let target = unsafe list else {
            throw Failure(description: "\(address) is no address")
        }
        defer { unsafe freeaddrinfo(list) }
        let number = unsafe socket(
            target.pointee.ai_family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue),
            0)
        guard number >= 0 else { throw failure(errno) }
        let socket = FileDescriptor(owning: number)
        if unsafe Glibc.connect(socket.number, target.pointee.ai_addr, target.pointee.ai_addrlen) == 0 { return }
        guard errno == EINPROGRESS else { throw failure(errno) }
        var poll = pollfd(fd: socket.number, events: Int16(POLLOUT), revents: 0)
        guard unsafe Glibc.poll(&poll, 1, milliseconds) > 0 else {
            throw Failure(description: "no answer within \(milliseconds / 1000) s")
        }
        var error: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        _ = unsafe getsockopt(socket.number, SOL_SOCKET, SO_ERROR, &error, &size)
        if error != 0 { throw failure(error) }
    }

    private static func failure(_ errno: Int32) -> Failure {
        Failure(description: "\(SystemError.text(of: errno)) (errno \(errno))")
    }
}
