import Glibc

/// A folder for a test or a demonstration, removed with all that is in it when its owner goes.
public final class DirectoryScratch: Sendable {
    public let path: String

    public init(name: String = "homeward") throws(SystemError) {
        let base = Environment.value(of: "TMPDIR") ?? "/tmp"
        var template = Array("\(base)/\(name)-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw .last("mkdtemp", base) }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The path of a file in it.
    public func file(_ name: String) -> String { "\(path)/\(name)" }

    deinit { Self.remove(path) }

    /// Never follows a link out of the folder.
    private static func remove(_ path: String) {
        if unsafe unlink(path) == 0 { return }
        do throws(SystemError) {
            for name in try File.names(in: path) { remove("\(path)/\(name)") }
        } catch {
            return  // Not a folder, or not ours to read: rmdir will leave it.
        }
        _ = unsafe rmdir(path)
    }
}
