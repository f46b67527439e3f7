public import Loop
import Synchronization

/// A state folder without a disk, which can be full or unreadable.
public final class MemoryFolder: StateFolder {
    private struct Contents {
        var files: [String: [UInt8]]
        var isFull = false
        var isUnreadable = false
    }

    private let contents: Mutex<Contents>

    public init(_ files: [String: [UInt8]] = [:]) { contents = Mutex(Contents(files: files)) }

    public var files: [String: [UInt8]] { contents.withLock(\.files) }
    public var names: [String] { files.keys.sorted() }

    public func text(_ name: String) -> String? { files[name].map { String(decoding: $0, as: UTF8.self) } }

    /// The file as it is or, with `nil`, is no longer.
    public subscript(_ name: String) -> [UInt8]? {
        get { files[name] }
        set { contents.withLock { $0.files[name] = newValue } }
    }

    /// From now on nothing can be written, or it can again.
    public func setFull(_ isFull: Bool) { contents.withLock { $0.isFull = isFull } }
    public func setUnreadable(_ isUnreadable: Bool) { contents.withLock { $0.isUnreadable = isUnreadable } }

    public func read(_ name: String) async throws(StateError) -> [UInt8]? {
        let (isUnreadable, file) = contents.withLock { ($0.isUnreadable, $0.files[name]) }
        if isUnreadable { throw StateError(name: name, reason: "input/output error") }
        return file
    }

    public func write(_ bytes: [UInt8], to name: String) async throws(StateError) {
        let isWritten = contents.withLock { contents in
            if !contents.isFull { contents.files[name] = bytes }
            return !contents.isFull
        }
        if !isWritten { throw StateError(name: name, reason: "no space left") }
    }

    public func remove(_ name: String) async throws(StateError) {
        contents.withLock { $0.files[name] = nil }
    }
}
