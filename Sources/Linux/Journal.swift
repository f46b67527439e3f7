import Glibc

/// Lines for people, on standard error: one each, whole, and never longer than ``lineBytesMax``.
public struct Journal: Sendable {
    /// As in syslog(3); lower is worse.
    public enum Level: Int, Hashable, Sendable, CaseIterable, Comparable {
        case error = 3
        case warning = 4
        case notice = 5
        case info = 6
        case debug = 7

        public static func < (one: Level, other: Level) -> Bool { one.rawValue < other.rawValue }

        public var name: String {
            switch self {
            case .error: "error"
            case .warning: "warning"
            case .notice: "notice"
            case .info: "info"
            case .debug: "debug"
            }
        }

        public init?(name: some StringProtocol) {
            guard let level = Self.allCases.first(where: { $0.name == name }) else { return nil }
            self = level
        }
    }

    /// Lines above this level are not written.
    public var limit: Level
    private let descriptor: Int32
    private let hasPriorities: Bool

    public static let lineBytesMax = 2048

    /// `hasPriorities`: lines begin with `<6>`, which journald takes off; else with `info: `.
    public init(limit: Level = .info, descriptor: Int32 = 2, hasPriorities: Bool? = nil) {
        self.limit = limit
        self.descriptor = descriptor
        self.hasPriorities = hasPriorities ?? Self.isJournal(descriptor)
    }

    public func error(_ text: String) { write(.error, text) }
    public func warning(_ text: String) { write(.warning, text) }
    public func notice(_ text: String) { write(.notice, text) }
    public func info(_ text: String) { write(.info, text) }
    public func debug(_ text: @autoclosure () -> String) {
        if limit >= .debug { write(.debug, text()) }
    }

    public func write(_ level: Level, _ text: String) {
        guard level <= limit else { return }
        let prefix = hasPriorities ? "<\(level.rawValue)>" : "\(level.name): "
        let line = Array("\(prefix)\(Self.bounded(Self.escaped(text)))\n".utf8)
        // One call, so that lines of several threads do not mix. A full pipe loses the line and nothing else.
        var result = unsafe Glibc.write(descriptor, line, line.count)
        while result < 0, errno == EINTR { result = unsafe Glibc.write(descriptor, line, line.count) }
    }

    /// Control characters as `\n`, `\t`, `\u{1B}`; a line stays a line.
    static func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: mustBeEscaped) else { return text }
        var clean = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": clean += "\\n"
            case "\r": clean += "\\r"
            case "\t": clean += "\\t"
            case _ where mustBeEscaped(scalar): clean += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            default: clean.unicodeScalars.append(scalar)
            }
        }
        return clean
    }

    /// Controls, line separators, and marks that change the direction of writing.
    private static func mustBeEscaped(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0 ..< 0x20, 0x7F ... 0x9F, 0x2028 ... 0x202E, 0x2066 ... 0x2069: true
        default: false
        }
    }

    /// Cut between characters, with an ellipsis in place of the rest.
    private static func bounded(_ text: String) -> String {
        guard text.utf8.count > lineBytesMax else { return text }
        var count = 0
        let kept = text.unicodeScalars.prefix { scalar in
            count += UTF8.width(scalar)
            return count <= lineBytesMax - 3
        }
        return String(kept) + "…"
    }

    /// `JOURNAL_STREAM` names the very file that the descriptor is.
    private static func isJournal(_ descriptor: Int32) -> Bool {
        guard let stream = Environment.value(of: "JOURNAL_STREAM") else { return false }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return false }
        return stream == "\(status.st_dev):\(status.st_ino)"
    }
}
