import Glibc
import Vitals

/// The few things that are done to whole files.
enum Files {
    /// `nil` when there is no such file.
    static func sizeBytes(_ path: String) -> Int64? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? Int64(status.st_size) : nil
    }

    static func exists(_ path: String) -> Bool { sizeBytes(path) != nil }

    @discardableResult
    static func remove(_ path: String) -> Bool { unsafe unlink(path) == 0 }

    @discardableResult
    static func rename(_ path: String, to target: String) -> Bool { unsafe Glibc.rename(path, target) == 0 }

    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Makes a rename or a new file survive a power cut.
    @discardableResult
    static func syncFolder(of path: String) -> Bool {
        let descriptor = unsafe open(folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return fsync(descriptor) == 0
    }

    /// A file of that size whose blocks are really there. `false` when there is no room.
    static func preallocate(_ path: String, bytes: Int64) -> Bool {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard posix_fallocate(descriptor, 0, off_t(bytes)) == 0 else {
            remove(path)
            return false
        }
        return true
    }

    /// What an unprivileged process may still write where `path` is.
    static func freeBytes(at path: String) -> Int64? {
        var status = statvfs()
        guard unsafe statvfs(folder(of: path), &status) == 0 else { return nil }
        return Int64(clamping: status.f_bavail.multipliedReportingOverflow(by: status.f_frsize).partialValue)
    }

    /// Moves a database and what belongs to it to the first free name `<path>.damaged-<n>`, and returns that.
    static func setAside(_ path: String) -> String? {
        for number in 1 ... setAsideMax {
            let target = "\(path).damaged-\(number)"
            if companions.contains(where: { exists(target + $0) }) { continue }
            // The main file last: as long as it is there, the next start tries again.
            for companion in companions.reversed() where exists(path + companion) {
                guard rename(path + companion, to: target + companion) else { return nil }
            }
            syncFolder(of: path)
            return target
        }
        return nil
    }

    static let companions = ["", "-wal", "-shm", "-journal"]
    private static let setAsideMax = 10_000
}

/// A file that only takes up room, so that room can be made at once when the disk is full.
struct Ballast {
    let path: String
    private var freedAt: Instant?

    static let bytes: Int64 = 1 << 20
    /// How much more must be free before the room is taken again.
    private static let freeBytesMin: Int64 = 4 * bytes
    private static let pause: Duration = .seconds(60)

    init(path: String) {
        self.path = path
        if !Files.exists(path) { _ = Files.preallocate(path, bytes: Self.bytes) }
    }

    /// `true` when there was something to free.
    mutating func free(now: Instant) -> Bool {
        freedAt = now
        return Files.remove(path)
    }

    mutating func restore(now: Instant) {
        guard let freedAt, now - freedAt >= Self.pause else { return }
        self.freedAt = now
        guard let free = Files.freeBytes(at: path), free >= Self.freeBytesMin,
            Files.preallocate(path, bytes: Self.bytes)
        else { return }
        self.freedAt = nil
    }
}
