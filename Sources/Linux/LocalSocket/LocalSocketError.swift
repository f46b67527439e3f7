/// Why there is no local socket, with what to do.
public enum LocalSocketError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nobody listens there.
    case notRunning(path: String)
    /// The caller is not in the group.
    case denied(path: String)
    /// Too many are waiting already.
    case busy(path: String)
    /// Another process serves it.
    case taken(path: String)
    /// Something else has that name.
    case notASocket(path: String)
    case system(SystemError)

    public var description: String {
        switch self {
        case .notRunning(let path):
            "homeward does not run (nobody listens at \(path)): start it with 'systemctl start homeward'"
        case .denied(let path):
            "no permission for \(path): ask to be added to the group 'homeward' ('adduser NAME homeward'),"
                + " and log in again"
        case .busy(let path): "too many commands run at once (\(path)): wait for one of them to end"
        case .taken(let path): "another homeward listens at \(path): stop it first"
        case .notASocket(let path): "\(path) is there and is no socket: move it away"
        case .system(let error): error.description
        }
    }
}
