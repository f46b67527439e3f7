/// The 128 bits that name a service or a characteristic; those of the Bluetooth SIG have a short form of 16.
public struct BluetoothUUID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let high: UInt64
    public let low: UInt64

    /// `0000xxxx-0000-1000-8000-00805f9b34fb`, Core Specification 5.4, Vol 3, Part B, 2.5.1.
    private static let baseHigh: UInt64 = 0x0000_0000_0000_1000
    private static let baseLow: UInt64 = 0x8000_0080_5F9B_34FB

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    public init(_ short: UInt16) { self.init(high: Self.baseHigh | UInt64(short) << 32, low: Self.baseLow) }

    /// `180d`, or 32 hexadecimal digits with or without hyphens; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        let digits = String(text.filter { $0 != "-" })
        guard digits.allSatisfy(\.isHexDigit) else { return nil }
        switch digits.count {
        case 4:
            guard let short = UInt16(digits, radix: 16) else { return nil }
            self.init(short)
        case 32:
            guard let high = UInt64(digits.prefix(16), radix: 16), let low = UInt64(digits.suffix(16), radix: 16)
            else { return nil }
            self.init(high: high, low: low)
        default: return nil
        }
    }

    /// As in a PDU: 2, 4 or 16 bytes, least significant first; `nil` for any other length.
    public init?(littleEndian bytes: some Collection<UInt8>) {
        let value = bytes.reversed()
        switch bytes.count {
        case 2, 4: self.init(high: Self.baseHigh | Self.number(value) << 32, low: Self.baseLow)
        case 16: self.init(high: Self.number(value.prefix(8)), low: Self.number(value.suffix(8)))
        default: return nil
        }
    }

    /// The SIG's number, `nil` for a UUID of somebody else's.
    public var short: UInt16? {
        guard low == Self.baseLow, high & 0xFFFF_0000_FFFF_FFFF == Self.baseHigh else { return nil }
        return UInt16(truncatingIfNeeded: high >> 32)
    }

    /// 2 bytes when there is a short form, otherwise 16; least significant first.
    public var littleEndian: [UInt8] {
        if let short { return [UInt8(truncatingIfNeeded: short), UInt8(truncatingIfNeeded: short >> 8)] }
        return [low, high].flatMap { half in (0 ..< 8).map { UInt8(truncatingIfNeeded: half >> ($0 * 8)) } }
    }

    /// The short form where there is one, in lower case.
    public var description: String {
        if let short { return Self.hexadecimal(UInt64(short), digits: 4) }
        let text = Self.hexadecimal(high, digits: 16) + Self.hexadecimal(low, digits: 16)
        var parts: [Substring] = []
        var rest = text[...]
        for length in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return parts.joined(separator: "-")
    }

    public static func < (one: BluetoothUUID, other: BluetoothUUID) -> Bool {
        (one.high, one.low) < (other.high, other.low)
    }

    private static func number(_ bytes: some Sequence<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }

    private static func hexadecimal(_ number: UInt64, digits: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: digits - text.count) + text
    }
}
