import Glibc

/// The process itself.
public enum Program {
    /// Ends it at once with that status, flushing what was printed.
    public static func exit(_ status: Int32) -> Never { Glibc.exit(status) }

    /// Files made from now on are for this user alone.
    public static func keepFilesPrivate() { umask(0o077) }

    public static var processID: Int32 { getpid() }

    /// Standard output is a terminal.
    public static var hasTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// The path of the running program.
    public static var path: String {
        var room = [CChar](repeating: 0, count: 4096)
        let count = unsafe readlink("/proc/self/exe", &room, room.count - 1)
        guard count > 0 else { return CommandLine.arguments.first ?? "homeward" }
        return String(decoding: room[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
