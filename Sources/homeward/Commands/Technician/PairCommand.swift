import Delivery
import DriverKit
import Vitals

extension Command {
    static let pair = Command(
        name: "pair",
        synopsis: "pair ADDRESS [--driver ID] [--name ID] [--patient ID] [--missing-after SECONDS] [--yes] "
            + "[--socket PATH] [--json]",
        summary: "Pairs with a Bluetooth device, step by step, and tries it.",
        details: [
            "  ADDRESS         as 'homeward scan' shows it, such as C4:B5:00:11:22:33",
            "  --driver ID     see 'homeward drivers'; recognised by itself unless told",
            "  --name ID       how the device is to be called here; made from its model unless told",
            "  --patient ID    to whom it belongs, a pseudonym; asked unless told",
            "  --missing-after SECONDS",
            "                  with --patient: see 'homeward help assign'",
            "  --yes           agrees beforehand to pair with a device that shows no digits",
        ] + Technician.help + [
            "",
            "A device that was paired before is paired anew: its old keys are forgotten first. Put the device",
            "into pairing mode when its manual says so.",
        ],
        grammar: .init(
            options: Technician.options.union(["--driver", "--name", "--patient", "--missing-after"]),
            flags: Technician.flags.union(["--yes"]), operandsMax: 1)
    ) { arguments, loop in
        let wish = try PairWish(arguments)
        let technician = try Technician("pair", arguments, on: loop)
        if technician.isJSON { return try await technician.relayPairing(wish) }
        return try await PairGuide(technician, wish).run()
    }
}

/// What the command line says of a pairing.
struct PairWish {
    var address: String
    var driver: String?
    var name: String?
    var patient: String?
    var missingAfterSeconds: Int?
    var agreesBeforehand: Bool

    init(_ arguments: Arguments) throws(CommandError) {
        guard let operand = arguments.operands.first else {
            throw TechnicianArguments.wrong("pair: ADDRESS is needed: 'homeward scan' shows it")
        }
        guard let address = BluetoothAddress(operand, kind: .random) else {
            throw TechnicianArguments.wrong(
                "pair: '\(operand)' is no address: six pairs of digits as in C4:B5:00:11:22:33")
        }
        self.address = address.description
        driver = arguments["--driver"]
        name = try TechnicianArguments.identifier(arguments["--name"], "pair: --name")
        patient = try TechnicianArguments.identifier(arguments["--patient"], "pair: --patient")
        missingAfterSeconds = try TechnicianArguments.missingAfterSeconds(arguments)
        agreesBeforehand = arguments.has("--yes")
    }

    var request: [UInt8] {
        Technician.request("pair") { json in
            json.member("address", address)
            json.member("driver", ifPresent: driver)
            json.member("device", ifPresent: name)
        }
    }
}

extension Technician {
    /// Pairs, and assigns when a patient was named.
    func relayPairing(_ wish: PairWish) async throws(CommandError) -> ExitCode {
        var device: String?
        let code = try await relay(wish.request, agreesBeforehand: wish.agreesBeforehand) { event in
            if case .paired(let paired) = event { device = paired.device }
        }
        guard code == .success else { return code }
        // Stopped by Ctrl-C.
        guard let device else { return .failure }
        guard let patient = wish.patient else { return code }
        return try await relay(
            Self.assignment(of: device, to: patient, missingAfterSeconds: wish.missingAfterSeconds))
    }

    static func assignment(of device: String, to patient: String, missingAfterSeconds: Int?) -> [UInt8] {
        request("assign") { json in
            json.member("device", device)
            json.member("patient", patient)
            json.member("missingAfterSeconds", ifPresent: missingAfterSeconds)
        }
    }
}

/// Checks of what the command line says, before the daemon is asked.
enum TechnicianArguments {
    static func wrong(_ words: String) -> CommandError {
        let name = "homeward: "
        let rows = TerminalText.wrapped(name + words, columns: Failure.columnsMax, hanging: 2)
        return CommandError(.usage, String(rows.joined(separator: "\n").dropFirst(name.count)))
    }

    static func missingAfterSeconds(_ arguments: Arguments) throws(CommandError) -> Int? {
        try arguments.integer("--missing-after", in: 5 ... 86_400)
    }

    static func identifier(_ text: String?, _ subject: String) throws(CommandError) -> String? {
        guard let text else { return nil }
        guard let identifier = Identifier(text) else {
            throw TechnicianArguments.wrong("\(subject) is '\(text)', and must be \(Identifier.rule)")
        }
        return identifier.text
    }

    /// An operand that must be there.
    static func operand(_ index: Int, _ name: String, _ arguments: Arguments, of command: String)
        throws(CommandError)
        -> String
    {
        guard arguments.operands.count > index else {
            throw TechnicianArguments.wrong("\(command): \(name) is needed: 'homeward devices' lists the devices")
        }
        return try identifier(arguments.operands[index], "\(command): \(name)") ?? ""
    }
}
