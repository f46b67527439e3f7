import Delivery
import Vitals

extension Command {
    static let unpair = change(
        "unpair", [("DEVICE", "device")], "Forgets a device: its keys, and that it may be connected to.",
        "What was measured with it stays. Remove the pairing on the device too, where its menu lets you.")
    static let assign = Command(
        name: "assign", synopsis: "assign DEVICE PATIENT [--missing-after SECONDS] [--socket PATH] [--json]",
        summary: "Says to whom a device belongs from now on.",
        details: [
            "  --missing-after SECONDS",
            "                  it is meant to measure all the time: so long without a value is an alarm;",
            "                  5 to 86400. Without it, its silence is told to nobody",
        ] + Technician.help + [
            "", "PATIENT is a pseudonym, \(Identifier.rule). Values measured before stay where they are.",
        ],
        grammar: .init(
            options: Technician.options.union(["--missing-after"]), flags: Technician.flags, operandsMax: 2)
    ) { arguments, loop in
        let request = Technician.assignment(
            of: try TechnicianArguments.operand(0, "DEVICE", arguments, of: "assign"),
            to: try TechnicianArguments.operand(1, "PATIENT", arguments, of: "assign"),
            missingAfterSeconds: try TechnicianArguments.missingAfterSeconds(arguments))
        return try await Technician("assign", arguments, on: loop).change(request)
    }
    static let unassign = change(
        "unassign", [("DEVICE", "device")], "Says that a device belongs to nobody any more.",
        "Its values are kept under 'unassigned' from now on, and raise no clinical alarm.")

    /// A command of one sentence and one answer.
    private static func change(
        _ name: String, _ operands: [(word: String, member: String)], _ summary: String, _ more: String
    ) -> Command {
        let words = operands.map(\.word).joined(separator: " ")
        return Command(
            name: name, synopsis: "\(name) \(words) [--socket PATH] [--json]", summary: summary,
            details: Technician.help + ["", more],
            grammar: .init(options: Technician.options, flags: Technician.flags, operandsMax: operands.count)
        ) { arguments, loop in
            var members: [(String, String)] = []
            for (index, operand) in operands.enumerated() {
                members.append(
                    (operand.member, try TechnicianArguments.operand(index, operand.word, arguments, of: name)))
            }
            let technician = try Technician(name, arguments, on: loop)
            let request = Technician.request(name) { json in
                for (name, value) in members { json.member(name, value) }
            }
            return try await technician.change(request)
        }
    }

    static let devices = Command(
        name: "devices", synopsis: "devices [--socket PATH] [--json]",
        summary: "Lists the devices, whose they are, and how they do.", details: Technician.help,
        grammar: .init(options: Technician.options, flags: Technician.flags)
    ) { arguments, loop in
        let technician = try Technician("devices", arguments, on: loop)
        // Many devices come in several lines.
        var devices: [DeviceEntry] = []
        let code = try await technician.ask(Technician.request("devices")) { event in
            if case .devices(let more) = event { devices += more }
        }
        guard code == .success, !technician.isJSON else { return code }
        let table = DeviceTable(technician.console, technician.text)
        for line in table.lines(devices, isFull: true) { technician.console.line(line) }
        return technician.finished()
    }

    static let status = Command(
        name: "status", synopsis: "status [--socket PATH] [--json]",
        summary: "Tells how the daemon, its radio, its devices and its alarms are.", details: Technician.help,
        grammar: .init(options: Technician.options, flags: Technician.flags)
    ) { arguments, loop in
        let technician = try Technician("status", arguments, on: loop)
        return try await technician.ask(Technician.request("status")) { event in
            guard case .status(let status) = event else { return }
            let report = StatusReport(technician.console, technician.text)
            for line in report.lines(status) { technician.console.line(line) }
        }
    }
}

extension Technician {
    /// Asks for a change, and says what has become of it.
    func change(_ request: [UInt8]) async throws(CommandError) -> ExitCode {
        try await ask(request) { event in
            guard case .changed(let event) = event else { return }
            for line in ChangeWords.lines(event, text) { console.line(line) }
        }
    }
}

/// What has become of a device, in one sentence and its consequence.
enum ChangeWords {
    static func lines(_ event: ChangedEvent, _ text: TerminalText) -> [String] {
        let device = text.clean(event.device)
        let words =
            switch event.event {
            case "assigned": assigned(device, event, text)
            case "unassigned": "\(device) belongs to nobody now. Its values raise no alarm."
            default:
                "\(device) is forgotten, and is not connected to any more. Remove the pairing on the device too, "
                    + "where its menu lets you."
            }
        return TerminalText.wrapped(words, columns: Failure.columnsMax)
    }

    private static func assigned(_ device: String, _ event: ChangedEvent, _ text: TerminalText) -> String {
        let patient = event.patient.map(text.clean) ?? "the patient"
        let from = event.from.map { ", from \(Words.time(text.clean($0)))" } ?? ""
        return "\(device) belongs to \(patient)\(from)."
    }
}
