import Bytes
import DriverKit
import Vitals

/// Fetches stored spot checks over the Record Access Control Point (2A52): counts them, then asks for all. Nothing
/// is ever deleted.
///
///     > 04 01                 how many       < 05 00 count (2 bytes), or 06 00 04 error
///     > 01 01                 all of them    … spot checks …    < 06 00 01 result
///
/// - Source: Bluetooth SIG, Record Access Control Point.
struct SIGRecords: Sendable {
    private let isWanted: Bool
    private var step = Step.idle
    private var announced: Int?
    /// Records that came since they were asked for.
    private(set) var received = 0
    private(set) var deadline = Instant.never

    private enum Step: Sendable { case idle, counting, reporting }

    static let channel = Channel("spo2-record-access")

    /// No answer and no record for so long: it will not come.
    static let answerSecondsMax: Int64 = 30

    private static let results = [
        "reserved", "success", "command not supported", "invalid operator", "operator not supported",
        "invalid operand", "no records", "abort unsuccessful", "not completed", "operand not supported",
    ]

    init(isWanted: Bool) { self.isWanted = isWanted }

    /// What comes now was asked for, so it is from memory.
    var isReporting: Bool { step == .reporting }

    mutating func begin(_ turn: inout Turn) {
        guard isWanted, turn.channels.contains(Self.channel) else { return }
        ask([0x04, 0x01], .counting, &turn)
    }

    mutating func wake(_ turn: inout Turn) {
        guard turn.now >= deadline else { return }
        turn.report(.noAnswer(step == .counting ? "count-stored" : "report-stored"))
        if step == .reporting { complete(&turn) }
        stop()
    }

    mutating func count(_ turn: Turn) {
        received &+= 1
        deadline = turn.now + .seconds(Self.answerSecondsMax)
    }

    mutating func receive(_ reader: inout ByteReader, _ turn: inout Turn) throws(Truncated) {
        let command = try reader.uint8()
        try reader.skip(1)
        switch command {
        case 0x05 where step == .counting:
            let count = Int(try reader.littleEndianUInt16())
            announced = count
            turn.report(.hasStored(count > 0))
            if count > 0 { report(&turn) } else { stop() }
        case 0x06:
            let request = try reader.uint8()
            conclude(request, result: try reader.uint8(), &turn)
        default: turn.report(.unknown("record access \(command)"))
        }
    }

    private mutating func conclude(_ request: UInt8, result: UInt8, _ turn: inout Turn) {
        let text = Int(result) < Self.results.count ? Self.results[Int(result)] : "result \(result)"
        switch (step, request) {
        case (.counting, 0x04):
            turn.report(.answered(command: "count-stored", result: text))
            // It may have records and be unable to count them.
            if result == 6 { stop() } else { report(&turn) }
        case (.reporting, 0x01):
            if result != 1 { turn.report(.answered(command: "report-stored", result: text)) }
            complete(&turn)
            stop()
        default: turn.report(.unknown("record access answer to \(request)"))
        }
    }

    private func complete(_ turn: inout Turn) {
        turn.report(.storedComplete(records: received, missing: max(0, (announced ?? received) - received)))
    }

    private mutating func report(_ turn: inout Turn) {
        received = 0
        ask([0x01, 0x01], .reporting, &turn)
    }

    private mutating func ask(_ bytes: [UInt8], _ next: Step, _ turn: inout Turn) {
        turn.send(bytes, to: Self.channel)
        step = next
        deadline = turn.now + .seconds(Self.answerSecondsMax)
    }

    private mutating func stop() {
        step = .idle
        deadline = .never
    }
}
