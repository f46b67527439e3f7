import Delivery
import DriverKit

/// Why a command was not carried out: a code for programs, the cause and the remedy for people.
struct CommandFailure: Error, Hashable, Sendable {
    var code: String
    var text: String
    var remedy: String

    /// Reasons that are not the radio's.
    enum Code: String, Hashable, Sendable, CaseIterable {
        case badRequest = "bad-request"
        case unknownCommand = "unknown-command"
        case unknownDevice = "unknown-device"
        case unknownPatientID = "unknown-patient-id"
        case alreadyAssigned = "already-assigned"
        case notAssigned = "not-assigned"
        case notConnected = "not-connected"
        case notRecorded = "not-recorded"
        case busy
        case notPermittedUser = "not-permitted-user"
        case stopping
        case stateNotWritten = "state-not-written"

        /// What to do, unless something better is known.
        var remedy: String {
            switch self {
            case .badRequest: "send one JSON object on one line, as the command line does"
            case .unknownCommand: "use one of \(CommandRequest.names.joined(separator: ", "))"
            case .unknownDevice: "run 'homeward devices' to see their names"
            case .unknownPatientID: "use the patient's pseudonym"
            case .alreadyAssigned: "run 'homeward unassign DEVICE' first"
            case .notAssigned: "run 'homeward devices' to see whose they are"
            case .notConnected: "plug it in, or wake it and hold it near; 'homeward status' says how it does"
            case .notRecorded: "record for some seconds, or switch 'recorder' on in the configuration"
            case .busy: "try again in a moment"
            case .notPermittedUser: "have the user added to the group homeward"
            case .stopping: "try again when homeward runs"
            case .stateNotWritten: "look at the disk of the box, and try again"
            }
        }
    }

    init(_ code: Code, _ text: String, remedy: String? = nil) {
        self.code = code.rawValue
        self.text = text
        self.remedy = remedy ?? code.remedy
    }

    init(_ problem: BluetoothProblem, _ what: String = "", remedy: String? = nil) {
        code = problem.rawValue
        text = problem.cause + (what.isEmpty ? "" : ": \(what)")
        self.remedy = remedy ?? problem.remedy
    }

    /// What the radio said.
    init(_ error: LinkError) {
        switch error {
        case .bluetooth(let problem, let what): self.init(problem, what)
        case .denied(let what): self.init(.notPermitted, what)
        case .busy(let what): self.init(.busy, "\(what) is busy")
        case .closed, .gone, .system: self.init(.linkLost, error.description)
        }
    }

    /// The last line of its conversation.
    var line: [UInt8] {
        JSONText.object { json in
            json.object("error") { json in
                json.member("code", code)
                json.member("text", text)
                json.member("remedy", remedy)
            }
        }
    }
}
