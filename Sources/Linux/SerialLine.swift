import CLinux
import DriverKit
import Glibc

/// A serial line opened, locked and set, without the waiting: what ``SerialPort`` reads.
///
/// `flock` keeps cooperating programs apart, `TIOCEXCL` all others but those of root. A pseudo-terminal is only
/// locked: its exclusiveness would outlive a reader that was killed.
struct SerialLine: ~Copyable {
    let descriptor: FileDescriptor
    let path: String
    private let before: clinux_termios
    private let isPseudoTerminal: Bool
    /// The kernel doubles FF and marks damage, see ``MarkDecoder``.
    let hasMarks: Bool
    private let countsAtOpening: clinux_counts?

    init(path: String, _ settings: SerialSettings) throws(LinkError) {
        try Self.check(settings, path)
        let descriptor = try Self.open(path)
        let isPseudoTerminal = clinux_is_pseudo_terminal(descriptor.number) != 0
        var before = clinux_termios()
        guard unsafe clinux_termios_get(descriptor.number, &before) == 0 else {
            throw Self.failure("tcgetattr", path, "not a serial port: correct 'port' in the configuration")
        }
        try Self.lock(descriptor.number, path, isPseudoTerminal: isPseudoTerminal)
        do throws(LinkError) {
            hasMarks = try Self.set(descriptor.number, settings, path, isPseudoTerminal: isPseudoTerminal)
        } catch {
            Self.leave(descriptor.number, before, isPseudoTerminal: isPseudoTerminal)
            throw error
        }
        // What was sent before we listened belongs to nobody.
        _ = clinux_drop_input(descriptor.number)
        countsAtOpening = Self.counts(descriptor.number)
        self.before = before
        self.isPseudoTerminal = isPseudoTerminal
        self.path = path
        self.descriptor = descriptor
    }

    deinit { Self.leave(descriptor.number, before, isPseudoTerminal: isPseudoTerminal) }

    /// As it was found. On a port that is gone this fails, and nothing is lost.
    private static func leave(_ number: Int32, _ before: clinux_termios, isPseudoTerminal: Bool) {
        _ = unsafe withUnsafePointer(to: before) { unsafe clinux_termios_restore(number, $0) }
        if !isPseudoTerminal { _ = clinux_set_exclusive(number, 0) }
    }

    /// What the driver counted since the line was opened; `nil` when it does not count.
    borrowing func errorsCounted() -> LineErrors? {
        guard let start = countsAtOpening, let now = Self.counts(descriptor.number) else { return nil }
        return LineErrors(
            breaks: Int(now.breaks &- start.breaks), framing: Int(now.framing &- start.framing),
            parity: Int(now.parity &- start.parity), overruns: Int(now.overruns &- start.overruns))
    }

    // MARK: Opening

    private static func open(_ path: String) throws(LinkError) -> FileDescriptor {
        while true {
            let number = unsafe clinux_open_tty(path)
            if number >= 0 { return FileDescriptor(owning: number) }
            if errno != EINTR { throw LinkError(.last("open", path)) }
        }
    }

    private static func lock(_ number: Int32, _ path: String, isPseudoTerminal: Bool) throws(LinkError) {
        guard flock(number, LOCK_EX | LOCK_NB) == 0 else { throw LinkError(.last("flock", path)) }
        if !isPseudoTerminal, clinux_set_exclusive(number, 1) != 0 {
            throw LinkError(.last("ioctl TIOCEXCL", path))
        }
    }

    /// Sets the line and reads back what it took. Returns whether damage is marked.
    private static func set(
        _ number: Int32, _ settings: SerialSettings, _ path: String, isPseudoTerminal: Bool
    ) throws(LinkError) -> Bool {
        var wanted = settings.line
        guard unsafe clinux_line_set(number, &wanted) == 0 else {
            throw failure("tcsetattr", path, "it does not take \(settings.text)")
        }
        var found = clinux_line()
        var marks: Int32 = 0
        guard unsafe clinux_line_get(number, &found, &marks) == 0 else { throw LinkError(.last("tcgetattr", path)) }
        let isAsWanted =
            found.baud == wanted.baud
            && (isPseudoTerminal
                || found.data_bits == wanted.data_bits && found.parity == wanted.parity
                    && found.stop_bits == wanted.stop_bits && found.flow_control == wanted.flow_control)
        guard isAsWanted else {
            throw .system(
                call: "tcsetattr", errno: EINVAL,
                "\(path) (it was told \(settings.text) and is at \(Self.text(of: found)))")
        }
        return marks != 0
    }

    private static func counts(_ number: Int32) -> clinux_counts? {
        var counts = clinux_counts()
        return unsafe clinux_line_counts(number, &counts) == 0 ? counts : nil
    }

    // MARK: Settings

    private static func check(_ settings: SerialSettings, _ path: String) throws(LinkError) {
        let complaint: String? =
            if clinux_is_standard_baud(Int32(clamping: settings.baud)) == 0 {
                "\(settings.baud) baud is not a standard speed"
            } else if settings.dataBits != 7 && settings.dataBits != 8 {
                "\(settings.dataBits) data bits are not 7 or 8"
            } else if settings.stopBits != 1 && settings.stopBits != 2 {
                "\(settings.stopBits) stop bits are not 1 or 2"
            } else {
                nil
            }
        if let complaint { throw .system(call: "serial settings", errno: EINVAL, "\(path) (\(complaint))") }
    }

    /// The error of the call that just failed. A port that went away meanwhile is gone, whatever the words.
    private static func failure(_ call: String, _ path: String, _ words: String) -> LinkError {
        let number = errno
        switch number {
        case EIO, ENXIO, ENODEV: return .gone(path)
        default: return .system(call: call, errno: number, "\(path) (\(words))")
        }
    }

    private static func text(of line: clinux_line) -> String {
        let parity = ["N", "O", "E"]
        let letter = parity.indices.contains(Int(line.parity)) ? parity[Int(line.parity)] : "?"
        return "\(line.baud) baud \(line.data_bits)\(letter)\(line.stop_bits)"
    }
}

extension SerialSettings {
    fileprivate var line: clinux_line {
        clinux_line(
            baud: Int32(clamping: baud), data_bits: Int32(clamping: dataBits),
            parity: [.none: 0, .odd: 1, .even: 2][parity] ?? 0, stop_bits: Int32(clamping: stopBits),
            flow_control: [.none: 0, .hardware: 1, .software: 2][flowControl] ?? 0)
    }

    /// `9600 baud 8N1`
    fileprivate var text: String {
        "\(baud) baud \(dataBits)\(parity.rawValue.first?.uppercased() ?? "?")\(stopBits)"
    }
}
