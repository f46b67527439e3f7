import DriverKit

/// The devices of the home, for a person.
struct DeviceTable {
    let console: Console
    let text: TerminalText

    init(_ console: Console, _ text: TerminalText) {
        self.console = console
        self.text = text
    }

    private var columns: Int { min(max(console.columns, 60), 120) }

    /// - Parameter isFull: with address, driver and whose it was, below each.
    func lines(_ devices: [DeviceEntry], isFull: Bool) -> [String] {
        guard !devices.isEmpty else {
            return TerminalText.wrapped(
                "There are no devices yet. 'homeward scan' shows what is near, and 'homeward pair ADDRESS' adds "
                    + "one.",
                columns: Failure.columnsMax)
        }
        let table = table
        return [table.head] + devices.flatMap { lines($0, table, isFull: isFull) }
    }

    private var table: Table {
        let fixed = 12 + 7 + 6 + 5 * Table.gap
        let names = columns - fixed
        let device = names * 2 / 5
        let model = (names - device) / 2
        return Table(
            columns: [
                ("DEVICE", device), ("MODEL", model), ("PATIENT", names - device - model), ("LINK", 12),
                ("BATTERY", 7), ("HEARD", 6),
            ], console: console, text: text)
    }

    private func lines(_ device: DeviceEntry, _ table: Table, isFull: Bool) -> [String] {
        let isUp = device.link == "connected"
        let battery = device.batteryPercent.map { $0.isFinite ? "\(Int(max(0, min($0, 100)))) %" : "-" } ?? "-"
        // It has to be typed: never cut.
        let id = text.clean(device.device)
        let isLong = id.count > table.columns[0].width
        let row = table.row([
            .init(isLong ? "" : id, .bold),
            .init(text.clean(device.model ?? device.name ?? device.driver ?? "-")),
            .init(device.patient.map(text.clean) ?? "nobody", device.patient == nil ? .yellow : nil),
            .init(text.clean(device.link ?? "-"), isUp ? .green : .yellow),
            .init(battery),
            .init(Words.age(milliseconds: device.lastHeardMilliseconds)),
        ])
        let rows = isLong ? [console.styled(id, .bold), row] : [row]
        return rows + (device.problem.map(trouble) ?? []) + (isFull ? details(device) : [])
    }

    private func trouble(_ problem: String) -> [String] {
        let words = Failure.words(problem, text)
        let cause = TerminalText.wrapped(Failure.sentence(words.cause), columns: columns, indent: 2)
        let remedy = words.remedy.map {
            TerminalText.wrapped(Failure.sentence($0), columns: columns, indent: 2)
        }
        return (cause + (remedy ?? [])).map { console.styled($0, .yellow) }
    }

    private func details(_ device: DeviceEntry) -> [String] {
        var parts = [device.address, device.driver.map { "driver \($0)" }].compactMap { $0.map(text.clean) }
        // Some give their values to anybody.
        if let hasKeys = device.paired, device.origin == "paired" {
            parts.append(hasKeys ? "paired" : "paired without keys")
        }
        if device.origin == "configuration" { parts.append("from the configuration") }
        var lines = parts.isEmpty ? [] : wrapped(parts.joined(separator: ", "))
        if let last = device.assignments?.last { lines += wrapped(assignment(last)) }
        return lines
    }

    private func assignment(_ assignment: DeviceEntry.Assignment) -> String {
        var words = assignment.to == nil ? "belongs to" : "belonged to"
        words += " \(assignment.patient ?? "?")"
        if let from = assignment.from { words += " from \(Words.time(from))" }
        if let to = assignment.to { words += " to \(Words.time(to))" }
        if let by = assignment.by { words += ", by \(by)" }
        if let seconds = assignment.missingAfterSeconds { words += ", missed after \(seconds) s of silence" }
        return text.clean(words)
    }

    private func wrapped(_ words: String) -> [String] {
        TerminalText.wrapped(words, columns: columns, indent: 2).map { console.styled($0, .dim) }
    }
}
