import Glibc
public import Loop

/// A folder on the disk for state: 0700, its files 0600, each replaced as a whole and synced.
///
/// Give it a loop that may block.
public actor FileStateFolder: StateFolder, LoopActor {
    public nonisolated let loop: EventLoop
    private let path: String

    public static let fileBytesMax = 1 << 20
    public static let nameBytesMax = 64

    /// Makes the folder, or takes away what others may do in it, and removes what a power cut left half written.
    /// Blocks.
    public init(_ path: String, on loop: EventLoop) throws(StateError) {
        self.loop = loop
        self.path = path
        do throws(SystemError) {
            try File.makeFolder(path)
            guard unsafe chmod(path, 0o700) == 0 else { throw .last("chmod", path) }
            for name in try File.names(in: path) where Self.isTemporary(name) { try File.remove("\(path)/\(name)") }
        } catch {
            throw Self.told(error, path)
        }
    }

    public func read(_ name: String) throws(StateError) -> [UInt8]? {
        try check(name)
        do throws(SystemError) {
            return try File.read("\(path)/\(name)", bytesMax: Self.fileBytesMax)
        } catch {
            if error.errno == ENOENT { return nil }
            throw Self.told(error, name)
        }
    }

    public func write(_ bytes: [UInt8], to name: String) throws(StateError) {
        try check(name)
        guard bytes.count <= Self.fileBytesMax else {
            throw StateError(name: name, reason: "\(bytes.count) bytes are more than \(Self.fileBytesMax)")
        }
        do throws(SystemError) {
            try File.write(bytes, to: "\(path)/\(name)", by: "\(path)/\(Self.temporary(name))")
        } catch {
            throw Self.told(error, name)
        }
    }

    public func remove(_ name: String) throws(StateError) {
        try check(name)
        do throws(SystemError) {
            try File.remove("\(path)/\(name)")
            try File.sync(folder: path)
        } catch {
            throw Self.told(error, name)
        }
    }

    // MARK: Names

    /// Small letters, digits, `.`, `_`, `-`, no dot in front: nothing that leads out of the folder.
    static func isName(_ name: String) -> Bool {
        let isAllowed: (UInt8) -> Bool = { byte in
            switch byte {
            case UInt8(ascii: "a") ... UInt8(ascii: "z"), UInt8(ascii: "0") ... UInt8(ascii: "9"): true
            case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
            default: false
            }
        }
        return !name.isEmpty && name.utf8.count <= nameBytesMax && name.first != "."
            && name.utf8.allSatisfy(isAllowed)
    }

    private func check(_ name: String) throws(StateError) {
        guard Self.isName(name) else {
            throw StateError(name: name, reason: "not a name for a file of state (a-z, 0-9, '.', '_', '-')")
        }
    }

    private static func temporary(_ name: String) -> String { ".\(name).new" }

    private static func isTemporary(_ name: String) -> Bool { name.hasPrefix(".") && name.hasSuffix(".new") }

    // MARK: Errors

    private static func told(_ error: SystemError, _ name: String) -> StateError {
        let remedy =
            switch error.errno {
            case ENOSPC, EDQUOT: "free some space on that disk"
            case EROFS: "the disk is read-only, perhaps worn out: check it"
            case EIO: "the disk is failing: replace it"
            case EACCES, EPERM: "give that folder to the user of homeward"
            case EFBIG: "it is no file of homeward's: move it away"
            case EISDIR, ENOTDIR, ELOOP: "something else has that name: move it away"
            case ENOENT: "make the folder above it"
            default: "check the disk"
            }
        return StateError(name: name, reason: "\(error.description): \(remedy)")
    }
}
