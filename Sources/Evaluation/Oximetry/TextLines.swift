/// The lines of a table of numbers, and their fields: between commas, semicolons or tabs.
struct TextLines: Sequence {
    /// The fields of one line.
    typealias Fields = [Field]

    /// What stands between two separators, without the blanks around it.
    struct Field {
        var bytes: ArraySlice<UInt8>

        var text: String { String(decoding: bytes.filter { $0 != 0x22 }, as: UTF8.self) }

        /// A finite number.
        var number: Double? {
            guard let first = bytes.first, bytes.count < 32, (0x2B ... 0x39).contains(first) else { return nil }
            guard let value = Double(text), value.isFinite else { return nil }
            return value
        }

        /// Letters, so that it names a column; not what stands for a missing number.
        var isHeading: Bool {
            let letters = bytes.filter { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A }
            return !letters.isEmpty && timeOfDayMilliseconds == nil && number == nil
                && !["nan", "na", "null", "inf"].contains(String(decoding: letters, as: UTF8.self).lowercased())
        }

        /// The first `12:34:56` or `12:34:56.7` in it.
        var timeOfDayMilliseconds: Int64? {
            guard let colon = bytes.firstIndex(of: 0x3A) else { return nil }
            var start = colon
            while start > bytes.startIndex, (0x30 ... 0x39).contains(bytes[start - 1]), colon - start < 2 {
                start -= 1
            }
            let digits = bytes[start...].prefix { (0x30 ... 0x39).contains($0) || $0 == 0x3A || $0 == 0x2E }
            let parts = digits.split(separator: 0x3A, omittingEmptySubsequences: false)
            guard parts.count == 3, let hour = Int64(String(decoding: parts[0], as: UTF8.self)),
                let minute = Int64(String(decoding: parts[1], as: UTF8.self)),
                let second = Double(String(decoding: parts[2], as: UTF8.self)), (0 ... 23).contains(hour),
                (0 ... 59).contains(minute), second >= 0, second < 61
            else { return nil }
            return (hour * 60 + minute) * 60_000 + Int64((second * 1000).rounded())
        }
    }

    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    }

    /// Lines that begin with `#` are passed over.
    func makeIterator() -> AnyIterator<Fields> {
        var rest = bytes[...]
        return AnyIterator {
            while !rest.isEmpty {
                let end = rest.firstIndex(of: 0x0A) ?? rest.endIndex
                let line = rest[rest.startIndex ..< end]
                rest = end < rest.endIndex ? rest[(end + 1)...] : []
                if line.first != 0x23 { return Self.fields(line) }
            }
            return nil
        }
    }

    private static func fields(_ line: ArraySlice<UInt8>) -> Fields {
        let trimmed = trim(line)
        guard !trimmed.isEmpty else { return [] }
        return trimmed.split(omittingEmptySubsequences: false) { $0 == 0x2C || $0 == 0x3B || $0 == 0x09 }
            .map { Field(bytes: trim($0)) }
    }

    private static func trim(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x0D }
        var rest = bytes.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest = rest.dropLast() }
        return rest
    }
}

extension [TextLines.Field] {
    /// The number in that column, if there is one.
    subscript(number column: Int) -> Double? { indices.contains(column) ? self[column].number : nil }
}
