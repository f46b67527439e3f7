/// How the packets of a protocol look from outside: their length and their check.
public protocol PacketFormat: Sendable {
    /// Bytes of the longest packet; a head that announces more is no head.
    static var lengthMax: Int { get }
    /// What begins with the first of these bytes; there is at least one.
    static func examine(_ bytes: Span<UInt8>) -> PacketVerdict
}

/// What stands at a place of a stream.
public enum PacketVerdict: Hashable, Sendable {
    case packet(length: Int)
    /// All of a packet is there, and its check does not fit.
    case badCheck
    case needsMore
    case nothing
}

/// Finds packets with a length and a check in a stream that is cut anywhere, such as notifications.
///
/// A byte that begins no good packet is passed over alone, so that damage costs no more than it must. A damaged
/// length makes it wait for bytes that are not part of the packet; after ``quiet`` without a byte, ask
/// ``nextAfterQuiet(_:)``.
public struct PacketFinder<Format: PacketFormat>: Sendable {
    private var bytes: [UInt8] = []
    private var start = 0
    private var gap = Gap()
    private var lostBytes = 0
    /// Bytes passed over in front of the packet given last.
    public private(set) var lostBytesBefore = 0

    /// A packet's parts follow each other faster.
    public static var quiet: Duration { .milliseconds(50) }

    public init() {}

    /// Bytes wait for those that follow them.
    public var isHolding: Bool { start < bytes.count }

    /// Takes as many as there is room for, from `index` on, and moves it on. When ``next(_:)`` has nothing more,
    /// there is room for at least one.
    public mutating func append(_ new: Span<UInt8>, from index: inout Int) {
        bytes.removeFirst(start)
        start = 0
        let stop = min(new.count, index + max(0, Format.lengthMax - bytes.count))
        while index < stop {
            bytes.append(new[index])
            index += 1
        }
    }

    /// The next good packet, `nil` when more bytes are needed.
    public mutating func next(_ turn: inout Turn) -> [UInt8]? {
        while isHolding {
            switch Format.examine(bytes.span.extracting(start ..< bytes.count)) {
            case .packet(let length):
                gap.close(&turn)
                lostBytesBefore = lostBytes
                lostBytes = 0
                let end = min(bytes.count, start + max(1, length))
                defer { start = end }
                return Array(bytes[start ..< end])
            case .badCheck:
                turn.report(.checksum)
                passOver(1, &turn)
            case .nothing: passOver(1, &turn)
            case .needsMore: return nil
            }
        }
        return nil
    }

    /// Nothing has come for a while: a good packet behind a head that waits in vain.
    public mutating func nextAfterQuiet(_ turn: inout Turn) -> [UInt8]? {
        if let packet = next(&turn) { return packet }
        guard isHolding else { return nil }
        for place in start + 1 ..< max(start + 1, bytes.count) {
            guard case .packet = Format.examine(bytes.span.extracting(place ..< bytes.count)) else { continue }
            passOver(place - start, &turn)
            return next(&turn)
        }
        return nil
    }

    /// What is held will never be complete.
    public mutating func abandon(_ turn: inout Turn) {
        passOver(bytes.count - start, &turn)
        gap.close(&turn)
    }

    /// The link ends: tells the gap that no packet will close. The packet under way is no fault.
    public mutating func end(_ turn: inout Turn) { gap.close(&turn) }

    private mutating func passOver(_ count: Int, _ turn: inout Turn) {
        start += count
        lostBytes &+= count
        gap.add(count, &turn)
    }
}
