import CLinux
import Glibc

/// Keeps a second daemon out of a data folder. Held as long as it lives, and by no file that could be left behind.
public final class DataFolderLock: Sendable {
    private let file: FileDescriptor

    /// Makes the folder when it is not there.
    ///
    /// - Throws: `EWOULDBLOCK` when another process holds it.
    public init(_ folder: String) throws(SystemError) {
        try File.makeFolder(folder)
        file = try FileDescriptor.open("\(folder)/lock", O_RDWR | O_CREAT)
        guard flock(file.number, LOCK_EX | LOCK_NB) == 0 else {
            throw .last("flock", "\(folder)/lock (another homeward uses this folder)")
        }
    }
}

extension SystemError {
    /// Somebody else has it now.
    public var isBusy: Bool { errno == EWOULDBLOCK || errno == EBUSY }
}
