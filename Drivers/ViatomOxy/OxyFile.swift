import DriverKit
import Vitals

/// A stored night, version 3 or 5: a head of 40 bytes, then records of 5 bytes.
///
///     head     0 version   1 mode   2–3 year   4–8 month, day, hour, minute, second   13–14 seconds of it all
///     record   0 SpO2   1–2 pulse rate   3 motion   4 vibration
///
/// Numbers of two bytes are low byte first; `FF FF FF` is no value. There is a record every 2 or 4 seconds. A file
/// of version 3 with one every 2 seconds holds each twice, and is really one with 4 seconds.
struct OxyFile: Sendable {
    let start: CivilTime?
    /// Records told in the head and by the size, without the doubles.
    let announced: Int
    private let bytes: [UInt8]
    private let count: Int
    private let stride: Int
    private let intervalSeconds: Int
    private let doubts: QualityReasons
    private(set) var told = 0

    static let headBytes = 40
    static let recordBytes = 5
    /// In one turn; it may report 20 000 events.
    static let recordsPerTurn = 2000

    /// - Parameters:
    ///   - size: as said when it was opened; of it `bytes` were received.
    ///   - name: a time, which counts more than the one in the head.
    init(_ bytes: [UInt8], size: Int, name: String) throws(OxyFileError) {
        guard bytes.count >= Self.headBytes else { throw OxyFileError.truncated }
        let version = bytes[0]
        guard version == 3 || version == 5 else { throw OxyFileError.version(version) }
        let records = max(0, size - Self.headBytes) / Self.recordBytes
        let received = (bytes.count - Self.headBytes) / Self.recordBytes
        let seconds = Int(bytes[13]) | Int(bytes[14]) << 8
        let interval = records > 0 ? (2 * seconds + records) / (2 * records) : 0
        let isDoubled = version == 3 && interval == 2 && Self.areDoubled(bytes, received)
        stride = isDoubled ? 2 : 1
        intervalSeconds = isDoubled ? 4 : interval == 2 ? 2 : 4
        announced = records / stride
        count = min(announced, received / stride)
        self.bytes = bytes
        start = Self.time(name) ?? Self.time(bytes)
        var doubts: QualityReasons = start == nil ? .clockUncertain : []
        if interval != 2 && interval != 4 { doubts.insert(.clockUncertain) }
        self.doubts = doubts
    }

    var isTold: Bool { told >= count }

    /// The next records, so many that a turn holds them.
    mutating func tell(_ turn: inout Turn) {
        let stop = min(count, told + Self.recordsPerTurn)
        while told < stop {
            tellRecord(&turn)
            told += 1
        }
    }

    private func tellRecord(_ turn: inout Turn) {
        let place = Self.headBytes + told * stride * Self.recordBytes
        let oxygen = UInt16(bytes[place])
        // Older readers: the second byte of the pulse rate is FF when there is none.
        let pulse = bytes[place + 2] == 0xFF ? 0xFFFF : UInt16(bytes[place + 1]) | UInt16(bytes[place + 2]) << 8
        let time = start?.adding(seconds: Int64(told * intervalSeconds))
        let isTooLow = oxygen == 0xFF && pulse != 0xFFFF
        turn.report(
            Self.oxygen.reading(
                oxygen, unusable: isTooLow ? .outOfRange : [], doubts: doubts, source: .stored, deviceTime: time,
                subindex: time == nil ? told : 0))
        turn.report(
            Self.pulse.reading(
                pulse, unusable: [], doubts: doubts, source: .stored, deviceTime: time,
                subindex: time == nil ? told : 0))
    }

    /// Every record stands twice.
    private static func areDoubled(_ bytes: [UInt8], _ records: Int) -> Bool {
        guard records >= 2 else { return false }
        for pair in 0 ..< records / 2 {
            let place = headBytes + pair * 2 * recordBytes
            for offset in place ..< place + recordBytes where bytes[offset] != bytes[offset + recordBytes] {
                return false
            }
        }
        return true
    }

    /// `20240102030405`, perhaps with an ending.
    private static func time(_ name: String) -> CivilTime? {
        let digits = name.utf8.prefix(14).map { Int($0) - 0x30 }
        guard digits.count == 14, digits.allSatisfy({ (0 ... 9).contains($0) }) else { return nil }
        func number(_ range: Range<Int>) -> Int { digits[range].reduce(0) { $0 * 10 + $1 } }
        return CivilTime(
            year: number(0 ..< 4), month: number(4 ..< 6), day: number(6 ..< 8), hour: number(8 ..< 10),
            minute: number(10 ..< 12), second: number(12 ..< 14))
    }

    private static func time(_ head: [UInt8]) -> CivilTime? {
        CivilTime(
            year: Int(head[2]) | Int(head[3]) << 8, month: Int(head[4]), day: Int(head[5]), hour: Int(head[6]),
            minute: Int(head[7]), second: Int(head[8]))
    }

    private static let oxygen = LiveNumber(
        .oxygenSaturation, valid: 1 ... 100, missing: [0, 0xFF], framesPerSecond: 1)
    private static let pulse = LiveNumber(
        .pulseRate, valid: 1 ... 300, missing: [0, 0xFFFF], framesPerSecond: 1)
}

/// Why a stored file is not read.
enum OxyFileError: Error, Hashable, Sendable {
    case truncated
    case version(UInt8)

    var fault: Fault {
        switch self {
        case .truncated: .malformed("stored file without a whole head")
        case .version(let version): .unknown("stored file of version \(version)")
        }
    }
}
