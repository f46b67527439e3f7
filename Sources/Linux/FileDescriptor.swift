import CLinux
import Glibc

/// The one owner of an open descriptor: it is closed when the owner goes.
public struct FileDescriptor: ~Copyable, Sendable {
    /// The kernel's number. Valid as long as the owner lives; never close it yourself.
    public let number: Int32

    /// Takes over an open descriptor that nobody else closes.
    public init(owning number: Int32) { self.number = number }

    /// Opens with `O_CLOEXEC`. `flags` as in open(2).
    public static func open(
        _ path: String, _ flags: Int32, mode: UInt32 = 0o600
    ) throws(SystemError) -> FileDescriptor {
        while true {
            let number = unsafe clinux_open(path, flags, mode)
            if number >= 0 { return FileDescriptor(owning: number) }
            if errno != EINTR { throw .last("open", path) }
        }
    }

    /// What a read found.
    public enum Input: Hashable, Sendable {
        case bytes([UInt8])
        /// Nothing yet; only of a descriptor that does not block.
        case wouldBlock
        /// The end of the file, or the other side is gone.
        case end
    }

    /// At most `count` bytes.
    public borrowing func read(upTo count: Int, subject: String = "a descriptor") throws(SystemError) -> Input {
        var failure: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            let found = Self.retrying { unsafe Glibc.read(number, buffer.baseAddress, count) }
            failure = found < 0 ? errno : 0
            filled = max(0, found)
        }
        switch failure {
        case 0: return bytes.isEmpty ? .end : .bytes(bytes)
        case EAGAIN: return .wouldBlock
        default: throw SystemError(call: "read", errno: failure, subject: subject)
        }
    }

    /// How many of the bytes the kernel took; `nil`: none, it would block.
    public borrowing func write(
        _ bytes: ArraySlice<UInt8>, subject: String = "a descriptor"
    ) throws(SystemError) -> Int? {
        let written = unsafe bytes.withUnsafeBytes { buffer in
            Self.retrying { unsafe Glibc.write(number, buffer.baseAddress, buffer.count) }
        }
        if written >= 0 { return written }
        if errno == EAGAIN { return nil }
        throw .last("write", subject)
    }

    /// All of the bytes, on a descriptor that blocks.
    public borrowing func writeAll(_ bytes: [UInt8], subject: String = "a descriptor") throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let written = try write(rest, subject: subject) else {
                throw SystemError(call: "write", errno: EAGAIN, subject: subject)
            }
            rest = rest.dropFirst(written)
        }
    }

    /// Another descriptor of the same open file.
    public borrowing func duplicate() throws(SystemError) -> FileDescriptor {
        let copy = fcntl(number, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw .last("dup", "a descriptor") }
        return FileDescriptor(owning: copy)
    }

    /// Closes now, and not at the end of the owner's life.
    public consuming func close() {}

    // Linux closes the descriptor even when close(2) says EINTR: it is never called twice.
    deinit { _ = Glibc.close(number) }

    private static func retrying(_ call: () -> Int) -> Int {
        while true {
            let result = call()
            if result >= 0 || errno != EINTR { return result }
        }
    }
}
