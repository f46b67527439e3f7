/// A recording as text: one value a line. Empty lines and lines that begin with `#` are passed over.
public enum SampleText {
    /// Two minutes at 500 Hz.
    public static let valuesMax = 60_000
    /// Longer than any number is written.
    static let lineBytesMax = 64

    /// Why a text is no recording, with the line, counted from 1.
    public enum Problem: Error, Hashable, Sendable, CustomStringConvertible {
        case notANumber(line: Int, text: String)
        case tooMany(line: Int)
        case impossible(line: Int, text: String, magnitudeMax: Double)
        case empty

        public var description: String {
            switch self {
            case .notANumber(let line, let text): "line \(line) is '\(text)': one number a line is needed"
            case .tooMany(let line): "line \(line) is more than \(valuesMax) values: one blow a file is needed"
            case .impossible(let line, let text, let limit):
                "line \(line) is \(text): no spirometer shows more than \(limit)"
            case .empty: "it holds no value"
            }
        }
    }

    /// - Parameter magnitudeMax: what a value can be at most, with either sign.
    public static func values(of bytes: [UInt8], magnitudeMax: Double) throws(Problem) -> [Double] {
        var values: [Double] = []
        var line = 0
        for part in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            line += 1
            let word = trimmed(part)
            guard let first = word.first, first != 0x23 else { continue }
            let text = String(decoding: word.prefix(lineBytesMax), as: UTF8.self)
            guard word.count <= lineBytesMax, word.allSatisfy(isInNumber), let value = Double(text) else {
                throw .notANumber(line: line, text: printable(text))
            }
            guard abs(value) <= magnitudeMax else {
                throw .impossible(line: line, text: text, magnitudeMax: magnitudeMax)
            }
            guard values.count < valuesMax else { throw .tooMany(line: line) }
            values.append(value)
        }
        guard !values.isEmpty else { throw .empty }
        return values
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var line = line
        let blanks: Set<UInt8> = [0x20, 0x09, 0x0D]
        while let last = line.last, blanks.contains(last) { line.removeLast() }
        while let first = line.first, blanks.contains(first) { line.removeFirst() }
        return line
    }

    /// Digits, sign, point and exponent: neither `nan` nor `0x1p3`.
    private static func isInNumber(_ byte: UInt8) -> Bool {
        (0x30 ... 0x39).contains(byte) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains(byte)
    }

    private static func printable(_ text: String) -> String {
        String(text.unicodeScalars.map { $0.value >= 0x20 && $0.value != 0x7F ? Character($0) : "?" })
    }
}
