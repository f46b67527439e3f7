import DriverKit

/// What the device answers: a first byte with bit 7 set, then bytes without it, as many as the first byte says.
///
///     F0 +1    awake                     E0 +9    how many records: 2
///     F3 +2    clock set                 E1 +43   a record
///     F2 +7    version                   E2 +4    a curve: number 2, points 2, then 8 for each point
///     E4 +22   predicted values: passed over
///
/// Numbers of two bytes have seven bits each, the lower first. How an answer is checked nobody has described, so
/// only its form is.
struct SPAnswer: Sendable {
    private(set) var bytes: [UInt8] = []
    private var gap = Gap()
    /// Bytes without bit 7 behind a whole answer belong to it, and nobody knows what they mean.
    private var mayTrail = false

    /// Fifteen seconds with a point every two milliseconds.
    static let pointsMax = 7500
    static let pointBytes = 8

    /// The whole answer, when the byte completes one.
    mutating func take(_ byte: UInt8, _ turn: inout Turn) -> [UInt8]? {
        if byte >= 0x80 {
            gap.add(bytes.count, &turn)
            bytes.removeAll(keepingCapacity: true)
            guard Self.length(byte) != nil else {
                mayTrail = false
                gap.add(1, &turn)
                return nil
            }
            bytes.append(byte)
        } else if bytes.isEmpty {
            if !mayTrail { gap.add(1, &turn) }
        } else {
            bytes.append(byte)
        }
        guard let length = expected, bytes.count >= length else { return nil }
        defer { bytes.removeAll(keepingCapacity: true) }
        gap.close(&turn)
        mayTrail = true
        return bytes
    }

    /// What is held will never be complete.
    mutating func abandon(_ turn: inout Turn) {
        gap.add(bytes.count, &turn)
        bytes.removeAll(keepingCapacity: true)
        gap.close(&turn)
    }

    private var expected: Int? {
        guard let first = bytes.first, let length = Self.length(first) else { return nil }
        guard first == 0xE2, bytes.count >= 5 else { return length }
        return length + min(Self.number(bytes, 3), Self.pointsMax) * Self.pointBytes
    }

    private static func length(_ first: UInt8) -> Int? {
        switch first {
        case 0xF0: 2
        case 0xF3: 3
        case 0xF2: 8
        case 0xE4: 23
        case 0xE0: 10
        case 0xE1: 44
        case 0xE2: 5
        default: nil
        }
    }

    /// Seven bits each, the lower first; 0 beyond the end.
    static func number(_ bytes: [UInt8], _ place: Int) -> Int {
        guard place >= 0, place + 1 < bytes.count else { return 0 }
        return Int(bytes[place] & 0x7F) | Int(bytes[place + 1] & 0x7F) << 7
    }
}
