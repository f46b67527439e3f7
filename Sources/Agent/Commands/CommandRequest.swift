import DriverKit
import Vitals

/// What a technician asks for, by one line of JSON.
enum CommandRequest: Hashable, Sendable {
    case status
    case devices
    case scan(seconds: Int)
    case pair(Pairing)
    case unpair(device: Identifier)
    /// `missingAfterSeconds`: it is meant to measure all the time, and so long without a value is an alarm.
    case assign(device: Identifier, patient: Identifier, missingAfterSeconds: Int?)
    case unassign(device: Identifier)
    case watch(device: Identifier?)
    case record(device: Identifier, seconds: Int)

    struct Pairing: Hashable, Sendable {
        /// `C4:B5:00:11:22:33`
        var address: String
        /// `nil`: as it is sighted.
        var kind: BluetoothAddress.Kind?
        /// `nil`: recognised by its advertisement.
        var driver: String?
        /// `nil`: made from its model and its address.
        var device: Identifier?
    }

    static let names = ["status", "devices", "scan", "pair", "unpair", "assign", "unassign", "watch", "record"]
    static let lineBytesMax = 16 << 10
    static let scanSeconds = 1 ... 600
    /// 0: only what the recorder has kept so far.
    static let recordSeconds = 0 ... 3600
    static let missingAfterSeconds = 5 ... 86_400

    init(parsing line: [UInt8]) throws(CommandFailure) {
        guard line.count <= Self.lineBytesMax else {
            throw CommandFailure(.badRequest, "a line of \(line.count) bytes, and at most \(Self.lineBytesMax) are")
        }
        let value: JSONValue
        do throws(JSONValue.Fault) { value = try JSONValue(parsing: line) } catch {
            throw CommandFailure(.badRequest, "not JSON: \(error)")
        }
        guard case .object(let members) = value, let name = value["command"]?.text else {
            throw CommandFailure(.badRequest, "an object with \"command\" is needed")
        }
        var reader = RequestReader(members)
        self = try Self.read(name, &reader)
        try reader.finish()
    }

    private static func read(_ name: String, _ reader: inout RequestReader) throws(CommandFailure) -> CommandRequest
    {
        switch name {
        case "status": return .status
        case "devices": return .devices
        case "scan": return .scan(seconds: try reader.number("seconds", in: scanSeconds) ?? 30)
        case "pair": return .pair(try reader.pairing())
        case "unpair": return .unpair(device: try reader.device())
        case "assign":
            return .assign(
                device: try reader.device(), patient: try reader.patient(),
                missingAfterSeconds: try reader.number("missingAfterSeconds", in: missingAfterSeconds))
        case "unassign": return .unassign(device: try reader.device())
        case "watch": return .watch(device: reader.has("device") ? try reader.device() : nil)
        case "record":
            return .record(
                device: try reader.device(), seconds: try reader.number("seconds", in: recordSeconds) ?? 60)
        default: throw CommandFailure(.unknownCommand, "there is no command \"\(name.prefix(32))\"")
        }
    }
}

/// Takes the members of a request one by one; what nobody asked for is an error.
private struct RequestReader {
    private let members: [String: JSONValue]
    private var asked: Set<String> = ["command"]

    init(_ members: [String: JSONValue]) { self.members = members }

    mutating func has(_ name: String) -> Bool {
        asked.insert(name)
        return members[name].map { $0 != .null } ?? false
    }

    private mutating func text(_ name: String) throws(CommandFailure) -> String? {
        guard has(name) else { return nil }
        guard let text = members[name]?.text else { throw CommandFailure(.badRequest, "\"\(name)\" is no text") }
        return text
    }

    mutating func device() throws(CommandFailure) -> Identifier {
        guard let text = try text("device") else { throw CommandFailure(.badRequest, "\"device\" is needed") }
        guard let id = Identifier(text) else {
            throw CommandFailure(.unknownDevice, "there is no device \"\(text.prefix(64))\"")
        }
        return id
    }

    mutating func patient() throws(CommandFailure) -> Identifier {
        guard let text = try text("patient") else { throw CommandFailure(.badRequest, "\"patient\" is needed") }
        guard let id = Identifier(text) else {
            throw CommandFailure(
                .unknownPatientID, "\"\(text.prefix(64))\" cannot be a patient's pseudonym: \(Identifier.rule)")
        }
        return id
    }

    mutating func number(_ name: String, in range: ClosedRange<Int>) throws(CommandFailure) -> Int? {
        guard has(name) else { return nil }
        guard let number = members[name]?.integer, range.contains(number) else {
            throw CommandFailure(
                .badRequest, "\"\(name)\" is a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    mutating func pairing() throws(CommandFailure) -> CommandRequest.Pairing {
        guard let address = try text("address"), BluetoothAddress(address, kind: .random) != nil else {
            throw CommandFailure(.badRequest, "\"address\" is needed, such as C4:B5:00:11:22:33")
        }
        var pairing = CommandRequest.Pairing(address: address)
        if let text = try text("addressKind") {
            guard let kind = BluetoothAddress.Kind(rawValue: text) else {
                throw CommandFailure(.badRequest, "\"addressKind\" is \"public\" or \"random\"")
            }
            pairing.kind = kind
        }
        pairing.driver = try text("driver")
        if let text = try text("device") {
            guard let id = Identifier(text) else {
                throw CommandFailure(.badRequest, "\"device\" cannot be a name: \(Identifier.rule)")
            }
            pairing.device = id
        }
        return pairing
    }

    func finish() throws(CommandFailure) {
        if let name = members.keys.sorted().first(where: { !asked.contains($0) }) {
            throw CommandFailure(.badRequest, "there is no member \"\(name.prefix(32))\" in this command")
        }
    }
}
