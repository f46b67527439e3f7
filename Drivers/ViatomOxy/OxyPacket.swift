import Bytes
import DriverKit

/// A packet of the Oxy protocol, in both directions.
///
///     0     AA to the device, 55 from it
///     1–2   command, or status in a reply (00: done), and its complement
///     3–4   block of a file, low byte first
///     5–6   length of the payload, low byte first
///     7…    payload, then CRC-8 (polynomial 07) of everything before it
///
/// A reply does not name its request, so only one may be under way.
enum OxyPacket: PacketFormat {
    static let headBytes = 7
    /// INFO is about 264 bytes, a second of wave 137, a block of a file some hundreds.
    static let payloadBytesMax = 4096
    static let lengthMax = headBytes + payloadBytesMax + 1

    static func examine(_ bytes: Span<UInt8>) -> PacketVerdict {
        guard bytes[0] == 0x55 else { return .nothing }
        guard bytes.count > 2 else { return .needsMore }
        guard bytes[1] == ~bytes[2] else { return .nothing }
        guard bytes.count >= headBytes else { return .needsMore }
        let length = headBytes + (Int(bytes[5]) | Int(bytes[6]) << 8) + 1
        guard length <= lengthMax else { return .nothing }
        guard bytes.count >= length else { return .needsMore }
        let check = Checksum.crc8(bytes.extracting(0 ..< length - 1))
        return check == bytes[length - 1] ? .packet(length: length) : .badCheck
    }

    static func request(_ command: UInt8, block: Int = 0, _ payload: [UInt8] = []) -> [UInt8] {
        let bytes = [0xAA, command, ~command] + littleEndian(block) + littleEndian(payload.count) + payload
        return bytes + [Checksum.crc8(bytes.span)]
    }

    private static func littleEndian(_ number: Int) -> [UInt8] {
        [UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8)]
    }
}

/// What the device answers.
struct OxyReply: Sendable {
    let status: UInt8
    let payload: ArraySlice<UInt8>

    /// `packet` was given by the finder.
    init(_ packet: [UInt8]) {
        status = packet[1]
        payload = packet[OxyPacket.headBytes ..< packet.count - 1]
    }

    var count: Int { payload.count }

    /// The byte at that offset of the payload; 0 beyond its end.
    subscript(offset: Int) -> UInt8 {
        offset < payload.count ? payload[payload.startIndex + offset] : 0
    }

    func littleEndian16(_ offset: Int) -> UInt16 { UInt16(self[offset]) | UInt16(self[offset + 1]) << 8 }

    func littleEndian32(_ offset: Int) -> Int {
        Int(littleEndian16(offset)) | Int(littleEndian16(offset + 2)) << 16
    }
}
