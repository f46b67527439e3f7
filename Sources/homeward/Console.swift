import Linux

/// Standard output for programs and people, gathered and written in large pieces; standard error for the rest.
final class Console {
    private let output: FileDescriptor
    private var waiting: [UInt8] = []
    /// Colours and bold face: a terminal that nobody has asked to be plain (`NO_COLOR`).
    let hasStyle: Bool

    static let waitingBytesMax = 1 << 16

    init() throws(SystemError) {
        output = try FileDescriptor.standardOutput()
        let isPlain = Environment.value(of: "NO_COLOR").map { !$0.isEmpty } ?? false
        hasStyle = Program.hasTerminal && !isPlain && Environment.value(of: "TERM") != "dumb"
    }

    func line(_ text: String) { line(Array(text.utf8)) }

    func line(_ bytes: [UInt8]) {
        waiting += bytes
        waiting.append(0x0A)
        if waiting.count >= Self.waitingBytesMax { flush() }
    }

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
