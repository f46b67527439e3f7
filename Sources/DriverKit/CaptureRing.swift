public import Vitals

/// The last frames of one connection, oldest first, as many as find room. Times are the box's.
public struct CaptureRing: Hashable, Sendable {
    private var lines: [Capture.Line] = []
    /// Behind those that were dropped or taken; they are removed together, so that each costs little.
    private var head = 0
    private var lastAt = Instant.boot
    /// Of its lines as text, at the most.
    public let bytesMax: Int
    /// Of its lines as text, now.
    public private(set) var byteCount = 0
    /// Lines that found no room.
    public private(set) var dropped = 0
    /// Frames that were added, with those that were dropped.
    public private(set) var frames = 0

    /// A longer frame becomes several lines: each fits into a line of any protocol.
    public static let lineBytesMax = 2048
    /// Time, mark, channel and line feed of a line of text.
    private static let lineOverhead = 24

    public init(bytesMax: Int) { self.bytesMax = bytesMax }

    public var isEmpty: Bool { head == lines.count }
    public var first: Capture.Line? { isEmpty ? nil : lines[head] }

    /// A chunk may have left the kernel before a request was written that is already here: time stays in order.
    public mutating func add(
        _ bytes: [UInt8], _ direction: Capture.Direction, _ channel: Channel, at now: Instant
    ) {
        frames &+= 1
        lastAt = max(lastAt, now)
        var start = 0
        repeat {
            let end = min(bytes.count, start + Self.lineBytesMax)
            let piece = start == 0 && end == bytes.count ? bytes : Array(bytes[start ..< end])
            let line = Capture.Line(at: lastAt, direction: direction, channel: channel, bytes: piece)
            lines.append(line)
            byteCount += Self.cost(line)
            start = end
        } while start < bytes.count
        while byteCount > bytesMax, popFirst() != nil { dropped &+= 1 }
    }

    /// Takes the oldest out.
    public mutating func popFirst() -> Capture.Line? {
        guard !isEmpty else { return nil }
        let line = lines[head]
        head += 1
        byteCount -= Self.cost(line)
        if head >= 64, head * 2 > lines.count {
            lines.removeFirst(head)
            head = 0
        }
        return line
    }

    /// Its lines as a capture, counted from `start`, which is not behind the first.
    public func capture(from start: Instant, provenance: [Capture.Note]) -> Capture {
        Capture(provenance: provenance, lines: lines[head...].map { $0.counted(from: start) })
    }

    private static func cost(_ line: Capture.Line) -> Int {
        line.bytes.count * 3 + line.channel.name.utf8.count + lineOverhead
    }
}

extension Capture.Line {
    /// The same line where `start` is 0 seconds.
    public func counted(from start: Instant) -> Capture.Line {
        var line = self
        line.at = .boot + max(.zero, at - start)
        return line
    }
}

extension Capture.Note {
    /// Without anything that could end the line: names come from devices.
    public init(key: String, cleaning value: String, lengthMax: Int = 64) {
        self.init(key: key, value: String(value.filter { !$0.isNewline && $0 >= " " }.prefix(lengthMax)))
    }
}
