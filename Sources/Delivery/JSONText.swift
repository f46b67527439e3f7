/// Writes JSON into bytes, member after member, in the order of the calls.
public struct JSONText: Sendable {
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    public init() {}

    public mutating func member(_ name: String, _ value: String) {
        key(name)
        string(value)
    }

    public mutating func member(_ name: String, _ value: Bool) {
        key(name)
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    public mutating func member(_ name: String, _ value: some BinaryInteger) {
        key(name)
        bytes.append(contentsOf: String(value).utf8)
    }

    /// A number that JSON cannot write (infinite, not a number) becomes `null`.
    public mutating func member(_ name: String, _ value: Double) {
        key(name)
        number(value)
    }

    /// A number already written in decimal.
    public mutating func member(_ name: String, decimal text: String) {
        key(name)
        bytes.append(contentsOf: text.utf8)
    }

    public mutating func null(_ name: String) {
        key(name)
        bytes.append(contentsOf: "null".utf8)
    }

    /// Writes the member only when there is a value.
    public mutating func member(_ name: String, ifPresent value: String?) {
        if let value { member(name, value) }
    }

    public mutating func member(_ name: String, ifPresent value: (some BinaryInteger)?) {
        if let value { member(name, value) }
    }

    public mutating func object(_ name: String, _ write: (inout JSONText) -> Void) {
        key(name)
        enclosed(by: 0x7B, 0x7D, write)
    }

    public mutating func array(_ name: String, _ values: some Sequence<String>) {
        key(name)
        enclosed(by: 0x5B, 0x5D) { text in for value in values { text.element(value) } }
    }

    public mutating func array<Integer: BinaryInteger>(_ name: String, integers values: some Sequence<Integer>) {
        key(name)
        enclosed(by: 0x5B, 0x5D) { text in
            for value in values {
                text.comma()
                text.bytes.append(contentsOf: String(value).utf8)
            }
        }
    }

    public mutating func array(_ name: String, objects count: Int, _ write: (Int, inout JSONText) -> Void) {
        key(name)
        enclosed(by: 0x5B, 0x5D) { text in
            for index in 0 ..< count {
                text.comma()
                text.enclosed(by: 0x7B, 0x7D) { write(index, &$0) }
            }
        }
    }

    /// Members written before, as they are.
    public mutating func members(_ written: [UInt8]) {
        guard !written.isEmpty else { return }
        comma()
        bytes.append(contentsOf: written)
    }

    /// A whole object.
    public static func object(_ write: (inout JSONText) -> Void) -> [UInt8] {
        var text = JSONText()
        text.enclosed(by: 0x7B, 0x7D, write)
        return text.bytes
    }

    /// The members of an object, without its braces.
    public static func members(_ write: (inout JSONText) -> Void) -> [UInt8] {
        var text = JSONText()
        write(&text)
        return text.bytes
    }

    private mutating func element(_ value: String) {
        comma()
        string(value)
    }

    private mutating func enclosed(by open: UInt8, _ close: UInt8, _ write: (inout JSONText) -> Void) {
        bytes.append(open)
        needsComma = false
        write(&self)
        bytes.append(close)
        needsComma = true
    }

    private mutating func comma() {
        if needsComma { bytes.append(0x2C) }
        needsComma = true
    }

    private mutating func key(_ name: String) {
        comma()
        string(name)
        bytes.append(0x3A)
    }

    private mutating func number(_ value: Double) {
        if let whole = Int64(exactly: value) {
            bytes.append(contentsOf: String(whole).utf8)
        } else {
            bytes.append(contentsOf: (value.isFinite ? "\(value)" : "null").utf8)
        }
    }

    private mutating func string(_ value: String) {
        bytes.append(0x22)
        for unit in value.utf8 {
            switch unit {
            case 0x22, 0x5C:
                bytes.append(0x5C)
                bytes.append(unit)
            case 0x00 ... 0x1F, 0x7F:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(Self.hexadecimal[Int(unit >> 4)])
                bytes.append(Self.hexadecimal[Int(unit & 15)])
            default: bytes.append(unit)
            }
        }
        bytes.append(0x22)
    }

    private static let hexadecimal = Array("0123456789abcdef".utf8)
}
