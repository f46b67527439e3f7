import Bytes
import DriverKit
import Vitals

/// What the host says, one request at a time: who are you, set the clock, what is stored, then twice a second the
/// heart rate and the ECG.
struct ER1Conversation: Sendable {
    static let answerWithin = Duration.seconds(2)
    static let pollInterval = Duration.milliseconds(500)
    /// A request before live data is sent so often.
    static let triesMax = 3
    /// The vendor's code for 125 samples a second.
    static let sampleRateCode: UInt8 = 0x7D
    private static let nameBytes = 16

    /// The next moment at which something must be done.
    private(set) var deadline = Instant.never
    private var step = Step.idle
    private var sequence: UInt8 = 0
    private var tries = 0
    private var pollAt = Instant.boot
    private var isSilent = false
    private var clockSent: CivilTime?
    private var live: ER1Live
    private let settings: DriverSettings

    /// With the command that each sends. Nothing that deletes, resets or writes is among them.
    private enum Step: UInt8, Hashable, Sendable {
        case live = 0x03
        case information = 0xE1
        case clock = 0xEC
        case list = 0xF1
        /// Nothing is under way; `pause`: until the next poll.
        case idle = 0x00
        case pause = 0x01
    }

    init(_ settings: DriverSettings) {
        self.settings = settings
        live = ER1Live(reportsWaveforms: settings.reportsWaveforms)
    }

    mutating func begin(_ turn: inout Turn) { ask(.information, &turn) }

    mutating func wake(_ turn: inout Turn) {
        guard turn.now >= deadline else { return }
        switch step {
        case .idle: deadline = .never
        case .pause: ask(.live, &turn)
        default: hearNothing(&turn)
        }
    }

    mutating func end() {
        step = .idle
        deadline = .never
    }

    private mutating func ask(_ next: Step, _ turn: inout Turn) {
        tries = next == step ? tries + 1 : 1
        step = next
        if next == .live { pollAt = turn.now + Self.pollInterval }
        deadline = turn.now + Self.answerWithin
        turn.send(
            ER1Format.request(next.rawValue, sequence: sequence, content(next, turn.localTime)),
            to: ViatomER1.requests)
        sequence &+= 1
    }

    private mutating func content(_ step: Step, _ localTime: CivilTime?) -> [UInt8] {
        switch step {
        case .live: return [Self.sampleRateCode]
        case .clock:
            clockSent = localTime
            guard let time = localTime else { return [] }
            let numbers = [time.year, time.year >> 8, time.month, time.day, time.hour, time.minute, time.second]
            return numbers.map { UInt8(truncatingIfNeeded: $0) }
        default: return []
        }
    }

    private static func name(_ step: Step) -> String {
        switch step {
        case .live: "03 live data"
        case .information: "E1 information"
        case .clock: "EC set the clock"
        case .list: "F1 list of recordings"
        case .idle, .pause: "nothing"
        }
    }
}

// What the device answers.
extension ER1Conversation {
    mutating func hear(_ reply: ER1Reply, _ turn: inout Turn) {
        // Late or not, it was measured.
        if reply.command == Step.live.rawValue, reply.isDone {
            hearLive(reply, &turn)
            return
        }
        guard reply.command == step.rawValue, step != .idle, step != .pause else {
            turn.report(.unknown("reply to \(Hex.text([reply.command])), which nothing asked for"))
            return
        }
        isSilent = false
        guard reply.isDone else {
            turn.report(.answered(command: Self.name(step), result: reply.refusal))
            goOn(&turn)
            return
        }
        switch step {
        case .information: hearInformation(reply, &turn)
        case .clock:
            if let clockSent { turn.report(.clockSet(clockSent)) }
            goOn(&turn)
        case .list:
            hearList(reply, &turn)
            goOn(&turn)
        case .live, .idle, .pause: break
        }
    }

    private mutating func hearLive(_ reply: ER1Reply, _ turn: inout Turn) {
        if ER1Live.fits(reply) {
            live.tell(reply, &turn)
        } else {
            turn.report(.malformed("live data of \(reply.count) bytes"))
        }
        guard step == .live else { return }
        isSilent = false
        goOn(&turn)
    }

    private mutating func hearInformation(_ reply: ER1Reply, _ turn: inout Turn) {
        guard reply.count >= 38 else {
            turn.report(.malformed("information of \(reply.count) bytes"))
            goOn(&turn)
            return
        }
        let serial = reply.text(38, count: min(18, Int(reply[37])))
        if !serial.isEmpty { turn.report(DeviceInformation(serialNumber: serial)) }
        turn.report(.feature("hardware-version", String(reply[0])))
        turn.report(.feature("device-type", String(reply.littleEndian16(20))))
        turn.report(.feature("protocol-version", String(reply.littleEndian16(22))))
        let clock = CivilTime(
            year: Int(reply.littleEndian16(24)), month: Int(reply[26]), day: Int(reply[27]), hour: Int(reply[28]),
            minute: Int(reply[29]), second: Int(reply[30]))
        if let clock { turn.report(.clock(clock)) }
        if settings.setsClock, let local = turn.localTime, clock.map({ Self.differ($0, local) }) ?? true {
            ask(.clock, &turn)
        } else {
            ask(.list, &turn)
        }
    }

    /// A clock that is right to the second may show the next one.
    private static func differ(_ one: CivilTime, _ other: CivilTime) -> Bool {
        abs(one.secondsSince1970 - other.secondsSince1970) > 1
    }

    /// A number, then so many names of 16 bytes, `R20230101120000`.
    private func hearList(_ reply: ER1Reply, _ turn: inout Turn) {
        let count = min(Int(reply[0]), max(0, reply.count - 1) / Self.nameBytes)
        if count < Int(reply[0]) { turn.report(.malformed("list of recordings of \(reply.count) bytes")) }
        turn.report(.hasStored(reply[0] > 0))
        let names = (0 ..< count).map { reply.text(1 + $0 * Self.nameBytes, count: Self.nameBytes) }
        for name in names.sorted() { turn.report(.storedSegment(start: Self.time(name), records: nil)) }
    }

    private static func time(_ name: String) -> CivilTime? {
        let digits = name.utf8.dropFirst().map { Int($0) - 0x30 }
        guard name.first == "R", digits.count >= 14, digits.prefix(14).allSatisfy({ (0 ... 9).contains($0) })
        else { return nil }
        func number(_ range: Range<Int>) -> Int { digits[range].reduce(0) { $0 * 10 + $1 } }
        return CivilTime(
            year: number(0 ..< 4), month: number(4 ..< 6), day: number(6 ..< 8), hour: number(8 ..< 10),
            minute: number(10 ..< 12), second: number(12 ..< 14))
    }
}

// What comes next.
extension ER1Conversation {
    private mutating func hearNothing(_ turn: inout Turn) {
        if !isSilent { turn.report(.noAnswer(Self.name(step))) }
        if step == .live {
            isSilent = true
            ask(.live, &turn)
        } else if tries < Self.triesMax {
            ask(step, &turn)
        } else {
            goOn(&turn)
        }
    }

    private mutating func goOn(_ turn: inout Turn) {
        switch step {
        case .information, .clock: ask(.list, &turn)
        case .list: ask(.live, &turn)
        case .live:
            step = .pause
            deadline = max(turn.now, pollAt)
        case .idle, .pause: break
        }
    }
}
