import Linux

/// Standard output for programs and people, gathered and written in large pieces; standard error for the rest.
final class Console {
    private let output: FileDescriptor
    private var waiting: [UInt8] = []
    /// Colours and bold face: a terminal that nobody has asked to be plain (`NO_COLOR`).
    let hasStyle: Bool
    /// Lines can be drawn over: a terminal that knows how to move its cursor.
    let isScreen: Bool
    /// Letters and signs beyond ASCII can be shown: the locale says UTF-8.
    let hasUnicode: Bool

    static let waitingBytesMax = 1 << 16

    init() throws(SystemError) {
        output = try FileDescriptor.standardOutput()
        let isPlain = Environment.value(of: "NO_COLOR").map { !$0.isEmpty } ?? false
        isScreen = Program.hasTerminal && Environment.value(of: "TERM") != "dumb"
        hasStyle = isScreen && !isPlain
        hasUnicode = Self.hasUnicodeLocale
    }

    /// The first of these that is set decides, as in setlocale(3).
    private static var hasUnicodeLocale: Bool {
        let set = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { Environment.value(of: $0) }.first { !$0.isEmpty }
        let name = (set ?? "").lowercased()
        return name.contains("utf-8") || name.contains("utf8")
    }

    /// The terminal's columns; 80 when there is none.
    var columns: Int { Terminal.size?.columns ?? 80 }
    /// The terminal's rows; 24 when there is none.
    var rows: Int { Terminal.size?.rows ?? 24 }

    func line(_ text: String) { line(Array(text.utf8)) }

    func line(_ bytes: [UInt8]) {
        waiting += bytes
        waiting.append(0x0A)
        if waiting.count >= Self.waitingBytesMax { flush() }
    }

    /// Without a line feed behind it.
    func write(_ text: String) { waiting += Array(text.utf8) }

    /// A reader that has gone (`| head`) is no fault: what is left is given up.
    func flush() {
        guard !waiting.isEmpty else { return }
        do {
            try output.writeAll(waiting, subject: "standard output")
        } catch {
            isBroken = true
        }
        waiting.removeAll(keepingCapacity: true)
    }

    private(set) var isBroken = false

    enum Style: String {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case blue = "34"
    }

    func styled(_ text: String, _ style: Style) -> String {
        hasStyle ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// The sign, or what stands for it where only ASCII can be shown.
    func sign(_ sign: String, or ascii: String) -> String { hasUnicode ? sign : ascii }
}

/// Lines on standard error, for people.
enum Complaint {
    static func say(_ text: String) {
        do throws(SystemError) {
            try FileDescriptor.standardError().writeAll(
                Array("homeward: \(text)\n".utf8), subject: "standard error")
        } catch {
            // Nobody reads standard error, so there is nobody to tell.
        }
    }
}
