/// Bytes that belong to no frame, counted until the next good one: one fault for each gap, not for each byte.
public struct Gap: Hashable, Sendable {
    /// Passed over and not told yet.
    public private(set) var bytes = 0

    /// A gap longer than this is told in pieces, so that an endless one (a wrong baud rate) shows.
    public static let bytesMax = 1024

    public init() {}

    @inlinable @inline(__always)
    public var isEmpty: Bool { bytes == 0 }

    public mutating func add(_ count: Int, _ turn: inout Turn) {
        bytes &+= count
        if bytes >= Self.bytesMax { close(&turn) }
    }

    /// A good frame has come, or the link ends. Gives the number of bytes told.
    @discardableResult
    public mutating func close(_ turn: inout Turn) -> Int {
        defer { bytes = 0 }
        if bytes > 0 { turn.report(.dropped(bytes: bytes)) }
        return bytes
    }
}
