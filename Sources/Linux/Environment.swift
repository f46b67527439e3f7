import Glibc

/// Variables that the program was started with.
public enum Environment {
    /// `nil` when it is not set.
    public static func value(of name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    /// All of them, as `NAME=value`.
    public static var all: [String] {
        var all: [String] = []
        var next = unsafe environ
        while let entry = unsafe next.pointee {
            unsafe all.append(String(cString: entry))
            unsafe next += 1
        }
        return all
    }
}
