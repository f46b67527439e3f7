import Glibc

@testable import Delivery

/// A `mosquitto` of the test's own, on a free port of the loopback.
final class RealBroker {
    static let program = ["/usr/sbin/mosquitto", "/usr/bin/mosquitto"].first { Files.exists($0) }

    let port: UInt16
    private let folder: TemporaryFolder
    private var process: pid_t = -1

    /// `rules` is the text of an ACL file: without one everything is allowed.
    init(rules: String? = nil, more: String = "") throws {
        folder = try TemporaryFolder()
        port = try Self.freePort()
        var text = "listener \(port) 127.0.0.1\nallow_anonymous true\nlog_dest none\nuser root\n" + more
        if let rules {
            try folder.write("acl", Array(rules.utf8))
            text += "acl_file \(folder.file("acl"))\n"
        }
        try folder.write("mosquitto.conf", Array(text.utf8))
        try start()
    }

    deinit { stop() }

    func start() throws {
        let arguments = [Self.program ?? "", "-c", folder.file("mosquitto.conf")]
        guard let process = spawn(arguments) else {
            throw Failure(text: "mosquitto does not start")
        }
        self.process = process
        for _ in 0 ..< 200 {
            if isListening() { return }
            usleep(20_000)
        }
        throw Failure(text: "mosquitto does not listen on \(port)")
    }

    func stop() {
        guard process > 0 else { return }
        kill(process, SIGKILL)
        var status: Int32 = 0
        _ = unsafe waitpid(process, &status, 0)
        process = -1
    }

    private func isListening() -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = Self.loopback(port)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, size) == 0
            }
        }
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isBound else { throw Failure(text: "no free port") }
        return UInt16(bigEndian: address.sin_port)
    }
}

/// A real subscriber: a `mosquitto_sub` that writes what it hears into a file.
final class RealSubscriber {
    private let folder: TemporaryFolder
    private var process: pid_t = -1

    init(port: UInt16) throws {
        folder = try TemporaryFolder()
        let command =
            "exec mosquitto_sub -h 127.0.0.1 -p \(port) -q 1 -V 5 -t 'homeward/#' -F '%r %t %p'"
            + " > \(folder.file("heard"))"
        guard let process = spawn(["/bin/sh", "-c", command]) else {
            throw Failure(text: "mosquitto_sub does not start")
        }
        self.process = process
        usleep(300_000)
    }

    deinit {
        guard process > 0 else { return }
        kill(process, SIGKILL)
        var status: Int32 = 0
        _ = unsafe waitpid(process, &status, 0)
    }

    var lines: [String] {
        let descriptor = unsafe open(folder.file("heard"), O_RDONLY)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = unsafe read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(separator: "\n").map(String.init)
    }
}

/// Starts a program of the test's own.
func spawn(_ arguments: [String]) -> pid_t? {
    var process: pid_t = -1
    var pointers: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { (text: String) in unsafe strdup(text) }
    defer { unsafe pointers.forEach { unsafe free($0) } }
    unsafe pointers.append(nil)
    let code = unsafe posix_spawn(&process, arguments[0], nil, nil, &pointers, environ)
    return code == 0 ? process : nil
}
