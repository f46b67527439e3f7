/// Bytes as people write them.
public enum Hex {
    /// `0A 1B FF`
    public static func text(_ bytes: some Sequence<UInt8>) -> String {
        var text = ""
        for byte in bytes {
            if !text.isEmpty { text.append(" ") }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return text
    }

    /// Pairs of hexadecimal digits; white space, `:`, `,` and `-` between pairs, and `0x` before one, are passed
    /// over.
    public static func bytes(_ text: some StringProtocol) throws(HexError) -> [UInt8] {
        var bytes: [UInt8] = []
        var pending: (value: UInt8, offset: Int)?
        let units = Array(text.utf8)
        var index = 0
        while index < units.count {
            defer { index += 1 }
            let unit = units[index]
            if isPrefix(units, at: index), pending == nil {
                index += 1
                continue
            }
            if let digit = value(unit) {
                if let high = pending {
                    bytes.append(high.value << 4 | digit)
                    pending = nil
                } else {
                    pending = (digit, index)
                }
            } else if separators.contains(unit) {
                if let half = pending { throw HexError.halfByte(offset: half.offset) }
            } else {
                throw HexError.notHexadecimal(unit, offset: index)
            }
        }
        if let half = pending { throw HexError.halfByte(offset: half.offset) }
        return bytes
    }

    private static let digits: [Character] = Array("0123456789ABCDEF")
    private static let separators = Set(" \t\r\n:,-".utf8)

    private static func isPrefix(_ units: [UInt8], at index: Int) -> Bool {
        units[index] == 0x30 && index + 1 < units.count && (units[index + 1] | 0x20) == 0x78
    }

    private static func value(_ unit: UInt8) -> UInt8? {
        switch unit {
        case 0x30 ... 0x39: unit - 0x30
        case 0x41 ... 0x46: unit - 0x41 + 10
        case 0x61 ... 0x66: unit - 0x61 + 10
        default: nil
        }
    }
}

/// Why a text is no row of bytes.
public enum HexError: Error, Hashable, Sendable, CustomStringConvertible {
    case notHexadecimal(UInt8, offset: Int)
    case halfByte(offset: Int)

    public var description: String {
        switch self {
        case .notHexadecimal(let unit, let offset):
            "byte 0x\(String(unit, radix: 16)) at offset \(offset) is not a hexadecimal digit"
        case .halfByte(let offset): "the digit at offset \(offset) has no second one beside it: write two per byte"
        }
    }
}
