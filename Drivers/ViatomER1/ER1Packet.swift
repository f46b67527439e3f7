import Bytes
import DriverKit

/// A packet of the ER1 family, in both directions.
///
///     0     A5
///     1–2   command and its complement
///     3     00 request, 01 done, anything else: why not
///     4     sequence, repeated in the reply
///     5–6   length of the payload, low byte first
///     7…    payload, then CRC-8 (polynomial 07) of everything before it
enum ER1Format: PacketFormat {
    static let headBytes = 7
    /// A poll of half a second holds 62 samples; a list of 255 recordings 4081 bytes.
    static let payloadBytesMax = 4096
    /// Every reply but those of live data and of the list; the longest described has 60.
    static let shortBytesMax = 128
    /// One entry of the list.
    static let recordBytes = 16
    static let lengthMax = headBytes + payloadBytesMax + 1

    static func examine(_ bytes: Span<UInt8>) -> PacketVerdict {
        guard bytes[0] == 0xA5 else { return .nothing }
        guard bytes.count > 2 else { return .needsMore }
        guard bytes[1] == ~bytes[2] else { return .nothing }
        guard bytes.count >= headBytes else { return .needsMore }
        let length = headBytes + (Int(bytes[5]) | Int(bytes[6]) << 8) + 1
        guard length <= lengthMax, isLikely(bytes, payloadBytes: length - headBytes - 1) else { return .nothing }
        guard bytes.count >= length else { return .needsMore }
        let check = Checksum.crc8(bytes.extracting(0 ..< length - 1))
        return check == bytes[length - 1] ? .packet(length: length) : .badCheck
    }

    /// A check of 8 bits is right by chance once in 256 times, and a false length would then swallow a second of
    /// good packets: the length must also be what such a reply has.
    private static func isLikely(_ bytes: Span<UInt8>, payloadBytes: Int) -> Bool {
        guard bytes[3] == 0x01 else { return payloadBytes <= shortBytesMax }
        switch bytes[1] {
        case 0x03:
            guard payloadBytes >= ER1Live.waveStart else { return true }
            guard bytes.count >= headBytes + ER1Live.waveStart else { return payloadBytes <= payloadBytesMax }
            let samples = Int(bytes[headBytes + 20]) | Int(bytes[headBytes + 21]) << 8
            return payloadBytes == ER1Live.waveStart + 2 * samples
        case 0xF1:
            guard bytes.count > headBytes, payloadBytes > 0 else { return true }
            return payloadBytes <= 1 + recordBytes * Int(bytes[headBytes]) && payloadBytes % recordBytes == 1
        default: return payloadBytes <= shortBytesMax
        }
    }

    static func request(_ command: UInt8, sequence: UInt8, _ payload: [UInt8] = []) -> [UInt8] {
        let count = [UInt8(truncatingIfNeeded: payload.count), UInt8(truncatingIfNeeded: payload.count >> 8)]
        let bytes = [0xA5, command, ~command, 0x00, sequence] + count + payload
        return bytes + [Checksum.crc8(bytes.span)]
    }
}

/// What the device answers.
struct ER1Reply: Sendable {
    let command: UInt8
    let result: UInt8
    let payload: ArraySlice<UInt8>

    /// `packet` was given by the finder.
    init(_ packet: [UInt8]) {
        command = packet[1]
        result = packet[3]
        payload = packet[ER1Format.headBytes ..< packet.count - 1]
    }

    var count: Int { payload.count }
    var isDone: Bool { result == 0x01 }

    /// The byte at that offset of the payload; 0 beyond its end.
    subscript(offset: Int) -> UInt8 {
        offset < payload.count ? payload[payload.startIndex + offset] : 0
    }

    func littleEndian16(_ offset: Int) -> UInt16 { UInt16(self[offset]) | UInt16(self[offset + 1]) << 8 }

    func littleEndian32(_ offset: Int) -> Int {
        Int(littleEndian16(offset)) | Int(littleEndian16(offset + 2)) << 16
    }

    /// Printable ASCII from `offset` on, up to a NUL or `count` bytes.
    func text(_ offset: Int, count: Int) -> String {
        var text = ""
        for byte in payload.dropFirst(offset).prefix(count) {
            guard byte != 0 else { break }
            text.append((0x20 ..< 0x7F).contains(byte) ? Character(UnicodeScalar(byte)) : "?")
        }
        return text
    }

    /// Why the device did not do it.
    var refusal: String {
        switch result {
        case 0xE0: "file-not-found"
        case 0xE1: "file-not-opened"
        case 0xE2: "file-not-read"
        case 0xE3: "file-not-written"
        case 0xF1: "no-file-list"
        case 0xFB: "occupied"
        case 0xFC: "wrong-format"
        case 0xFD: "unsupported"
        default: "refused-\(Hex.text([result]))"
        }
    }
}
