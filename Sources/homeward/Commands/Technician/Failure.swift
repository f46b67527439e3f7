import DriverKit

/// What went wrong, in the words of somebody who can do something about it: cause, then remedy.
struct Failure {
    var code: String
    var cause: String
    var remedy: String?

    static let columnsMax = 80

    init(code: String, cause: String, remedy: String?) {
        self.code = code
        self.cause = cause
        self.remedy = remedy
    }

    /// What the daemon says, and where it says nothing, what the problem's own words are.
    init(_ event: FailureEvent, _ text: TerminalText) {
        let problem = BluetoothProblem(rawValue: event.code)
        code = event.code
        cause = text.clean(event.text ?? problem?.cause ?? "the daemon refused: \(event.code)")
        remedy = (event.remedy ?? problem?.remedy).map(text.clean)
    }

    /// For scripts.
    var exitCode: ExitCode {
        switch code {
        case "not-permitted-user", BluetoothProblem.notPermitted.rawValue: .noPermission
        case "bad-request", "unknown-device", "unknown-patient-id": .usage
        case "unknown-command": .software
        case "busy", "stopping": .temporary
        case "state-not-written": .inputOutput
        case "already-assigned", "not-assigned", BluetoothProblem.wrongPasskey.rawValue,
            BluetoothProblem.pairingRefused.rawValue, BluetoothProblem.bondForgottenByDevice.rawValue,
            BluetoothProblem.bondStaleHere.rawValue, BluetoothProblem.notPaired.rawValue,
            BluetoothProblem.protocolError.rawValue:
            .failure
        default: .unavailable
        }
    }

    /// A problem of a device, told by its name or in words.
    static func words(_ problem: String, _ text: TerminalText) -> (cause: String, remedy: String?) {
        guard let known = BluetoothProblem(rawValue: problem) else { return (text.clean(problem), nil) }
        return (known.cause, known.remedy)
    }

    /// `homeward: pair: the device was not heard` and below it what to do, at most 80 columns wide.
    func error(of command: String) -> CommandError {
        let name = "homeward: "
        let first = TerminalText.wrapped("\(name)\(command): \(cause)", columns: Self.columnsMax, hanging: 2)
        let rest = remedy.map { TerminalText.wrapped(Self.sentence($0), columns: Self.columnsMax, indent: 2) } ?? []
        return CommandError(exitCode, String((first + rest).joined(separator: "\n").dropFirst(name.count)))
    }

    /// With a capital letter in front and a full stop behind.
    static func sentence(_ text: String) -> String {
        guard let first = text.first else { return text }
        let end = text.last.map { ".!?:".contains($0) } ?? true ? "" : "."
        return first.uppercased() + text.dropFirst() + end
    }
}
