/// A JSON text as it was read (RFC 8259). Members keep their order, and each name is there once.
enum JSONValue: Hashable, Sendable {
    case null
    case boolean(Bool)
    case number(Double)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    /// Objects and lists within each other; more is nobody's request.
    static let depthMax = 8

    /// What is not JSON, and where.
    struct Fault: Error, Hashable, CustomStringConvertible {
        /// In bytes from the beginning.
        var offset: Int
        var expected: String

        var description: String { "byte \(offset): expected \(expected)" }
    }

    /// - Throws: where the text is not JSON, is nested deeper than ``depthMax``, or names a member twice.
    init(parsing bytes: [UInt8]) throws(Fault) {
        var reader = JSONReader(bytes)
        self = try reader.whole()
    }

    /// The member of an object; `nil` for `null`, for an absent one, and for what is no object.
    subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self, let value = members[name], value != .null else { return nil }
        return value
    }

    var text: String? { if case .text(let text) = self { text } else { nil } }

    /// A number without a fraction that fits.
    var integer: Int? { if case .number(let number) = self { Int(exactly: number) } else { nil } }

    var list: [JSONValue]? { if case .list(let list) = self { list } else { nil } }
}

/// Reads one JSON text from its first byte to its last. Whatever the bytes, it does not trap.
private struct JSONReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func whole() throws(JSONValue.Fault) -> JSONValue {
        let value = try value(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw fault("the end") }
        return value
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func fault(_ expected: String) -> JSONValue.Fault {
        JSONValue.Fault(offset: position, expected: expected)
    }

    private mutating func skipSpace() {
        while let next, next == 0x20 || next == 0x09 || next == 0x0A || next == 0x0D { position += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONValue.Fault) -> JSONValue {
        skipSpace()
        switch next {
        case 0x7B: return try object(depth: depth + 1)
        case 0x5B: return try list(depth: depth + 1)
        case 0x22: return .text(try string())
        case 0x74: return try word("true", .boolean(true))
        case 0x66: return try word("false", .boolean(false))
        case 0x6E: return try word("null", .null)
        case 0x2D?, (0x30 ... 0x39)?: return .number(try number())
        default: throw fault("a value")
        }
    }

    private mutating func word(_ text: String, _ value: JSONValue) throws(JSONValue.Fault) -> JSONValue {
        guard bytes[position...].starts(with: text.utf8) else { throw fault(text) }
        position += text.utf8.count
        return value
    }

    private mutating func object(depth: Int) throws(JSONValue.Fault) -> JSONValue {
        guard depth <= JSONValue.depthMax else { throw fault("at most \(JSONValue.depthMax) levels") }
        position += 1
        var members: [String: JSONValue] = [:]
        skipSpace()
        if take(0x7D) { return .object(members) }
        while true {
            skipSpace()
            let start = position
            let name = try string()
            guard members[name] == nil else {
                throw JSONValue.Fault(offset: start, expected: "each name once")
            }
            skipSpace()
            guard take(0x3A) else { throw fault("':'") }
            members[name] = try value(depth: depth)
            skipSpace()
            if take(0x7D) { return .object(members) }
            guard take(0x2C) else { throw fault("',' or '}'") }
        }
    }

    private mutating func list(depth: Int) throws(JSONValue.Fault) -> JSONValue {
        guard depth <= JSONValue.depthMax else { throw fault("at most \(JSONValue.depthMax) levels") }
        position += 1
        var values: [JSONValue] = []
        skipSpace()
        if take(0x5D) { return .list(values) }
        while true {
            values.append(try value(depth: depth))
            skipSpace()
            if take(0x5D) { return .list(values) }
            guard take(0x2C) else { throw fault("',' or ']'") }
        }
    }

    private mutating func number() throws(JSONValue.Fault) -> Double {
        let start = position
        _ = take(0x2D)
        if !take(0x30) { try digits() }
        if take(0x2E) { try digits() }
        if take(0x65) || take(0x45) {
            if !take(0x2B) { _ = take(0x2D) }
            try digits()
        }
        let text = String(decoding: bytes[start ..< position], as: UTF8.self)
        guard let number = Double(text), number.isFinite else {
            throw JSONValue.Fault(offset: start, expected: "a number that fits")
        }
        return number
    }

    private mutating func digits() throws(JSONValue.Fault) {
        guard let next, (0x30 ... 0x39).contains(next) else { throw fault("a digit") }
        while let byte = self.next, (0x30 ... 0x39).contains(byte) { position += 1 }
    }

    private mutating func string() throws(JSONValue.Fault) -> String {
        guard take(0x22) else { throw fault("'\"'") }
        let start = position
        var text: [UInt8] = []
        while let byte = next {
            switch byte {
            case 0x22:
                position += 1
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw JSONValue.Fault(offset: start, expected: "UTF-8")
                }
                return string
            case 0x5C: text.append(contentsOf: try escape())
            case 0x00 ... 0x1F: throw fault("no control character in a text")
            default:
                text.append(byte)
                position += 1
            }
        }
        throw fault("'\"'")
    }

    private static let escapes: [UInt8: UInt8] = [
        0x22: 0x22, 0x5C: 0x5C, 0x2F: 0x2F, 0x62: 0x08, 0x66: 0x0C, 0x6E: 0x0A, 0x72: 0x0D, 0x74: 0x09,
    ]

    private mutating func escape() throws(JSONValue.Fault) -> [UInt8] {
        position += 1
        guard let kind = next else { throw fault("an escape") }
        if let byte = Self.escapes[kind] {
            position += 1
            return [byte]
        }
        guard kind == 0x75 else { throw fault("an escape") }
        var code = UInt32(try unit())
        if (0xD800 ... 0xDBFF).contains(code), next == 0x5C {
            position += 1
            guard next == 0x75 else { throw fault("the second half of a pair") }
            let low = UInt32(try unit())
            guard (0xDC00 ... 0xDFFF).contains(low) else { throw fault("the second half of a pair") }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw fault("a character") }
        return Array(String(Character(scalar)).utf8)
    }

    /// `uXXXX`, from the `u`.
    private mutating func unit() throws(JSONValue.Fault) -> UInt16 {
        position += 1
        let digits = bytes[position...].prefix(4)
        guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw fault("four hexadecimal digits") }
        position += 4
        return unit
    }
}
