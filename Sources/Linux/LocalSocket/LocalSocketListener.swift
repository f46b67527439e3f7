import CLinux
import Glibc
public import Loop
import Vitals

/// The door for technicians on this box: a stream socket that root, the daemon's own user and one group may use.
public final class LocalSocketListener: CommandListener {
    private let loop: EventLoop
    private let path: String
    private let group: UInt32
    private var socket: FileDescriptor?
    private let readiness: Readiness
    private var lines: [LocalSocketLine] = []
    /// Device and number of the file that was made here.
    private let file: [UInt64]

    public static let connectionsMax = 8
    public static let mode: UInt32 = 0o660
    /// After a failure of accept(2), such as too many open files.
    private static let pause: Duration = .seconds(1)

    /// Makes the socket. One that nobody answers, left by a process that was killed, is replaced.
    /// Without a group of that name it is the daemon's own.
    public init(path: String, group name: String = "homeward", on loop: EventLoop) throws(LocalSocketError) {
        self.loop = loop
        self.path = path
        group = Accounts.group(named: name) ?? getegid()
        try Self.makeWay(path)
        let number = unsafe clinux_local_bind(path)
        guard number >= 0 else { throw .system(.last("bind", path)) }
        let socket = FileDescriptor(owning: number)
        do throws(SystemError) {
            try Self.give(path, to: group)
            guard clinux_local_listen(number, Int32(Self.connectionsMax)) == 0 else { throw .last("listen", path) }
        } catch {
            _ = unsafe unlink(path)
            throw .system(error)
        }
        file = Self.identity(of: path)
        do throws(WatchError) {
            readiness = try Readiness(of: number, on: loop)
        } catch {
            throw .system(SystemError(call: "epoll_ctl", errno: error.errno, subject: path))
        }
        self.socket = consume socket
    }

    deinit { close() }

    // MARK: CommandListener

    public func accept() async -> (any CommandLineLink)? {
        while let number = socket?.number {
            lines.removeAll(where: \.isDropped)
            let connection = clinux_local_accept(number)
            if connection >= 0 {
                if let line = admit(FileDescriptor(owning: connection)) { return line }
            } else if errno == EAGAIN {
                _ = await readiness.wait(for: .readable, before: .never)
            } else if errno != EINTR, errno != ECONNABORTED {
                await loop.sleep(until: loop.now + Self.pause)
            }
        }
        return nil
    }

    /// Ends every connection too. The file is removed, unless another has taken its place.
    public func close() {
        guard socket != nil else { return }
        readiness.end()
        socket = nil
        for line in lines { line.drop() }
        lines = []
        if !file.isEmpty, Self.identity(of: path) == file { _ = unsafe unlink(path) }
    }

    // MARK: Steps

    /// `nil`: sent away, with the reason.
    private func admit(_ connection: consuming FileDescriptor) -> LocalSocketLine? {
        let line: LocalSocketLine
        let peer: LocalPeer
        do {
            peer = try LocalPeer(of: connection.number)
            line = try LocalSocketLine(connection, peer: peer.description, on: loop)
        } catch {
            return nil
        }
        guard peer.user == 0 || peer.user == geteuid() || peer.isIn(group) else {
            return refuse(line, Self.refusedUser)
        }
        // One that has been answered and does not read must make room.
        if lines.count >= Self.connectionsMax, let index = lines.firstIndex(where: \.isLingering) {
            lines.remove(at: index).drop()
        }
        guard lines.count < Self.connectionsMax else { return refuse(line, Self.refusedCrowd) }
        lines.append(line)
        return line
    }

    private func refuse(_ line: LocalSocketLine, _ reason: String) -> LocalSocketLine? {
        _ = line.sendLine(Array(reason.utf8))
        line.close()
        return nil
    }

    static let refusedUser =
        #"{"error":{"code":"not-permitted-user","text":"this user may not give commands","#
        + #""remedy":"ask to be added to the group 'homeward', and log in again"}}"#
    static let refusedCrowd =
        #"{"error":{"code":"busy","text":"too many commands run at once","#
        + #""remedy":"wait for one of them to end"}}"#

    // MARK: The file

    /// Removes a socket that nobody answers; everything else stays.
    private static func makeWay(_ path: String) throws(LocalSocketError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path: path) }
        let probe = unsafe clinux_local_connect(path)
        if probe >= 0 {
            FileDescriptor(owning: probe).close()
            throw .taken(path: path)
        }
        guard errno == ECONNREFUSED else { throw .taken(path: path) }
        guard unsafe unlink(path) == 0 else { throw .system(.last("unlink", path)) }
    }

    /// Who may not give it away keeps it, for a smaller circle.
    private static func give(_ path: String, to group: UInt32) throws(SystemError) {
        if unsafe lchown(path, uid_t.max, group) != 0, errno != EPERM { throw .last("chown", path) }
        guard unsafe chmod(path, mode) == 0 else { throw .last("chmod", path) }
    }

    private static func identity(of path: String) -> [UInt64] {
        var status = stat()
        return unsafe lstat(path, &status) == 0 ? [UInt64(status.st_dev), UInt64(status.st_ino)] : []
    }
}
