import Bytes
public import Vitals

/// A recorded conversation with a device, as text that a person can read and write.
///
///     # device: CMS50D+            provenance, `# key: value`
///     # driver: contec-cms50-v7
///     0.000 > 7D 81 A1             seconds, to the device
///     0.016 < 01 E0 85             seconds, from the device
///     0.020 <ppg 01 02             from a channel other than the only one
///     5.000 <                      nothing came until then
public struct Capture: Hashable, Sendable {
    /// `# key: value` lines in their order; keys in lower case.
    public var provenance: [Note]
    public var lines: [Line]

    public struct Note: Hashable, Sendable {
        public var key: String
        public var value: String

        public init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    public struct Line: Hashable, Sendable {
        public var at: Instant
        public var direction: Direction
        public var channel: Channel
        public var bytes: [UInt8]

        public init(at: Instant, direction: Direction, channel: Channel = .serial, bytes: [UInt8]) {
            self.at = at
            self.direction = direction
            self.channel = channel
            self.bytes = bytes
        }
    }

    public enum Direction: Hashable, Sendable { case fromDevice, toDevice }

    public init(provenance: [Note] = [], lines: [Line] = []) {
        self.provenance = provenance
        self.lines = lines
    }

    public subscript(key: String) -> String? { provenance.first { $0.key == key }?.value }

    /// Reads a capture. Empty lines and comments without a key are passed over.
    public init(parsing text: some StringProtocol) throws(CaptureError) {
        self.init()
        var number = 0
        var last = Instant.boot
        for row in text.split(separator: "\n", omittingEmptySubsequences: false) {
            number += 1
            let row = Substring(row).trimmed
            if row.isEmpty { continue }
            if row.hasPrefix("#") {
                if let note = Self.note(row) { provenance.append(note) }
                continue
            }
            let line = try Self.line(row, number: number)
            guard line.at >= last else { throw CaptureError(line: number, reason: "time goes backwards") }
            last = line.at
            lines.append(line)
        }
    }

    private static func note(_ row: Substring) -> Note? {
        let text = row.dropFirst().trimmed
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let key = text[..<colon]
        guard !key.isEmpty, !key.contains(" ") else { return nil }
        return Note(key: key.lowercased(), value: String(text[text.index(after: colon)...].trimmed))
    }

    private static func line(_ row: Substring, number: Int) throws(CaptureError) -> Line {
        let words = row.split(separator: " ", maxSplits: 2)
        guard let first = words.first, let at = Instant(secondsText: first) else {
            throw CaptureError(line: number, reason: "does not begin with a time in seconds, such as 0.016")
        }
        guard words.count > 1, let mark = words[1].first, mark == "<" || mark == ">" else {
            throw CaptureError(line: number, reason: "has no '<' (from the device) or '>' (to it) behind the time")
        }
        let name = words[1].dropFirst()
        do {
            return Line(
                at: at, direction: mark == "<" ? .fromDevice : .toDevice,
                channel: name.isEmpty ? .serial : Channel(String(name)),
                bytes: try Hex.bytes(words.count > 2 ? words[2] : ""))
        } catch {
            throw CaptureError(line: number, reason: "\(error)")
        }
    }

    /// What ``init(parsing:)`` reads.
    public var text: String {
        var text = ""
        for note in provenance { text += "# \(note.key): \(note.value)\n" }
        for line in lines { text += line.text + "\n" }
        return text
    }
}

extension Capture.Line {
    public var text: String {
        let name = channel == .serial ? "" : channel.name
        let mark = direction == .fromDevice ? "<" : ">"
        return "\(at.secondsText) \(mark)\(name)\(bytes.isEmpty ? "" : " ")\(Hex.text(bytes))"
    }
}

/// What is wrong with the text of a capture, and where.
public struct CaptureError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Counted from 1.
    public var line: Int
    public var reason: String

    public var description: String { "line \(line) \(reason)" }
}

extension Instant {
    /// `12.345`: seconds with three digits.
    public var secondsText: String {
        let milliseconds = nanoseconds / 1_000_000
        let fraction = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)"
    }

    /// Seconds not below zero, with at most nine digits behind the point.
    public init?(secondsText text: some StringProtocol) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = Int64(parts[0]), whole >= 0, whole < 1_000_000_000 else { return nil }
        var nanoseconds: Int64 = 0
        if parts.count > 1 {
            let digits = parts[1]
            guard (1 ... 9).contains(digits.count), let value = Int64(digits), value >= 0 else { return nil }
            nanoseconds = value
            for _ in digits.count ..< 9 { nanoseconds *= 10 }
        }
        self.init(nanoseconds: whole * 1_000_000_000 + nanoseconds)
    }
}

extension Substring {
    var trimmed: Substring {
        var text = self
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }
}
