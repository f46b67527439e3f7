/// A pseudonymous name of a gateway, device or patient, safe in an MQTT topic, a file name and a log.
///
/// 1–64 of `a–z`, `0–9` and `-`, beginning and ending with a letter or digit. No name of a person belongs here.
public struct Identifier: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let text: String

    public static let lengthMax = 64
    public static let rule = "1 to 64 of a-z, 0-9 and '-', beginning and ending with a letter or digit"

    /// `nil` when the text breaks ``rule``.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, let last = bytes.last, bytes.count <= Self.lengthMax,
            first != 0x2D, last != 0x2D, bytes.allSatisfy(Self.isAllowed)
        else { return nil }
        self.text = String(text)
    }

    public var description: String { text }

    public static func < (one: Identifier, other: Identifier) -> Bool { one.text < other.text }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        (0x61 ... 0x7A).contains(byte) || (0x30 ... 0x39).contains(byte) || byte == 0x2D
    }
}
