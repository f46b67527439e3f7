import DriverKit
import Vitals

/// What the host says in protocol V7.0, one request at a time: stop, who are you, set the clock, give what is
/// stored, go live. A request without an answer in time is told and passed over.
struct ContecV7Conversation: Sendable {
    /// For what makes the device do something: stop, set its clock, look into its memory.
    static let answerWithin = Duration.seconds(1)
    /// For what it knows by heart. It is answered within milliseconds or never: many a firmware knows only some of
    /// these questions, and the patient waits for the first value meanwhile. A late answer is heard all the same.
    static let wordWithin = Duration.milliseconds(300)
    static let keepAliveEvery = Duration.seconds(5)
    static let liveSilenceMax = Duration.seconds(3)

    /// The next moment at which something must be done.
    var deadline: Instant { min(answerBy, keepAliveAt) }
    private(set) var step = Step.idle
    private var answerBy = Instant.never
    private var keepAliveAt = Instant.never
    private let settings: DriverSettings
    private var isSilent = false

    private var hasStored = true
    private var users = 1
    private var segments = 1
    private var user = 0
    private var segment = 0
    private var dateSent: CivilTime?
    private var isDateSet = false

    enum Step: Hashable, Sendable {
        case idle, stopStored, stopLive, version, model, vendor, identity, perfusion, date, time, stored, users
        case segments, start, length, records, live
    }

    init(_ settings: DriverSettings) { self.settings = settings }

    mutating func begin(_ turn: inout Turn) {
        keepAliveAt = turn.now + Self.keepAliveEvery
        perform(.stopStored, &turn)
    }

    /// The device streams: the next silence begins now.
    mutating func hearLive(_ turn: borrowing Turn) {
        guard step == .live else { return }
        isSilent = false
        answerBy = turn.now + Self.liveSilenceMax
    }

    mutating func wake(_ data: inout ContecV7Segment, _ turn: inout Turn) {
        if turn.now >= keepAliveAt {
            turn.send(ContecV7Packet.command(0xAF))
            keepAliveAt = turn.now + Self.keepAliveEvery
        }
        if turn.now >= answerBy { goOnWithoutAnswer(&data, &turn) }
    }

    mutating func end(_ data: inout ContecV7Segment, _ turn: inout Turn) {
        if step == .records { data.finish(&turn) }
        switch step {
        case .live: turn.send(ContecV7Packet.command(0xA2))
        case .records: turn.send(ContecV7Packet.command(0xA7))
        default: break
        }
        step = .idle
        answerBy = .never
        keepAliveAt = .never
    }

    private mutating func goOnWithoutAnswer(_ data: inout ContecV7Segment, _ turn: inout Turn) {
        if step == .records {
            if data.received == 0 { turn.report(.noAnswer("A6 stored records")) }
            data.finish(&turn)
            turn.send(ContecV7Packet.command(0xA7))
        } else if !isSilent {
            turn.report(.noAnswer(Self.name(step)))
        }
        if step == .live { isSilent = true }
        goOn(&data, &turn)
    }
}

// What the device answers.
extension ContecV7Conversation {
    /// A package that is not live data.
    mutating func hear(_ packet: ContecV7Packet, _ data: inout ContecV7Segment, _ turn: inout Turn) {
        switch packet.type {
        case 0x0A: segments = Int(packet[1])
        case 0x10: users = max(1, Int(packet[0]))
        case 0x11 where packet[0] == 1: hasStored = packet[1] != 0
        case 0x0B: hearResult(packet, &turn)
        default: break
        }
        if step == .records {
            answerBy = turn.now + Self.answerWithin
            guard data.isComplete || isRefusal(packet) else { return }
        } else {
            guard isAnswer(packet) else { return }
        }
        goOn(&data, &turn)
    }

    private mutating func hearResult(_ packet: ContecV7Packet, _ turn: inout Turn) {
        guard packet[1] == 0 else { return }
        if packet[0] == 0xB2 { isDateSet = true }
        if packet[0] == 0xB1, isDateSet, let now = turn.localTime { turn.report(.clockSet(now)) }
    }

    private func isAnswer(_ packet: ContecV7Packet) -> Bool {
        switch step {
        case .stopStored, .stopLive: packet.type == 0x0C || isRefusal(packet)
        case .model: packet.type == 0x02 && packet[0] != 0 || isRefusal(packet)
        case .idle, .live, .records: false
        default: packet.type == Self.answer(step) || isRefusal(packet)
        }
    }

    /// Package 0B names the request: refused, or, for the clock, done.
    private func isRefusal(_ packet: ContecV7Packet) -> Bool {
        packet.type == 0x0B && packet[0] == Self.code(step)
    }

    private static func answer(_ step: Step) -> UInt8 {
        switch step {
        case .version: 0x06
        case .vendor: 0x03
        case .identity: 0x04
        case .perfusion: 0x0E
        case .stored: 0x11
        case .users: 0x10
        case .segments: 0x0A
        case .start: 0x12
        case .length: 0x08
        default: 0x0B
        }
    }
}

// What comes next.
extension ContecV7Conversation {
    /// What the segment before has left must not date the next one.
    private mutating func goOn(_ data: inout ContecV7Segment, _ turn: inout Turn) {
        let next = following(step, data)
        if next == .start { data.clear() }
        perform(next, &turn)
    }

    private mutating func perform(_ wanted: Step, _ turn: inout Turn) {
        let next = possible(wanted, turn.localTime)
        step = next
        answerBy = turn.now + Self.patience(next)
        turn.send(ContecV7Packet.command(Self.code(next), content(next, turn.localTime)))
    }

    private static func patience(_ step: Step) -> Duration {
        switch step {
        case .version, .model, .vendor, .identity, .perfusion: wordWithin
        default: answerWithin
        }
    }

    /// The clock is set only while the box's own is trusted, and both halves on the same day.
    private func possible(_ wanted: Step, _ localTime: CivilTime?) -> Step {
        guard wanted == .date || wanted == .time else { return wanted }
        guard let now = localTime else { return afterClock }
        if wanted == .time, now.day != dateSent?.day { return .date }
        return wanted
    }

    private mutating func following(_ step: Step, _ data: ContecV7Segment) -> Step {
        switch step {
        case .idle: .stopStored
        case .stopStored: .stopLive
        case .stopLive: .version
        case .version: .model
        case .model: .vendor
        case .vendor: .identity
        case .identity: .perfusion
        case .perfusion: settings.setsClock ? .date : afterClock
        case .date: isDateSet ? .time : afterClock
        case .time: afterClock
        case .stored: hasStored ? .users : .live
        case .users: .segments
        case .segments: segments > 0 ? .start : nextUser()
        case .start: .length
        case .length: data.lengthBytes == 0 ? nextSegment() : .records
        case .records: nextSegment()
        case .live: .live
        }
    }

    private var afterClock: Step { settings.fetchesStored ? .stored : .live }

    private mutating func nextSegment() -> Step {
        segment += 1
        return segment < segments ? .start : nextUser()
    }

    private mutating func nextUser() -> Step {
        segment = 0
        user += 1
        return user < users ? .segments : .live
    }

    private mutating func content(_ step: Step, _ localTime: CivilTime?) -> [UInt8] {
        switch step {
        case .date:
            dateSent = localTime
            isDateSet = false
            guard let time = localTime else { return [] }
            return [
                UInt8(truncatingIfNeeded: time.year / 100), UInt8(truncatingIfNeeded: time.year % 100),
                UInt8(truncatingIfNeeded: time.month), UInt8(truncatingIfNeeded: time.day),
                UInt8(truncatingIfNeeded: time.weekday),
            ]
        case .time:
            guard let time = localTime else { return [] }
            return [
                UInt8(truncatingIfNeeded: time.hour), UInt8(truncatingIfNeeded: time.minute),
                UInt8(truncatingIfNeeded: time.second),
            ]
        case .segments: return [UInt8(truncatingIfNeeded: user)]
        case .start, .length, .records:
            return [UInt8(truncatingIfNeeded: user), UInt8(truncatingIfNeeded: segment)]
        default: return []
        }
    }

    private static func code(_ step: Step) -> UInt8 {
        switch step {
        case .idle, .stopStored: 0xA7
        case .stopLive: 0xA2
        case .version: 0xA0
        case .model: 0xA8
        case .vendor: 0xA9
        case .identity: 0xAA
        case .perfusion: 0xAC
        case .date: 0xB2
        case .time: 0xB1
        case .stored: 0xB0
        case .users: 0xAD
        case .segments: 0xA3
        case .start: 0xA5
        case .length: 0xA4
        case .records: 0xA6
        case .live: 0xA1
        }
    }

    private static func name(_ step: Step) -> String {
        let what =
            switch step {
            case .idle, .stopStored: "stop stored data"
            case .stopLive: "stop live data"
            case .version: "version"
            case .model: "model"
            case .vendor: "vendor"
            case .identity: "identity"
            case .perfusion: "perfusion index supported"
            case .date: "set date"
            case .time: "set time"
            case .stored: "anything stored"
            case .users: "number of users"
            case .segments: "number of segments"
            case .start: "start time"
            case .length: "length"
            case .records: "stored records"
            case .live: "live data"
            }
        return "\(hexadecimal(code(step))) \(what)"
    }
}
