import Vitals

/// The screen of `watch`.
struct WatchPicture {
    let console: Console
    let text: TerminalText
    private let columns: Int

    /// A value that is older is told with its age.
    static let ageShownFrom: Duration = .seconds(5)
    static let columnsMax = 120
    static let alertRowsMax = 2

    init(_ console: Console, _ text: TerminalText) {
        self.console = console
        self.text = text
        columns = min(console.columns, Self.columnsMax)
    }

    func lines(_ title: String, _ board: WatchBoard, at now: Instant) -> [String] {
        let head = [console.styled(text.cut(title, columns), .bold), ""]
        let foot = self.foot(board)
        var body = board.devices.flatMap { lines($0, at: now) }
        if board.devices.isEmpty { body = ["Waiting for values."] }
        let room = max(1, console.rows - 1 - head.count - foot.count)
        if body.count > room {
            let more =
                Words.count(body.count - room + 1, "line") + " more: make the window higher, or name one device"
            body = body.prefix(room - 1) + [console.styled(text.cut(more, columns), .yellow)]
        }
        return head + body + foot
    }

    private func lines(_ device: WatchBoard.Device, at now: Instant) -> [String] {
        var title = console.styled(text.cut(text.clean(device.name), columns - 20), .bold)
        if let link = device.link {
            let words = text.cut(text.clean(link), 16)
            title += "  " + console.styled(words, link == "connected" ? .green : .yellow)
        }
        var lines = [title]
        if let problem = device.problem {
            let words = Failure.words(problem, text)
            let both = Failure.sentence(words.cause) + (words.remedy.map { " \(Failure.sentence($0))" } ?? "")
            let rows = TerminalText.wrapped(both, columns: columns, indent: 2)
            lines += rows.map { console.styled($0, .yellow) }
        }
        lines += device.readings.map { line($0.reading, age: now - $0.at) }
        if let session = device.session {
            let age = Words.age(milliseconds: Double((now - session.at).wholeMilliseconds))
            let ending = age == "now" ? "" : " (\(age) ago)"
            lines.append(text.cut("  \(SessionWords.line(session.event, text))", columns - ending.count) + ending)
        }
        for wave in device.waves { lines += self.lines(wave) }
        return lines + [""]
    }

    private func line(_ reading: ReadingEvent, age: Duration) -> String {
        let value = text.filled(ReadingWords.value(reading, text), 14)
        let isOld = age >= Self.ageShownFrom
        let ageText = isOld ? Words.age(milliseconds: Double(age.wholeMilliseconds)) + " ago" : ""
        let doubt = text.filled(ReadingWords.doubt(reading, text), max(10, columns - 2 - 26 - 14 - 12))
        let isGood = reading.quality == "valid" && reading.value != nil
        let name = text.filled(ReadingWords.name(reading.metric, text), 26)
        return "  \(name)\(console.styled(value, isOld ? .dim : isGood ? .bold : .yellow))"
            + "\(console.styled(doubt, .yellow))\(ageText)"
    }

    private func lines(_ wave: Wave) -> [String] {
        let drawing = WaveDrawing(hasUnicode: console.hasUnicode, columns: max(8, columns - 4))
        return [text.cut("  \(label(wave))", columns)]
            + drawing.lines(wave.samples, capacity: wave.capacity).map { "  \(console.styled($0, .green))" }
    }

    /// `ECG, -0.4 to 1.1 mV, the last 4 s`
    private func label(_ wave: Wave) -> String {
        var label = ReadingWords.name(wave.metric, text)
        if let low = wave.samples.min(), let high = wave.samples.max() {
            let digits = high - low < 10 ? 2 : 0
            let unit = ReadingWords.unit(wave.unit ?? "1", text)
            label += ", \(decimal(low, fractionDigits: digits)) to \(decimal(high, fractionDigits: digits))"
            label += unit.isEmpty ? "" : " \(unit)"
        }
        return "\(label), the last \(decimal(Wave.seconds, fractionDigits: 0)) s"
    }

    private func foot(_ board: WatchBoard) -> [String] {
        var lines = board.alerts.flatMap { alert in
            TerminalText.wrapped(WatchLine.alertText(alert, text), columns: columns, hanging: 2)
                .prefix(Self.alertRowsMax)
                .map { console.styled(text.cut($0, columns), alert.priority == "high" ? .red : .yellow) }
        }
        if board.droppedCount > 0 {
            let words = "\(board.droppedCount) events were dropped: this terminal is too slow"
            lines.append(console.styled(text.cut(words, columns), .yellow))
        }
        return lines
    }
}
