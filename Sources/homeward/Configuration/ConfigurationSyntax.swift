/// Finds where a text stops being JSON with comments, for a person who has to mend it.
///
/// The decoder of the standard library says only that something is wrong; this says where.
struct ConfigurationSyntax {
    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    static let depthMax = 64

    struct Fault: Error {
        var offset: Int
        var expected: String
    }

    /// `line 3, column 5: found 'x', expected ','`; `nil` when nothing is found wrong.
    static func complaint(_ bytes: [UInt8]) -> String? {
        var scanner = ConfigurationSyntax(bytes: bytes)
        do throws(Fault) {
            try scanner.space()
            try scanner.value()
            try scanner.space()
            guard scanner.position == bytes.count else {
                throw Fault(offset: scanner.position, expected: "the end of the file")
            }
            return nil
        } catch {
            let before = bytes[..<min(error.offset, bytes.count)]
            let line = before.count { $0 == 0x0A } + 1
            let column = before.reversed().prefix { $0 != 0x0A }.count + 1
            return "line \(line), column \(column): found \(found(bytes, error.offset)), expected \(error.expected)"
        }
    }

    private static func found(_ bytes: [UInt8], _ offset: Int) -> String {
        guard offset < bytes.count else { return "the end of the file" }
        if bytes[offset] == 0x0A { return "the end of the line" }
        let word = bytes[offset...].prefix { $0 > 0x20 && !structural.contains($0) }.prefix(20)
        return "'\(String(decoding: word.isEmpty ? bytes[offset ... offset] : word, as: UTF8.self))'"
    }

    private static let structural = Set("{}[],:\"'".utf8)

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func fault(_ expected: String) -> Fault { Fault(offset: position, expected: expected) }

    private mutating func take(_ character: Character) -> Bool {
        guard let next, next == character.asciiValue else { return false }
        position += 1
        return true
    }

    private mutating func value() throws(Fault) {
        switch next.map({ Character(UnicodeScalar($0)) }) {
        case "{": try members("}") { scanner throws(Fault) in try scanner.member() }
        case "[": try members("]") { scanner throws(Fault) in try scanner.value() }
        case "\"", "'": try text()
        default:
            let start = position
            while let next, next > 0x20, !Self.structural.contains(next), !isComment { position += 1 }
            guard isScalar(bytes[start ..< position]) else {
                position = start
                throw fault("a value: text in quotes, a number, true, false, null, { or [")
            }
        }
    }

    private mutating func members(
        _ end: Character, _ element: (inout ConfigurationSyntax) throws(Fault) -> Void
    ) throws(Fault) {
        position += 1
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthMax else { throw fault("no more than \(Self.depthMax) levels") }
        try space()
        while !take(end) {
            try element(&self)
            try space()
            if take(end) { return }
            guard take(",") else { throw fault("',' or '\(end)'") }
            try space()
        }
    }

    private mutating func member() throws(Fault) {
        if next == 0x22 || next == 0x27 {
            try text()
        } else {
            let start = position
            while let next, isNameByte(next) { position += 1 }
            guard position > start else { throw fault("a key") }
        }
        try space()
        guard take(":") else { throw fault("':' behind the key") }
        try space()
        try value()
    }

    private mutating func text() throws(Fault) {
        let start = position
        let quote = bytes[position]
        position += 1
        while let next, next != quote {
            guard next != 0x0A else { throw Fault(offset: start, expected: "a text that ends on its line") }
            position += next == 0x5C ? 2 : 1
        }
        guard position < bytes.count else { throw Fault(offset: start, expected: "a text that ends") }
        position += 1
    }

    private var isComment: Bool {
        position + 1 < bytes.count && bytes[position] == 0x2F
            && (bytes[position + 1] == 0x2F || bytes[position + 1] == 0x2A)
    }

    private mutating func space() throws(Fault) {
        while let next {
            if next <= 0x20 {
                position += 1
            } else if isComment {
                try comment()
            } else {
                return
            }
        }
    }

    private mutating func comment() throws(Fault) {
        let start = position
        if bytes[position + 1] == 0x2F {
            while let next, next != 0x0A { position += 1 }
            return
        }
        position += 2
        while position + 1 < bytes.count {
            if bytes[position] == 0x2A, bytes[position + 1] == 0x2F {
                position += 2
                return
            }
            position += 1
        }
        throw Fault(offset: start, expected: "a comment that ends with */")
    }

    private func isNameByte(_ byte: UInt8) -> Bool {
        (0x30 ... 0x39).contains(byte) || (0x41 ... 0x5A).contains(byte) || (0x61 ... 0x7A).contains(byte)
            || byte == 0x5F || byte == 0x24
    }

    private func isScalar(_ word: ArraySlice<UInt8>) -> Bool {
        let text = String(decoding: word, as: UTF8.self)
        if ["true", "false", "null", "Infinity", "NaN"].contains(text) { return true }
        let digits = text.hasPrefix("+") || text.hasPrefix("-") ? text.dropFirst() : text[...]
        if digits.hasPrefix("0x") || digits.hasPrefix("0X") { return UInt64(digits.dropFirst(2), radix: 16) != nil }
        let isBare = digits.hasPrefix(".") || digits.hasSuffix(".")
        return digits.utf8.contains { (0x30 ... 0x39).contains($0) } && (isBare || Double(digits) != nil)
    }
}
