import Delivery
import Linux
import Loop
import Vitals

extension Command {
    static let scan = Command(
        name: "scan", synopsis: "scan [--seconds N] [--all] [--socket PATH] [--json]",
        summary: "Shows the Bluetooth devices nearby, as they are heard.",
        details: [
            "  --seconds N     how long it listens (1 to 600, 30 unless told)",
            "  --all           also the devices that no driver knows",
        ] + Technician.help + [
            "",
            "On a terminal the table is redrawn until the time is over or Ctrl-C is pressed; otherwise it",
            "is printed once, at the end. Most devices are heard only while they are switched on and not",
            "connected to a phone.",
        ],
        grammar: .init(options: Technician.options.union(["--seconds"]), flags: Technician.flags.union(["--all"]))
    ) { arguments, loop in
        let seconds = try arguments.integer("--seconds", in: 1 ... 600) ?? 30
        let technician = try Technician("scan", arguments, on: loop)
        let request = Technician.request("scan") { $0.member("seconds", seconds) }
        if technician.isJSON { return try await technician.relay(request) }
        let scan = Scan(technician, showsAll: arguments.has("--all"), until: loop.now + .seconds(seconds))
        return try await scan.run(request)
    }
}

/// The table of what is heard.
final class Scan {
    private let technician: Technician
    private let console: Console
    private let text: TerminalText
    private let showsAll: Bool
    private let end: Instant
    private var heard = SightingsEvent(radio: nil, sightings: [])
    private var isOver = false

    init(_ technician: Technician, showsAll: Bool, until end: Instant) {
        self.technician = technician
        console = technician.console
        text = technician.text
        self.showsAll = showsAll
        self.end = end
    }

    func run(_ request: [UInt8]) async throws(CommandError) -> ExitCode {
        try await technician.begin(request)
        let live = console.isScreen ? LiveArea(console, .below) : nil
        defer { live?.end() }
        while !isOver {
            live?.draw(lines(columns: console.columns, rowsMax: console.rows - 1))
            switch try await technician.next(before: technician.loop.now + .seconds(1)) {
            case .event(.sightings(let event)): heard = event
            case .done: isOver = true
            case .interrupted:
                await technician.conversation.end()
                isOver = true
            case .event, .typed, .pause: break
            }
        }
        if let live {
            live.draw(lines(columns: console.columns, rowsMax: console.rows - 1))
        } else {
            for line in lines(columns: console.columns, rowsMax: .max) { console.line(line) }
        }
        return technician.finished()
    }

    // MARK: Lines

    private func lines(columns: Int, rowsMax: Int) -> [String] {
        let known = heard.sightings.filter { $0.isKnown }
        let unknown = heard.sightings.filter { !$0.isKnown }
        let shown = showsAll ? known + unknown : known
        var lines = [console.styled(text.cut(title, columns), .bold), ""]
        if let trouble { lines += wrapped(trouble, columns).map { console.styled($0, .yellow) } + [""] }
        var below: [String] = []
        if !showsAll, !unknown.isEmpty {
            let devices = Words.count(unknown.count, "device")
            below += wrapped("\(devices) that no driver knows: 'homeward scan --all' shows them.", columns)
        }
        if shown.isEmpty {
            return lines + wrapped(nothing, columns) + below
        }
        if known.contains(where: { $0.paired != true }) { below.append("Pair one: homeward pair ADDRESS") }
        let table = table(columns)
        let room = rowsMax - lines.count - below.count - 3
        lines.append(table.head)
        lines += shown.prefix(max(1, room)).map { row($0, table) }
        if shown.count > max(1, room) {
            lines.append("… and \(shown.count - max(1, room)) more: the window is too low".ascii(unless: console))
        }
        return lines + [""] + below
    }

    private var title: String {
        let left = max(0, (end - technician.loop.now).wholeMilliseconds + 999) / 1000
        let found = Words.count(heard.sightings.count, "device") + " heard"
        return isOver
            ? "Bluetooth devices nearby: \(found)"
            : "Bluetooth devices nearby: \(found), \(left) s left (Ctrl-C ends)"
    }

    private var nothing: String {
        isOver
            ? "Nothing was heard that a driver knows. Switch the device on, wake it, hold it near the box, and "
                + "close the vendor's app on phones nearby."
            : "Nothing yet. Switch the device on, or wake it: most are heard only while they are in use."
    }

    private var trouble: String? { heard.radio.flatMap { RadioWords.trouble($0) } }

    private func wrapped(_ line: String, _ columns: Int) -> [String] {
        TerminalText.wrapped(line, columns: min(columns, Failure.columnsMax))
    }

    /// A narrow window does without the last two columns.
    private func table(_ columns: Int) -> Table {
        let last = columns < Self.columnsMin ? [] : [("PAIRED", 6), ("SEEN", 6)]
        let fixed = 17 + 10 + 3 * Table.gap + last.count * (6 + Table.gap)
        let names = max(16, min(columns, 120) - fixed)
        return Table(
            columns: [("ADDRESS", 17), ("NAME", names / 2), ("MODEL", names - names / 2), ("SIGNAL dBm", 10)]
                + last,
            console: console, text: text)
    }

    private static let columnsMin = 72

    private func row(_ sighting: SightingsEvent.Sighting, _ table: Table) -> String {
        let model = sighting.model ?? sighting.driver
        let isKnown = sighting.isKnown
        return table.row([
            .init(text.clean(sighting.address), isKnown ? .bold : .dim),
            .init(text.clean(sighting.name ?? "-"), isKnown ? nil : .dim),
            .init(text.clean(model ?? "unknown"), isKnown ? nil : .dim),
            .init(signal(sighting.rssiDBm)),
            .init(sighting.paired == true ? "yes" : "no", sighting.paired == true ? .green : nil),
            .init(Words.age(milliseconds: sighting.lastHeardMilliseconds)),
        ])
    }

    /// Four bars are next to it, one is at the end of the reach.
    private func signal(_ dBm: Double?) -> String {
        guard let dBm, dBm.isFinite, abs(dBm) < 1000 else { return "" }
        let bars = dBm >= -60 ? 4 : dBm >= -70 ? 3 : dBm >= -80 ? 2 : 1
        let drawn = console.hasUnicode ? String("▂▄▆█".prefix(bars)) : String(repeating: "#", count: bars)
        let number = "\(Int(dBm))"
        return text.filled(drawn, 4) + TerminalText.spaces(6 - number.count) + number
    }
}

extension SightingsEvent.Sighting {
    /// A driver reads it, or it is paired already.
    var isKnown: Bool { driver != nil || paired == true }
}

extension String {
    /// Without the one sign that is beyond ASCII here.
    func ascii(unless console: Console) -> String { console.hasUnicode ? self : replacing("…", with: "...") }
}
