import Bytes
import DriverKit

/// A packet of the AA 55 family, in both directions.
///
///     AA 55   token   length of what follows   type   data …   CRC-8/MAXIM of everything before it
enum CreativePacket: PacketFormat {
    static let headBytes = 4
    static let lengthMax = headBytes + textBytesMax
    /// A type and a check.
    private static let restBytesMin = 2
    /// Measurements have at most 8 bytes behind the head, names and serial numbers (F0) some more. More than this
    /// is a damaged length: a check of 8 bits lets one of 256 wrong packets through.
    private static let restBytesMax = 16
    private static let textBytesMax = 64

    static func examine(_ bytes: Span<UInt8>) -> PacketVerdict {
        guard bytes[0] == 0xAA, bytes.count < 2 || bytes[1] == 0x55 else { return .nothing }
        guard bytes.count >= headBytes else { return .needsMore }
        let restBytesMax = bytes[2] == 0xF0 ? textBytesMax : restBytesMax
        guard (restBytesMin ... restBytesMax).contains(Int(bytes[3])) else { return .nothing }
        let length = headBytes + Int(bytes[3])
        guard bytes.count >= length else { return .needsMore }
        let check = Checksum.crc8Maxim(bytes.extracting(0 ..< length - 1))
        return check == bytes[length - 1] ? .packet(length: length) : .badCheck
    }

    static func command(_ token: UInt8, _ type: UInt8, _ data: [UInt8] = []) -> [UInt8] {
        let bytes = [0xAA, 0x55, token, UInt8(truncatingIfNeeded: data.count + restBytesMin), type] + data
        return bytes + [Checksum.crc8Maxim(bytes.span)]
    }
}
