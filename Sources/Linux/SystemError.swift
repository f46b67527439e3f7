import DriverKit
import Glibc

/// A call of the operating system that failed: which, on what, and why.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    public var call: String
    public var errno: Int32
    /// A path, or what the call was for.
    public var subject: String

    public init(call: String, errno: Int32, subject: String) {
        self.call = call
        self.errno = errno
        self.subject = subject
    }

    /// What just failed on this thread. Ask before anything else is called.
    static func last(_ call: String, _ subject: String) -> SystemError {
        SystemError(call: call, errno: Glibc.errno, subject: subject)
    }

    /// `open on /dev/ttyUSB0: No such file or directory (errno 2)`
    public var description: String { "\(call) on \(subject): \(Self.text(of: errno)) (errno \(errno))" }

    /// Permission is missing.
    public var isDenied: Bool { errno == EACCES || errno == EPERM }

    /// The system's words for a number, in the C locale.
    static func text(of errno: Int32) -> String {
        guard let words = unsafe strerror(errno) else { return "unknown error" }
        return unsafe String(cString: words)
    }
}

extension LinkError {
    /// The next step that a failed call on a port asks for.
    init(_ error: SystemError) {
        self =
            switch error.errno {
            case ENOENT, ENODEV, ENXIO, EIO, ENOTDIR: .gone(error.subject)
            case EBUSY, EWOULDBLOCK: .busy(error.subject)
            case EACCES, EPERM: .denied(error.subject)
            default:
                .system(
                    call: error.call, errno: error.errno,
                    "\(error.subject) (\(SystemError.text(of: error.errno)))")
            }
    }
}
