import Delivery
import Linux
import Loop
import Vitals

extension Command {
    static let watch = Command(
        name: "watch", synopsis: "watch [DEVICE] [--socket PATH] [--json]",
        summary: "Shows live values and draws waveforms, until Ctrl-C.",
        details: Technician.help + [
            "",
            "On a terminal it draws a screen of its own; otherwise it prints a line for each value and each",
            "session, and no waveforms. Values are as the device sent them, with their doubts.",
        ],
        grammar: .init(options: Technician.options, flags: Technician.flags, operandsMax: 1)
    ) { arguments, loop in
        let device = try TechnicianArguments.identifier(arguments.operands.first, "watch: DEVICE")
        let technician = try Technician("watch", arguments, on: loop)
        let request = Technician.request("watch") { $0.member("device", ifPresent: device) }
        if technician.isJSON { return try await technician.relay(request) }
        return try await Watch(technician, device: device).run(request)
    }
}

/// Live values on a screen, or line by line.
final class Watch {
    private let technician: Technician
    private let console: Console
    private let title: String
    private var board = WatchBoard()

    /// Faster than this a person sees no difference.
    static let drawInterval: Duration = .milliseconds(100)

    init(_ technician: Technician, device: String?) {
        self.technician = technician
        console = technician.console
        title = "Live values of \(device ?? "all devices") (Ctrl-C ends)"
    }

    func run(_ request: [UInt8]) async throws(CommandError) -> ExitCode {
        try await technician.begin(request)
        return console.isScreen ? try await draw() : try await list()
    }

    private func draw() async throws(CommandError) -> ExitCode {
        let live = LiveArea(console, .ownScreen)
        defer { live.end() }
        var drawAt = technician.loop.now
        while true {
            if technician.loop.now >= drawAt {
                let picture = WatchPicture(console, technician.text)
                live.draw(picture.lines(title, board, at: technician.loop.now))
                drawAt = technician.loop.now + .seconds(1)
            }
            switch try await technician.next(before: drawAt) {
            case .event(let event):
                board.take(event, at: technician.loop.now)
                drawAt = min(drawAt, technician.loop.now + Self.drawInterval)
            case .done: return .success
            case .interrupted:
                await technician.conversation.end()
                return .success
            case .typed, .pause: break
            }
        }
    }

    private func list() async throws(CommandError) -> ExitCode {
        while !console.isBroken {
            switch try await technician.next() {
            case .event(let event):
                if let line = WatchLine.text(event, technician.text) { console.line(line) }
                console.flush()
            case .done: return technician.finished()
            case .interrupted:
                await technician.conversation.end()
                return technician.finished()
            case .typed, .pause: break
            }
        }
        return .success
    }
}

/// One event as a line, for files and pipes.
enum WatchLine {
    static func text(_ event: TechnicianEvent, _ text: TerminalText) -> String? {
        switch event {
        case .reading(let reading):
            let time = reading.time.map { "\(text.clean($0)) " } ?? ""
            let device = reading.device.map { "\(text.clean($0)) " } ?? ""
            let doubt = ReadingWords.doubt(reading, text)
            let value = ReadingWords.value(reading, text)
            return "\(time)\(device)\(text.clean(reading.metric)) \(value)\(doubt.isEmpty ? "" : " (\(doubt))")"
        case .link(let link):
            let why = link.problem.map { ": \(Failure.words($0, text).cause)" } ?? ""
            return "\(text.clean(link.device)) is \(text.clean(link.link ?? "?"))\(why)"
        case .session(let session):
            let time = session.time.map { "\(text.clean($0)) " } ?? ""
            let device = session.device.map { "\(text.clean($0)) " } ?? ""
            return "\(time)\(device)session: \(SessionWords.line(session, text))"
        case .alert(let alert): return alertText(alert, text)
        case .dropped(let count): return "\(count) events were dropped: this reader is too slow"
        default: return nil
        }
    }

    static func alertText(_ alert: AlertEvent, _ text: TerminalText) -> String {
        let condition = text.clean(alert.condition ?? "?").replacing("-", with: " ")
        let words = alert.text.map { ": \(text.clean($0))" } ?? ""
        let device = alert.device.map { "\(text.clean($0)), " } ?? ""
        let priority = text.clean(alert.priority ?? "?")
        return "\(priority) alarm, \(text.clean(alert.phase ?? "?")): \(device)\(condition)\(words)"
    }
}
