import CLinux
import Glibc

/// A serial line without hardware: what is written here is read at ``path``.
///
/// The far end is held open, so that bytes on their way outlive a reader that dies.
public final class PseudoTerminal {
    /// Where a program opens the line.
    public let path: String
    private var master: FileDescriptor?
    private var slave: FileDescriptor?

    public init() throws(SystemError) {
        var name = [CChar](repeating: 0, count: 64)
        let number = unsafe clinux_pty_open(&name, name.count)
        guard number >= 0 else { throw .last("posix_openpt", "a pseudo-terminal") }
        let master = FileDescriptor(owning: number)
        path = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        let slave = try FileDescriptor.open(path, O_RDWR | O_NOCTTY | O_NONBLOCK)
        guard clinux_make_raw(slave.number) == 0 else { throw .last("tcsetattr", path) }
        self.master = consume master
        self.slave = consume slave
    }

    /// How many of the bytes found room; `nil`: none, the reader is behind. A hung up line takes none.
    public func write(_ bytes: some Collection<UInt8>) throws(SystemError) -> Int? {
        try master?.write(Array(bytes)[...], subject: path) ?? nil
    }

    /// What the program wrote, empty when it wrote nothing.
    public func read(upTo count: Int = 4096) throws(SystemError) -> [UInt8] {
        guard case .bytes(let bytes) = try master?.read(upTo: count, subject: path) else { return [] }
        return bytes
    }

    /// Bytes that the reader has not taken yet. They come across a moment after they were written.
    public var waitingBytes: Int {
        guard let number = slave?.number else { return 0 }
        var count: Int32 = 0
        return unsafe ioctl(number, UInt(FIONREAD), &count) == 0 ? Int(count) : 0
    }

    /// Pulls the plug: readers find the line gone. The path is free for another.
    public func hangUp() {
        slave = nil
        master = nil
    }
}
