import DriverKit

/// A package of protocol V7.0 as it stands on the wire.
///
///     type      high byte   data, 0–7 bytes
///     0xxxxxxx  1hhhhhhh    1xxxxxxx …        bit i of the high byte is bit 7 of data byte i
struct ContecV7Packet: Sendable {
    static let lengthMax = 9

    var bytes: [9 of UInt8] = .init(repeating: 0x80)
    var count = 0
    /// Bytes passed over in front of it.
    var lostBytesBefore = 0

    var type: UInt8 { bytes[0] }
    var dataCount: Int { max(0, count - 2) }

    /// A data byte with its bit 7; 0 beyond those of this package.
    subscript(index: Int) -> UInt8 {
        guard index >= 0, index < dataCount else { return 0 }
        return bytes[index + 2] & 0x7F | (bytes[1] >> UInt8(index) & 1) << 7
    }

    /// Data bytes as text: printable ASCII, without the blanks at both ends.
    func text(from start: Int) -> String {
        var text = ""
        for index in start ..< max(start, dataCount) {
            let byte = self[index]
            guard byte != 0 else { break }
            text.append((0x20 ... 0x7E).contains(byte) ? Character(Unicode.Scalar(byte)) : "?")
        }
        return text
    }

    /// How long a package from the device is, by its type; `nil` for a type that nobody has described.
    static func length(type: UInt8) -> Int? {
        switch type {
        case 0x01 ... 0x05, 0x11, 0x13 ... 0x15: 9
        case 0x07, 0x08, 0x0F, 0x12: 8
        case 0x09: 6
        case 0x06, 0x0A, 0x0B: 4
        case 0x0D, 0x0E, 0x10: 3
        case 0x0C: 2
        default: nil
        }
    }

    /// The host's packages are of type 7D and always nine bytes long.
    static func command(_ code: UInt8, _ data: [UInt8] = []) -> [UInt8] {
        var high: UInt8 = 0x81
        var bytes: [UInt8] = [0x7D, high, code | 0x80]
        for index in 0 ..< 6 {
            let byte = index < data.count ? data[index] : 0
            high |= (byte >> 7) << UInt8(index + 1)
            bytes.append(byte | 0x80)
        }
        bytes[1] = high
        return bytes
    }
}

/// Finds packages: the type is the only byte with bit 7 clear, and tells the length.
struct ContecV7Framer: Sendable {
    private var partial = ContecV7Packet()
    private var length = 0
    private var gap = Gap()
    private var lostBytes = 0
    /// One bit for each unknown type that has been told.
    private var unknownTypes: (UInt64, UInt64) = (0, 0)

    var isBetweenPackets: Bool { partial.count == 0 && gap.isEmpty }

    mutating func take(_ byte: UInt8, _ turn: inout Turn) -> ContecV7Packet? {
        guard byte >= 0x80 else {
            start(type: byte, &turn)
            return nil
        }
        guard partial.count > 0 else {
            drop(1, &turn)
            return nil
        }
        partial.bytes[partial.count] = byte
        partial.count += 1
        guard partial.count == length else { return nil }
        gap.close(&turn)
        var packet = partial
        packet.lostBytesBefore = lostBytes
        lostBytes = 0
        partial.count = 0
        return packet
    }

    mutating func end(_ turn: inout Turn) { gap.close(&turn) }

    private mutating func start(type: UInt8, _ turn: inout Turn) {
        if partial.count > 0 { drop(partial.count, &turn) }
        guard let length = ContecV7Packet.length(type: type) else {
            drop(1, &turn)
            return tellUnknown(type, &turn)
        }
        self.length = length
        partial.bytes[0] = type
        partial.count = 1
    }

    private mutating func drop(_ count: Int, _ turn: inout Turn) {
        gap.add(count, &turn)
        lostBytes &+= count
        partial.count = 0
    }

    /// Each type once: noise would otherwise give a fault for every byte.
    private mutating func tellUnknown(_ type: UInt8, _ turn: inout Turn) {
        let bit = UInt64(1) << UInt64(type & 63)
        let isKnown = (type < 64 ? unknownTypes.0 : unknownTypes.1) & bit != 0
        guard !isKnown else { return }
        if type < 64 { unknownTypes.0 |= bit } else { unknownTypes.1 |= bit }
        turn.report(.unknown("package type \(hexadecimal(type))"))
    }
}

/// Two digits.
func hexadecimal(_ byte: UInt8) -> String {
    let text = String(byte, radix: 16, uppercase: true)
    return byte < 16 ? "0" + text : text
}
