/// Where a Bluetooth LE device is: 48 bits, and who gave them out.
public struct BluetoothAddress: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The most significant byte is the first that is printed.
    public let bits: UInt64
    public let kind: Kind

    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Given out by the IEEE, or an identity as such.
        case publicAddress = "public"
        /// Static, or changing every few minutes (private).
        case random
    }

    public init(bits: UInt64, kind: Kind) {
        self.bits = bits & 0xFFFF_FFFF_FFFF
        self.kind = kind
    }

    /// `C4:B5:00:11:22:33`; `nil` for anything else.
    public init?(_ text: some StringProtocol, kind: Kind) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 6 else { return nil }
        var bits: UInt64 = 0
        for part in parts {
            guard part.count == 2, part.allSatisfy(\.isHexDigit), let byte = UInt8(part, radix: 16) else {
                return nil
            }
            bits = bits << 8 | UInt64(byte)
        }
        self.init(bits: bits, kind: kind)
    }

    /// Six bytes as in a PDU, least significant first; `nil` for another length.
    public init?(littleEndian bytes: some Collection<UInt8>, kind: Kind) {
        guard bytes.count == 6 else { return nil }
        self.init(bits: bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }, kind: kind)
    }

    public var littleEndian: [UInt8] { (0 ..< 6).map { UInt8(truncatingIfNeeded: bits >> ($0 * 8)) } }

    /// Changes every few minutes, and whoever holds the identity key knows whose it is (Vol 6, Part B, 1.3.2.2).
    public var isResolvablePrivate: Bool { kind == .random && bits >> 46 == 0b01 }
    /// Stays the same at least until the device is switched off.
    public var isStaticRandom: Bool { kind == .random && bits >> 46 == 0b11 }

    /// `C4:B5:00:11:22:33`
    public var description: String {
        stride(from: 40, through: 0, by: -8).map { shift in
            let text = String(bits >> UInt64(shift) & 0xFF, radix: 16, uppercase: true)
            return text.count == 1 ? "0" + text : text
        }.joined(separator: ":")
    }

    public static func < (one: BluetoothAddress, other: BluetoothAddress) -> Bool {
        (one.bits, one.kind.rawValue) < (other.bits, other.kind.rawValue)
    }
}
