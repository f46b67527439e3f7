import DriverKit
import Vitals

/// The commands, one at a time. The device listens for the first five seconds only, and a command that it does
/// not know costs a second of waiting.
///
///     02 70 02 02 ff 03                  use data format ff → 06 or 15
///     02 72 06 YY MM DD hh mm ss 03      set the clock, binary, no answer
///     02 72 00 03                        read the clock → 02 F2 06 YY MM DD hh mm ss 03
///     02 74 02 02 02 03                  serial number → 02 F4 0B 02, nine digits, sum of all since the 02, 03
struct NoninCommands: Sendable {
    static let answerWithin = Duration.seconds(1)

    private(set) var deadline = Instant.never
    private(set) var step = Step.idle
    private let format: UInt8?
    private let setsClock: Bool

    enum Step: Hashable, Sendable { case idle, format, clock, serialNumber }

    init(_ settings: DriverSettings) {
        setsClock = settings.setsClock
        format =
            switch settings.format {
            case "2": 0x02
            case "7": 0x07
            case "8": 0x08
            case "13": 0x0D
            default: nil
            }
    }

    mutating func begin(_ turn: inout Turn) {
        if let format {
            turn.send([0x02, 0x70, 0x02, 0x02, format, 0x03])
            wait(.format, turn)
        } else if setsClock {
            setClock(&turn)
        }
    }

    mutating func wake(_ turn: inout Turn) {
        switch step {
        case .idle: break
        case .format: turn.report(.noAnswer("set data format"))
        case .clock: turn.report(.noAnswer("read clock"))
        case .serialNumber: turn.report(.noAnswer("serial number"))
        }
        goOn(&turn)
    }

    /// 06 or 15 came while one of them was awaited. The device says no to a format it already uses.
    mutating func acknowledge(_ byte: UInt8, _ turn: inout Turn) {
        turn.report(.answered(command: "set-format", result: byte == 0x06 ? "done" : "refused"))
        goOn(&turn)
    }

    mutating func hear(_ reply: NoninReply, _ turn: inout Turn) {
        switch reply {
        case .clock(let time):
            if let time { turn.report(.clock(time)) } else { turn.report(.malformed("clock")) }
            if step == .clock { goOn(&turn) }
        case .serialNumber(let number):
            turn.report(DeviceInformation(serialNumber: number))
            if step == .serialNumber { goOn(&turn) }
        }
    }

    private mutating func goOn(_ turn: inout Turn) {
        switch step {
        case .format: setClock(&turn)
        case .clock:
            turn.send([0x02, 0x74, 0x02, 0x02, 0x02, 0x03])
            wait(.serialNumber, turn)
        case .serialNumber, .idle:
            step = .idle
            deadline = .never
        }
    }

    private mutating func setClock(_ turn: inout Turn) {
        if setsClock, let time = turn.localTime, (2000 ... 2099).contains(time.year) {
            let parts = [time.year - 2000, time.month, time.day, time.hour, time.minute, time.second]
            turn.send([0x02, 0x72, 0x06] + parts.map { UInt8(truncatingIfNeeded: $0) } + [0x03])
            turn.report(.clockSet(time))
        }
        turn.send([0x02, 0x72, 0x00, 0x03])
        wait(.clock, turn)
    }

    private mutating func wait(_ step: Step, _ turn: borrowing Turn) {
        self.step = step
        deadline = turn.now + Self.answerWithin
    }
}

/// An answer that is a message of its own.
enum NoninReply: Sendable {
    /// `nil`: not a time that exists.
    case clock(CivilTime?)
    case serialNumber(String)

    enum Found: Sendable { case reply(NoninReply, length: Int), needsMore, no }

    static func find(_ bytes: Span<UInt8>) -> Found {
        guard !bytes.isEmpty, bytes[0] == 0x02 else { return .no }
        guard bytes.count >= 3 else {
            return bytes.count < 2 || bytes[1] == 0xF2 || bytes[1] == 0xF4 ? .needsMore : .no
        }
        switch (bytes[1], bytes[2]) {
        case (0xF2, 0x06): return clock(bytes)
        case (0xF4, 0x0B): return serialNumber(bytes)
        default: return .no
        }
    }

    private static func clock(_ bytes: Span<UInt8>) -> Found {
        guard bytes.count >= 10 else { return .needsMore }
        guard bytes[9] == 0x03 else { return .no }
        let time = CivilTime(
            year: 2000 + Int(bytes[3]), month: Int(bytes[4]), day: Int(bytes[5]), hour: Int(bytes[6]),
            minute: Int(bytes[7]), second: Int(bytes[8]))
        return .reply(.clock(time), length: 10)
    }

    private static func serialNumber(_ bytes: Span<UInt8>) -> Found {
        guard bytes.count >= 15 else { return .needsMore }
        var sum: UInt8 = 0
        var number = ""
        for index in 3 ..< 13 {
            sum &+= bytes[index]
            guard index > 3 else { continue }
            guard (0x30 ... 0x39).contains(bytes[index]) else { return .no }
            number.append(Character(Unicode.Scalar(bytes[index])))
        }
        guard bytes[3] == 0x02, bytes[13] == sum, bytes[14] == 0x03 else { return .no }
        return .reply(.serialNumber(number), length: 15)
    }
}
