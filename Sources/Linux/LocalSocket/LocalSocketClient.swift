import CLinux
import Glibc
public import Loop

/// The command line's end of the local socket.
public enum LocalSocketClient {
    /// Connects at once or not at all. The peer of the connection is the daemon.
    public static func connect(path: String, on loop: EventLoop) throws(LocalSocketError) -> any CommandLineLink {
        let number = unsafe clinux_local_connect(path)
        guard number >= 0 else { throw failure(errno, path) }
        let socket = FileDescriptor(owning: number)
        let peer = (try? LocalPeer(of: number))?.description ?? "homeward"
        // The daemon's lines are as long as what it may have unsent.
        return try LocalSocketLine(socket, peer: peer, lineBytesMax: LocalSocketLine.unsentBytesMax, on: loop)
    }

    private static func failure(_ errno: Int32, _ path: String) -> LocalSocketError {
        switch errno {
        case ENOENT, ECONNREFUSED, ENOTDIR: .notRunning(path: path)
        case EACCES, EPERM: .denied(path: path)
        case EAGAIN: .busy(path: path)
        case ENOTSOCK: .notASocket(path: path)
        default: .system(SystemError(call: "connect", errno: errno, subject: path))
        }
    }
}
