import Delivery
import Linux
import Loop
import Vitals

/// `homeward record DEVICE`: the running daemon takes down what is said with one of its devices.
final class RecordDevice {
    private let technician: Technician
    private let device: String
    private let output: String?
    private var text = ""
    private var recorded: RecordedEvent?
    private var isWhole = false
    /// There was no room for more.
    private var isFull = false

    init(_ arguments: Arguments, on loop: EventLoop) throws {
        if let option = ["--driver", "--port"].first(where: { arguments[$0] != nil }) {
            throw TechnicianArguments.wrong("record: \(option) is for a port, and DEVICE is one of the daemon's")
        }
        device = try TechnicianArguments.operand(0, "DEVICE", arguments, of: "record")
        output = arguments.operands.count > 1 ? arguments.operands[1] : arguments["--output"]
        technician = try Technician("record", arguments, on: loop)
    }

    func run(seconds: Int) async throws -> ExitCode {
        let device = device
        let request = Technician.request("record") { json in
            json.member("device", device)
            json.member("seconds", seconds)
        }
        if technician.isJSON { return try await technician.relay(request) }
        try await technician.begin(request)
        listening: while !isFull {
            switch try await technician.next() {
            case .event(let event): take(event)
            case .done, .interrupted: break listening
            case .typed, .pause: break
            }
        }
        try keep()
        say()
        return .success
    }

    private func take(_ event: TechnicianEvent) {
        switch event {
        case .recording(let recording):
            isWhole = recording.isWhole ?? false
            add(recording.lines)
        case .frames(let lines): add(lines)
        case .recorded(let event): recorded = event
        default: break
        }
    }

    private func add(_ lines: [String]) {
        for line in lines where text.utf8.count < Recorder.bytesMax {
            text += Self.clean(line) + "\n"
        }
        isFull = text.utf8.count >= Recorder.bytesMax
    }

    /// A terminal shall not take it for commands; and unlike what is shown it is not cut.
    private static func clean(_ line: String) -> String {
        String(String.UnicodeScalarView(line.unicodeScalars.filter { $0.properties.generalCategory != .control }))
    }

    private func keep() throws(CommandError) {
        guard let output, output != "-" else {
            technician.console.write(text)
            technician.console.flush()
            return
        }
        do throws(SystemError) { try File.write(text, to: output, mode: 0o644) } catch {
            throw CommandError(.cannotCreate, "record: \(error)")
        }
    }

    private func say() {
        var words = recorded.map { Words.count($0.frames ?? 0, "frame") } ?? "stopped"
        words += isWhole ? ", from the connection on" : ", from the middle of a connection"
        if let dropped = recorded?.dropped, dropped > 0 { words += "; \(dropped) lost, there was no room for them" }
        if recorded?.hasEnded == true { words += "; the connection has ended" }
        Complaint.say("record: \(words)")
    }
}
