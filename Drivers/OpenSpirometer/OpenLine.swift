import Bytes
import DriverKit
import Vitals

/// One line of the open format: `osp1 kind words…*CRC`.
struct OpenLine: Sendable {
    var kind: Substring
    /// `key=value`, in a line of samples numbers.
    var words: [Substring]

    /// With its line feed.
    static let bytesMax = 200

    private static let version = Array("osp1 ".utf8)

    enum Verdict: Sendable {
        case line(OpenLine)
        case badCheck
        /// Not of this format.
        case foreign
    }

    /// - Parameter bytes: without line feed and carriage return.
    static func examine(_ bytes: [UInt8]) -> Verdict {
        guard bytes.count > version.count + 5, bytes.starts(with: version), bytes[bytes.count - 5] == 0x2A,
            bytes.allSatisfy({ (0x20 ... 0x7E).contains($0) })
        else { return .foreign }
        let text = String(decoding: bytes, as: UTF8.self)
        let check = Checksum.crc16(bytes.span.extracting(0 ..< bytes.count - 5))
        guard UInt16(text.suffix(4), radix: 16) == check else { return .badCheck }
        let words = text.dropLast(5).dropFirst(version.count).split(separator: " ")
        guard let kind = words.first else { return .foreign }
        return .line(OpenLine(kind: kind, words: Array(words.dropFirst())))
    }

    /// The value of a key, `nil` when it is not there.
    subscript(key: String) -> Substring? {
        for word in words where word.hasPrefix(key) && word.dropFirst(key.count).first == "=" {
            return word.dropFirst(key.count + 1)
        }
        return nil
    }

    /// A whole number from 0 on.
    func count(_ key: String, max: Int = 999_999) -> Int? {
        guard let text = self[key], let number = Int(text), (0 ... max).contains(number) else { return nil }
        return number
    }

    /// Digits with or without a point and a sign, nothing else that a number may look like.
    func number(_ key: String) -> Double? {
        guard let text = self[key], text.utf8.count <= 12,
            text.allSatisfy({ $0 == "." || $0 == "-" || ("0" ... "9").contains($0) })
        else { return nil }
        return Double(text)
    }

    /// Up to 32 letters, digits, points and hyphens.
    func name(_ key: String) -> String? {
        guard let text = self[key], (1 ... 32).contains(text.utf8.count),
            text.utf8.allSatisfy(Self.isInName)
        else { return nil }
        return String(text)
    }

    private static func isInName(_ byte: UInt8) -> Bool {
        (0x30 ... 0x39).contains(byte) || (0x41 ... 0x5A).contains(byte) || (0x61 ... 0x7A).contains(byte)
            || byte == 0x2E || byte == 0x2D || byte == 0x2B
    }
}

/// Cuts a stream into lines; what is longer than a line may be is no line.
struct OpenLines: Sendable {
    private var bytes: [UInt8] = []
    private var isTooLong = false
    private var gap = Gap()

    /// The line that this byte ends, when it is a good one. `isDamaged`: a line of the format came and was lost.
    mutating func take(_ byte: UInt8, isDamaged: inout Bool, _ turn: inout Turn) -> OpenLine? {
        guard byte == 0x0A else {
            if bytes.count < OpenLine.bytesMax - 1, !isTooLong {
                bytes.append(byte)
            } else {
                gap.add(bytes.count + 1, &turn)
                bytes.removeAll(keepingCapacity: true)
                isTooLong = true
            }
            return nil
        }
        defer {
            bytes.removeAll(keepingCapacity: true)
            isTooLong = false
        }
        if bytes.last == 0x0D { bytes.removeLast() }
        if bytes.isEmpty { return nil }
        switch OpenLine.examine(bytes) {
        case .line(let line):
            gap.close(&turn)
            return line
        case .badCheck:
            turn.report(.checksum)
            isDamaged = true
        case .foreign: gap.add(bytes.count + 1, &turn)
        }
        return nil
    }

    mutating func close(_ turn: inout Turn) { gap.close(&turn) }
}
