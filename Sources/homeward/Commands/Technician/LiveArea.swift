import Linux

/// A picture that is drawn over again and again, by the control sequences of ECMA-48 and xterm.
///
/// Lines that are wider than the terminal are cut, so that each is one row.
final class LiveArea {
    enum Place {
        /// Below what was printed before; the last picture stays.
        case below
        /// On a screen of its own, which vanishes at the end.
        case ownScreen
    }

    private let console: Console
    private let place: Place
    private let quiet = Terminal.Quiet()
    private var rows = 0
    private var columns: Int
    private var isEnded = false

    init(_ console: Console, _ place: Place) {
        self.console = console
        self.place = place
        columns = console.columns
        if place == .ownScreen { console.write("\u{1B}[?1049h") }
        console.write("\u{1B}[?25l")
    }

    /// How many lines there is room for.
    var rowsMax: Int { max(1, console.rows - 1) }

    func draw(_ lines: [String]) {
        guard !isEnded else { return }
        let lines = lines.prefix(rowsMax)
        if console.columns != columns {
            // The terminal has broken the old lines anew, nobody knows where: begin on a clean screen.
            columns = console.columns
            console.write("\u{1B}[H\u{1B}[J")
            rows = 0
        }
        console.write(place == .ownScreen ? "\u{1B}[H" : rows > 0 ? "\r\u{1B}[\(rows)A" : "\r")
        for line in lines { console.write("\(TerminalText.cropped(line, columns))\u{1B}[K\r\n") }
        console.write("\u{1B}[J")
        console.flush()
        rows = lines.count
    }

    /// The terminal is as it was before. May be called twice.
    func end() {
        guard !isEnded else { return }
        isEnded = true
        console.write("\u{1B}[?25h")
        if place == .ownScreen { console.write("\u{1B}[?1049l") }
        console.flush()
        quiet.restore()
    }

    deinit { end() }
}
