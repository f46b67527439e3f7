import DriverKit
import Vitals

/// One stored measurement of protocol V7.0, as its packages come.
///
///     07  user, segment, century, year, month, day       12  user, segment, hour, minute, second
///     08  user, segment, bytes (32 bits, low byte first)
///     0F  (SpO2, pulse rate) × 3, padded with zeros       09  SpO2, pulse rate, PI low, PI high
///
/// One record a second; two bytes each in 0F, four in 09.
struct ContecV7Segment: Sendable {
    /// The device measures the perfusion index, as far as it has said.
    var hasPerfusion = false
    private(set) var lengthBytes: Int?
    private(set) var received = 0
    private var missing = 0
    private var start: CivilTime?
    private var date: (year: Int, month: Int, day: Int)?
    /// Pairs of zeros that are padding if nothing follows; only while the length is not known.
    private var zerosHeld = 0
    private(set) var isComplete = false

    private var number: Int { received + missing }

    /// Another one: only what belongs to the device stays.
    mutating func clear() {
        let hasPerfusion = hasPerfusion
        self = ContecV7Segment()
        self.hasPerfusion = hasPerfusion
    }

    mutating func takeDate(_ packet: ContecV7Packet) {
        clear()
        date = (Int(packet[2]) * 100 + Int(packet[3]), Int(packet[4]), Int(packet[5]))
    }

    mutating func takeTime(_ packet: ContecV7Packet) {
        guard let date else { return }
        start = CivilTime(
            year: date.year, month: date.month, day: date.day, hour: Int(packet[2]), minute: Int(packet[3]),
            second: Int(packet[4]))
    }

    mutating func takeLength(_ packet: ContecV7Packet, _ turn: inout Turn) {
        let bytes = Int(packet[2]) | Int(packet[3]) << 8 | Int(packet[4]) << 16 | Int(packet[5]) << 24
        lengthBytes = bytes
        received = 0
        missing = 0
        isComplete = false
        turn.report(.storedSegment(start: start, records: bytes / (hasPerfusion ? 4 : 2)))
    }

    mutating func takePairs(_ packet: ContecV7Packet, _ turn: inout Turn) {
        let records = lengthBytes.map { $0 / 2 }
        fillGap(packet, bytesPerPacket: 8, recordsPerPacket: 3, records, &turn)
        for index in 0 ..< 3 {
            if let records, number >= records { break }
            let (oxygen, pulse) = (packet[index * 2], packet[index * 2 + 1])
            if records == nil, oxygen == 0, pulse == 0 {
                zerosHeld += 1
                continue
            }
            releaseZeros(&turn)
            tell(oxygen: oxygen, pulse: pulse, perfusion: nil, &turn)
            received += 1
        }
        completeIfAll(records, &turn)
    }

    mutating func takeRecord(_ packet: ContecV7Packet, _ turn: inout Turn) {
        let records = lengthBytes.map { $0 / 4 }
        hasPerfusion = true
        fillGap(packet, bytesPerPacket: 6, recordsPerPacket: 1, records, &turn)
        if let records, number >= records { return completeIfAll(records, &turn) }
        tell(
            oxygen: packet[0], pulse: packet[1], perfusion: UInt16(packet[2]) | UInt16(packet[3]) << 8, &turn)
        received += 1
        completeIfAll(records, &turn)
    }

    /// No more will come: says what is missing.
    mutating func finish(_ turn: inout Turn) {
        guard !isComplete else { return }
        isComplete = true
        let records = lengthBytes.map { $0 / (hasPerfusion ? 4 : 2) }
        turn.report(
            .storedComplete(records: received, missing: records.map { max(0, $0 - received) } ?? missing))
    }

    private mutating func completeIfAll(_ records: Int?, _ turn: inout Turn) {
        if let records, number >= records { finish(&turn) }
    }

    /// The places of packages that were damaged stay free, so that the times of the others are right.
    private mutating func fillGap(
        _ packet: ContecV7Packet, bytesPerPacket: Int, recordsPerPacket: Int, _ records: Int?,
        _ turn: inout Turn
    ) {
        guard number > 0, packet.lostBytesBefore > 0 else { return }
        var lost = (packet.lostBytesBefore + bytesPerPacket - 1) / bytesPerPacket * recordsPerPacket
        if let records { lost = min(lost, max(0, records - number - 1)) }
        for _ in 0 ..< lost { tellMissing(&turn) }
    }

    private mutating func releaseZeros(_ turn: inout Turn) {
        for _ in 0 ..< zerosHeld {
            tell(oxygen: 0, pulse: 0, perfusion: nil, &turn)
            received += 1
        }
        zerosHeld = 0
    }

    private mutating func tellMissing(_ turn: inout Turn) {
        tell(oxygen: 0x7F, pulse: 0xFF, perfusion: nil, &turn)
        missing += 1
    }

    private func tell(oxygen: UInt8, pulse: UInt8, perfusion: UInt16?, _ turn: inout Turn) {
        tell(Self.oxygen, UInt16(oxygen), &turn)
        tell(Self.pulse, UInt16(pulse), &turn)
        if let perfusion { tell(Self.perfusion, perfusion, &turn) }
    }

    private func tell(_ metric: LiveNumber, _ raw: UInt16, _ turn: inout Turn) {
        let time = start?.adding(seconds: Int64(number))
        turn.report(
            metric.reading(
                raw, unusable: [], doubts: time == nil ? .clockUncertain : [], source: .stored,
                deviceTime: time, subindex: time == nil ? number : 0))
    }

    private static let oxygen = LiveNumber(
        .oxygenSaturation, valid: 1 ... 100, missing: [0, 0x7F], framesPerSecond: 1)
    private static let pulse = LiveNumber(
        .pulseRate, valid: 1 ... 254, missing: [0, 0xFF], framesPerSecond: 1)
    private static let perfusion = LiveNumber(
        .perfusionIndex, valid: 1 ... 2200, missing: [0, 0xFFFF], scale: 0.01, framesPerSecond: 1)
}
