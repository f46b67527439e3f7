import Bytes
import DriverKit

/// A packet of the open ECG format: `EC 47`, what it is, how long, content, check.
///
///     0–1   EC 47
///     2     48 header, 53 samples
///     3     bytes of content, at most 250
///     4…    content, then CRC-16/CCITT-FALSE of everything from byte 2 on, low byte first
enum OpenECGFormat: PacketFormat {
    static let headBytes = 4
    static let checkBytes = 2
    static let contentBytesMax = 250
    static let lengthMax = headBytes + contentBytesMax + checkBytes

    static func examine(_ bytes: Span<UInt8>) -> PacketVerdict {
        guard bytes[0] == 0xEC else { return .nothing }
        guard bytes.count > 1 else { return .needsMore }
        guard bytes[1] == 0x47 else { return .nothing }
        guard bytes.count >= headBytes else { return .needsMore }
        let end = headBytes + Int(bytes[3])
        guard end + checkBytes <= lengthMax else { return .nothing }
        guard bytes.count >= end + checkBytes else { return .needsMore }
        let told = UInt16(bytes[end]) | UInt16(bytes[end + 1]) << 8
        return Checksum.crc16(bytes.extracting(2 ..< end)) == told
            ? .packet(length: end + checkBytes) : .badCheck
    }
}

/// The content of a good packet. A place behind its end reads as 0: look at `count` first.
struct OpenECGPacket: Sendable {
    let kind: UInt8
    private let content: ArraySlice<UInt8>

    static let header: UInt8 = 0x48
    static let samples: UInt8 = 0x53

    init(_ packet: [UInt8]) {
        kind = packet.count > 2 ? packet[2] : 0
        content = packet.dropFirst(OpenECGFormat.headBytes).dropLast(OpenECGFormat.checkBytes)
    }

    var count: Int { content.count }

    subscript(place: Int) -> UInt8 {
        guard place >= 0, place < content.count else { return 0 }
        return content[content.startIndex + place]
    }

    func number16(_ place: Int) -> Int { Int(self[place]) | Int(self[place + 1]) << 8 }

    func number32(_ place: Int) -> UInt32 {
        UInt32(number16(place)) | UInt32(number16(place + 2)) << 16
    }

    /// Three bytes with a sign.
    func sample(_ place: Int) -> Int32 {
        Int32(truncatingIfNeeded: number16(place)) | Int32(Int8(bitPattern: self[place + 2])) << 16
    }

    /// A text behind its length; moves on behind it. `nil`: none, too long, or with letters that no name has.
    func name(at place: inout Int) -> String? {
        let length = Int(self[place])
        let bytes = (place + 1 ..< place + 1 + length).map { self[$0] }
        let isThere = place + 1 + length <= count
        place += 1 + length
        guard isThere, (1 ... 32).contains(length), bytes.allSatisfy(Self.isInName) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isInName(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30 ... 0x39, 0x41 ... 0x5A, 0x61 ... 0x7A, 0x2B, 0x2D, 0x2E: true
        default: false
        }
    }
}
