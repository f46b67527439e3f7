import Bytes
import DriverKit
import Vitals

/// The stored measurement of protocol V5.0A, asked for with `F5 F5` and ended with `F6 F6 F6`.
///
///     F2 hh mm         three times: when it began, hh = 80h | hour, mm = 80h | minute; mm = 00: no clock
///     1a 1b 0c         seven bits each, highest first: the number of bytes that follow, less one
///     F0|p 1p 0s       one a second: pulse rate (bit 7 in the first byte), SpO2
///
/// Live frames may stand between the parts until the records begin, so whatever is not part of the download
/// goes to the live decoder. Some units send only when somebody chooses "upload" in their menu: after the asking
/// it goes on listening for the header. A record without a header is believed when another one begins behind it,
/// or nothing does.
struct ContecV5Download: Sendable {
    static let askEvery = Duration.milliseconds(500)
    static let asksMax = 20
    static let silenceAtEnd = Duration.seconds(2)

    private(set) var deadline = Instant.never
    private var phase = Phase.idle
    private var asks = 0
    /// The start of a unit of three bytes.
    private var held = FrameBuffer<3>()
    private var headers: [Header] = []
    private var start: CivilTime?
    private var announced: Int?
    private var received = 0
    private var missing = 0
    private var strayBytes = 0
    /// Looks like a record, but no header came before it.
    private var loose: FrameBuffer<3>?

    private enum Phase: Sendable { case idle, asking, listening, recording }

    /// Headers that must have come unasked before what follows is believed to be a download.
    private static let headersUnaskedMin = 2

    private struct Header: Hashable, Sendable {
        var hour: Int
        /// `nil`: the device has no clock.
        var minute: Int?
    }

    var isActive: Bool { phase != .idle }

    mutating func begin(_ turn: inout Turn) {
        phase = .asking
        ask(&turn)
    }

    mutating func take(_ byte: UInt8, _ live: inout ContecV5Live, _ turn: inout Turn) {
        if phase == .recording {
            takeRecordByte(byte, &turn)
        } else {
            takeHeaderByte(byte, &live, &turn)
        }
    }

    /// The deadline has come.
    mutating func wake(_ turn: inout Turn) {
        tellLoose(&turn)
        if phase == .asking, headers.isEmpty, asks < Self.asksMax {
            ask(&turn)
        } else if phase == .listening {
            headers = []
            deadline = .never
        } else {
            finish(&turn)
        }
    }

    /// Tells what came of it, sends the device back to its live stream, and listens for the next.
    mutating func finish(_ turn: inout Turn) {
        if phase == .recording {
            if strayBytes > 0 { turn.report(.dropped(bytes: strayBytes)) }
            let absent = announced.map { max(0, $0 - received) } ?? missing
            turn.report(.storedComplete(records: received, missing: absent))
        } else {
            turn.report(.noAnswer("the request for stored data"))
        }
        turn.send([0xF6, 0xF6, 0xF6])
        self = ContecV5Download()
        phase = .listening
    }

    /// The link ends.
    mutating func end(_ live: inout ContecV5Live, _ turn: inout Turn) {
        tellLoose(&turn)
        if phase == .recording || (phase == .asking && !headers.isEmpty) { finish(&turn) }
        giveHeld(held.count, to: &live, &turn)
    }

    private mutating func ask(_ turn: inout Turn) {
        asks += 1
        turn.send([0xF5, 0xF5])
        deadline = turn.now + Self.askEvery
    }
}

// Before the records.
extension ContecV5Download {
    private mutating func takeHeaderByte(_ byte: UInt8, _ live: inout ContecV5Live, _ turn: inout Turn) {
        if let record = loose { settle(record, before: byte, &live, &turn) }
        if held.isEmpty, byte < 0x80 { return live.take(byte, &turn) }
        held.append(byte)
        if held.count == 2, byte < 0x80 { return giveHeld(2, to: &live, &turn) }
        guard held.count == 3 else { return }
        if let header = Self.header(held) {
            held.removeAll()
            if headers.count < 3 { headers.append(header) }
            deadline = turn.now + Self.silenceAtEnd
        } else if held[2] < 0x80, hasHeaders, isLengthOrRecord {
            beginRecords(&turn)
        } else if held[2] < 0x80, isRecord {
            loose = held
            held.removeAll()
            if phase == .listening { deadline = turn.now + Self.silenceAtEnd }
        } else {
            giveHeld(held[2] < 0x80 ? 3 : 1, to: &live, &turn)
        }
    }

    private var hasHeaders: Bool { headers.count >= (phase == .asking ? 1 : Self.headersUnaskedMin) }

    /// Another record begins behind it, or else it was three bytes of something.
    private mutating func settle(
        _ record: FrameBuffer<3>, before next: UInt8, _ live: inout ContecV5Live, _ turn: inout Turn
    ) {
        loose = nil
        if next & 0xFE == 0xF0 {
            tellRecord(record, &turn)
        } else {
            for index in 0 ..< 3 { live.take(record[index], &turn) }
        }
    }

    private mutating func tellLoose(_ turn: inout Turn) {
        guard let record = loose else { return }
        loose = nil
        tellRecord(record, &turn)
    }

    private mutating func giveHeld(_ count: Int, to live: inout ContecV5Live, _ turn: inout Turn) {
        for _ in 0 ..< count {
            live.take(held[0], &turn)
            held.removeFirst()
        }
    }

    private static func header(_ bytes: FrameBuffer<3>) -> Header? {
        guard bytes[0] == 0xF2, bytes[2] >= 0x80 || bytes[2] == 0 else { return nil }
        let hour = Int(bytes[1] & 0x7F)
        let minute = Int(bytes[2] & 0x7F)
        guard hour < 24, minute < 60 else { return nil }
        return Header(hour: hour, minute: bytes[2] == 0 ? nil : minute)
    }

    private var isLengthOrRecord: Bool { isRecord || lengthBytes % 3 == 0 }
    private var isRecord: Bool { held[0] & 0xFE == 0xF0 }
    private var lengthBytes: Int {
        (Int(held[0] & 0x7F) << 14 | Int(held[1] & 0x7F) << 7 | Int(held[2])) + 1
    }

    /// `held` is the length or, when that was lost, the first record.
    private mutating func beginRecords(_ turn: inout Turn) {
        announced = isRecord ? nil : lengthBytes / 3
        start = startTime(turn.localTime)
        phase = .recording
        deadline = turn.now + Self.silenceAtEnd
        turn.report(.storedSegment(start: start, records: announced))
        let first = isRecord ? held : nil
        held.removeAll()
        if let first { tellRecord(first, &turn) }
    }

    /// The device tells the time of day only: the last such moment that leaves room for the records.
    private func startTime(_ localTime: CivilTime?) -> CivilTime? {
        guard let header = agreedHeader, let minute = header.minute, let now = localTime,
            let today = CivilTime(
                year: now.year, month: now.month, day: now.day, hour: header.hour, minute: minute),
            let end = today.adding(seconds: Int64(announced ?? 0)), let latest = now.adding(seconds: 600)
        else { return nil }
        return end <= latest ? today : today.adding(seconds: -86_400)
    }

    /// Two that agree, else the last.
    private var agreedHeader: Header? {
        headers.first { one in headers.count { $0 == one } > 1 } ?? headers.last
    }
}

// The records.
extension ContecV5Download {
    private mutating func takeRecordByte(_ byte: UInt8, _ turn: inout Turn) {
        held.append(byte)
        while !held.isEmpty, !isStartOfRecord {
            held.removeFirst()
            strayBytes += 1
        }
        guard held.count == 3 else { return }
        let record = held
        held.removeAll()
        tellGap(&turn)
        tellRecord(record, &turn)
        if let announced, received + missing >= announced { finish(&turn) }
    }

    private var isStartOfRecord: Bool {
        isRecord && (held.count < 2 || held[1] >= 0x80) && (held.count < 3 || held[2] < 0x80)
    }

    /// The places of records that were damaged stay free, so that the times of the others are right.
    private mutating func tellGap(_ turn: inout Turn) {
        guard strayBytes > 0 else { return }
        turn.report(.dropped(bytes: strayBytes))
        var lost = (strayBytes + 2) / 3
        if let announced { lost = min(lost, max(0, announced - received - missing - 1)) }
        strayBytes = 0
        for _ in 0 ..< lost {
            tell(rate: 0xFF, oxygen: 0x7F, &turn)
            missing += 1
        }
    }

    private mutating func tellRecord(_ record: FrameBuffer<3>, _ turn: inout Turn) {
        deadline = turn.now + Self.silenceAtEnd
        tell(rate: UInt16(record[0] & 1) << 7 | UInt16(record[1] & 0x7F), oxygen: UInt16(record[2]), &turn)
        received += 1
    }

    private func tell(rate: UInt16, oxygen: UInt16, _ turn: inout Turn) {
        let number = received + missing
        let time = start?.adding(seconds: Int64(number))
        let subindex = time == nil ? number : 0
        turn.report(
            Self.oxygen.reading(
                oxygen, unusable: [], doubts: .clockUncertain, source: .stored, deviceTime: time,
                subindex: subindex))
        turn.report(
            Self.pulse.reading(
                rate, unusable: [], doubts: .clockUncertain, source: .stored, deviceTime: time,
                subindex: subindex))
    }

    private static let oxygen = LiveNumber(
        .oxygenSaturation, valid: 1 ... 100, missing: [0, 0x7F], framesPerSecond: 1)
    private static let pulse = LiveNumber(
        .pulseRate, valid: 1 ... 254, missing: [0, 0xFF], framesPerSecond: 1)
}
