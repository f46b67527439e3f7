import DriverKit

/// `02 text 03 bcc`: ASCII between start and end of text, then the exclusive-or of all bytes from the start to the
/// end, both included.
struct LungFramer: Sendable {
    enum Found: Sendable {
        /// What stands between start and end.
        case message([UInt8])
        case badCheck
    }

    /// Of the longest known message, 68 characters; more are noise.
    static let textMax = 80

    private static let start: UInt8 = 0x02
    private static let end: UInt8 = 0x03

    private var text: [UInt8] = []
    private var phase = Phase.outside
    private var gap = Gap()

    private enum Phase: Sendable { case outside, text, check }

    mutating func take(_ byte: UInt8, _ turn: inout Turn) -> Found? {
        if phase == .check { return takeCheck(byte, &turn) }
        if byte == Self.start {
            abandon(&turn)
            phase = .text
        } else if phase == .text, byte == Self.end {
            phase = .check
        } else if phase == .text, (0x20 ... 0x7E).contains(byte), text.count < Self.textMax {
            text.append(byte)
        } else {
            abandon(&turn)
            gap.add(1, &turn)
        }
        return nil
    }

    /// The link ends.
    mutating func close(_ turn: inout Turn) { gap.close(&turn) }

    private mutating func takeCheck(_ byte: UInt8, _ turn: inout Turn) -> Found {
        defer {
            text.removeAll(keepingCapacity: true)
            phase = .outside
        }
        let expected = text.reduce(Self.start ^ Self.end, ^)
        guard byte == expected else {
            turn.report(.checksum)
            return .badCheck
        }
        gap.close(&turn)
        return .message(text)
    }

    private mutating func abandon(_ turn: inout Turn) {
        if phase != .outside { gap.add(text.count + 1, &turn) }
        text.removeAll(keepingCapacity: true)
        phase = .outside
    }
}
