import Bytes
import DriverKit

/// What a device says of itself while it advertises.
///
/// Structures of length, type and value, Core Specification 5.4, Vol 3, Part C, 11; the types are of the
/// Supplement, Part A, 1. Whatever is cut off or longer than the rest is left out, and what came before it counts.
struct Advertisement: Hashable, Sendable {
    /// Of the many that can be claimed in one advertisement.
    static let servicesMax = 32
    static let nameBytesMax = 64

    var flags: UInt8?
    var name: String?
    /// A shortened name gives way to a whole one.
    var isNameWhole = false
    /// Complete and incomplete lists, and those with data.
    var services: [BluetoothUUID] = []
    var manufacturer: UInt16?

    init(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes.span)
        while let length = try? reader.uint8() {
            // A length of zero ends the significant part.
            guard length > 0, let value = try? reader.bytes(Int(length)), let type = value.first else { break }
            note(type, value.dropFirst())
        }
    }

    private mutating func note(_ type: UInt8, _ value: ArraySlice<UInt8>) {
        switch type {
        case 0x01: flags = value.first
        case 0x02, 0x03: note(services: value, bytesEach: 2)
        case 0x04, 0x05: note(services: value, bytesEach: 4)
        case 0x06, 0x07: note(services: value, bytesEach: 16)
        case 0x08: if !isNameWhole { name = Self.text(value) }
        case 0x09: (name, isNameWhole) = (Self.text(value), true)
        case 0x16: note(services: value.prefix(2), bytesEach: 2)
        case 0x20: note(services: value.prefix(4), bytesEach: 4)
        case 0x21: note(services: value.prefix(16), bytesEach: 16)
        case 0xFF:
            if value.count >= 2 {
                manufacturer = UInt16(value[value.startIndex]) | UInt16(value[value.startIndex + 1]) << 8
            }
        default: break
        }
    }

    private mutating func note(services bytes: ArraySlice<UInt8>, bytesEach: Int) {
        var rest = bytes
        while rest.count >= bytesEach, services.count < Self.servicesMax {
            if let uuid = BluetoothUUID(littleEndian: rest.prefix(bytesEach)), !services.contains(uuid) {
                services.append(uuid)
            }
            rest = rest.dropFirst(bytesEach)
        }
    }

    /// UTF-8 without control characters, which would speak to the technician's terminal; `nil`: nothing is left.
    private static func text(_ bytes: ArraySlice<UInt8>) -> String? {
        let text = String(decoding: bytes.prefix(nameBytesMax).prefix { $0 != 0 }, as: UTF8.self)
        var clean = ""
        let invisible: [ClosedRange<UInt32>] = [0x200B ... 0x200F, 0x202A ... 0x202E]
        for scalar in text.unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7F ... 0x9F).contains(scalar.value)
            let isInvisible = invisible.contains { $0.contains(scalar.value) }
            clean.unicodeScalars.append(isControl || isInvisible ? "?" : scalar)
        }
        while clean.last == " " { clean.removeLast() }
        return clean.isEmpty ? nil : clean
    }
}
