import Bytes
import DriverKit
import Vitals

/// A message of data format 13: one spot check, measured now or taken from memory.
///
///     0–5    00 02 00 0D, length of 6–end without check and 03 (at least 14), high byte first
///     6–13   BCD: century, year, month, day, hour, minute, second, fraction
///     14–15  status: 0200h SmartPoint, 0100h no measurement, 0010h from memory, 0001h battery low
///     16–17  pulse rate, high byte first, 511: none
///     18–19  reserved, SpO2 (127: none)
///     …      sum of the data bytes, 03
struct NoninSpot: Sendable {
    static let lengthMin = 22
    static let lengthMax = 72

    private let time: CivilTime?
    private let status: UInt16
    private let rate: UInt16
    private let oxygen: UInt8

    enum Found: Sendable { case spot(NoninSpot, length: Int), needsMore, no }

    static func find(_ bytes: Span<UInt8>) -> Found {
        let head: [4 of UInt8] = [0x00, 0x02, 0x00, 0x0D]
        for index in 0 ..< min(4, bytes.count) where bytes[index] != head[index] { return .no }
        guard bytes.count >= 6 else { return .needsMore }
        let dataCount = Int(bytes[4]) << 8 | Int(bytes[5])
        let length = dataCount + 8
        guard (lengthMin ... lengthMax).contains(length) else { return .no }
        guard bytes.count >= length else { return .needsMore }
        var sum: UInt8 = 0
        for index in 6 ..< 6 + dataCount { sum &+= bytes[index] }
        guard bytes[length - 2] == sum, bytes[length - 1] == 0x03 else { return .no }
        return .spot(NoninSpot(bytes), length: length)
    }

    private init(_ bytes: Span<UInt8>) {
        var parts: [7 of Int] = .init(repeating: -1)
        for index in 0 ..< 7 { parts[index] = BinaryCodedDecimal.value(bytes[6 + index]) ?? -1 }
        let year = parts[0] < 0 || parts[1] < 0 ? 0 : parts[0] * 100 + parts[1]
        time = CivilTime(
            year: year, month: parts[2], day: parts[3], hour: parts[4], minute: parts[5], second: parts[6])
        status = UInt16(bytes[14]) << 8 | UInt16(bytes[15])
        rate = UInt16(bytes[16] & 1) << 8 | UInt16(bytes[17])
        oxygen = bytes[19] & 0x7F
    }

    var isFromMemory: Bool { status & 0x0010 != 0 }

    /// - Parameter number: counts those whose time cannot be read.
    func tell(number: inout Int, _ turn: inout Turn) {
        let unusable: QualityReasons = status & 0x0100 != 0 ? .noValue : []
        let doubts: QualityReasons = time == nil ? .clockUncertain : []
        let source: Reading.Source = isFromMemory ? .stored : .live
        let subindex = time == nil ? number : 0
        if time == nil { number &+= 1 }
        turn.report(
            Self.oxygenNumber.reading(
                UInt16(oxygen), unusable: unusable, doubts: doubts, source: source, deviceTime: time,
                subindex: subindex))
        turn.report(
            Self.pulseNumber.reading(
                rate, unusable: unusable, doubts: doubts, source: source, deviceTime: time,
                subindex: subindex))
        turn.report(
            DeviceStatus([
                .init("smart-point", Int(status >> 9 & 1)), .init("no-measurement", Int(status >> 8 & 1)),
                .init("from-memory", Int(status >> 4 & 1)), .init("low-battery", Int(status & 1)),
            ]))
    }

    private static let oxygenNumber = LiveNumber(
        .oxygenSaturation, valid: 1 ... 100, missing: [127], framesPerSecond: 1)
    private static let pulseNumber = LiveNumber(
        .pulseRate, valid: 1 ... 510, missing: [511], framesPerSecond: 1)
}
