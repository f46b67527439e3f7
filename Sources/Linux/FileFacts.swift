import Glibc

/// Who owns a file, who may use it, and when it was last written.
public struct FileFacts: Hashable, Sendable {
    public var user: UInt32
    public var group: UInt32
    /// The permission bits.
    public var mode: UInt32
    public var writtenSecondsSince1970: Int64

    /// Of what a link points to; `nil` when it is not there, or may not be looked at.
    public init?(_ path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        user = status.st_uid
        group = status.st_gid
        mode = status.st_mode & 0o7777
        writtenSecondsSince1970 = Int64(status.st_mtim.tv_sec)
    }

    /// Whether somebody may read and write it, by the modes alone.
    public func mayUse(user: UInt32, groups: [UInt32]) -> Bool {
        if user == 0 { return true }
        let shift: UInt32 = user == self.user ? 6 : groups.contains(group) ? 3 : 0
        return mode >> shift & 0o6 == 0o6
    }

    /// The file behind links; `nil` when it is not there.
    public static func resolved(_ path: String) -> String? {
        guard let real = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(real) }
        return unsafe String(cString: real)
    }

    /// What a link says, as it is.
    public static func target(of link: String) -> String? {
        var room = [CChar](repeating: 0, count: 4096)
        let count = unsafe readlink(link, &room, room.count)
        guard count > 0 else { return nil }
        return String(decoding: room[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Number and groups of the person who runs this program.
    public static var caller: (user: UInt32, groups: [UInt32]) {
        var groups = [gid_t](repeating: 0, count: 1024)
        let count = unsafe getgroups(Int32(groups.count), &groups)
        return (geteuid(), Array(groups.prefix(max(0, Int(count)))) + [getegid()])
    }
}

/// How much room a file system has.
public struct DiskSpace: Hashable, Sendable {
    public var freeBytes: Int64
    public var totalBytes: Int64
    public var freeFiles: Int64
    public var isReadOnly: Bool

    public init(of path: String) throws(SystemError) {
        var status = statvfs()
        guard unsafe statvfs(path, &status) == 0 else { throw .last("statvfs", path) }
        freeBytes = Int64(clamping: UInt64(status.f_bavail) &* UInt64(status.f_frsize))
        totalBytes = Int64(clamping: UInt64(status.f_blocks) &* UInt64(status.f_frsize))
        // Some file systems count no files: then there is no bound.
        freeFiles = status.f_files == 0 ? .max : Int64(clamping: UInt64(status.f_favail))
        isReadOnly = status.f_flag & UInt(ST_RDONLY) != 0
    }
}
