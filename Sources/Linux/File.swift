import Glibc

/// Whole files and folders, for settings, reports and tests.
public enum File {
    /// All of it. A file of more than `bytesMax` bytes is refused with `EFBIG`.
    public static func read(_ path: String, bytesMax: Int = 1 << 20) throws(SystemError) -> [UInt8] {
        let file = try FileDescriptor.open(path, O_RDONLY)
        var bytes: [UInt8] = []
        while true {
            switch try file.read(upTo: 65_536, subject: path) {
            case .bytes(let more):
                bytes += more
                if bytes.count > bytesMax { throw SystemError(call: "read", errno: EFBIG, subject: path) }
            case .end: return bytes
            case .wouldBlock: throw SystemError(call: "read", errno: EAGAIN, subject: path)
            }
        }
    }

    /// All of it as text; bytes that are no UTF-8 become U+FFFD.
    public static func readText(_ path: String, bytesMax: Int = 1 << 20) throws(SystemError) -> String {
        String(decoding: try read(path, bytesMax: bytesMax), as: UTF8.self)
    }

    /// Replaces the file as a whole: after a power cut there is the old one or the new one. `mode` as in chmod.
    /// `by`: what it is called until it is complete, in the same folder.
    public static func write(
        _ bytes: [UInt8], to path: String, mode: UInt32 = 0o600, by name: String? = nil
    ) throws(SystemError) {
        let temporary = name ?? "\(path).\(getpid()).new"
        do throws(SystemError) {
            let file = try FileDescriptor.open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: mode)
            // The mask of the process is not asked: the caller has said what it wants.
            try check(fchmod(file.number, mode), "fchmod", temporary)
            try file.writeAll(bytes, subject: temporary)
            try check(fsync(file.number), "fsync", temporary)
            file.close()
            try check(unsafe rename(temporary, path), "rename", path)
        } catch {
            _ = unsafe unlink(temporary)
            throw error
        }
        try sync(folder: folder(of: path))
    }

    /// What was renamed or removed in it stays so after a power cut.
    public static func sync(folder: String) throws(SystemError) {
        let directory = try FileDescriptor.open(folder, O_RDONLY | O_DIRECTORY)
        try check(fsync(directory.number), "fsync", folder)
    }

    public static func write(_ text: String, to path: String, mode: UInt32 = 0o600) throws(SystemError) {
        try write(Array(text.utf8), to: path, mode: mode)
    }

    public static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// A file that is not there is removed already.
    public static func remove(_ path: String) throws(SystemError) {
        guard unsafe unlink(path) != 0, errno != ENOENT else { return }
        throw .last("unlink", path)
    }

    /// A folder that is there already is left as it is.
    public static func makeFolder(_ path: String, mode: UInt32 = 0o700) throws(SystemError) {
        guard unsafe mkdir(path, mode) != 0, errno != EEXIST else { return }
        throw .last("mkdir", path)
    }

    /// The names in a folder, sorted, without `.` and `..`.
    public static func names(in folder: String) throws(SystemError) -> [String] {
        guard let directory = unsafe opendir(folder) else { throw .last("opendir", folder) }
        defer { _ = unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// The permission bits, `nil` when it is not there.
    public static func mode(of path: String) -> UInt32? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func check(_ result: Int32, _ call: String, _ path: String) throws(SystemError) {
        if result != 0 { throw .last(call, path) }
    }
}
