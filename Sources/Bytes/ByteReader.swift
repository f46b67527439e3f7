/// Reads numbers one after another from borrowed bytes. It never traps: what is not there throws.
public struct ByteReader: ~Escapable {
    private let bytes: Span<UInt8>
    /// How many bytes have been read.
    public private(set) var offset = 0

    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) { self.bytes = bytes }

    public var remaining: Int { bytes.count - offset }
    public var isAtEnd: Bool { remaining == 0 }

    public mutating func uint8() throws(Truncated) -> UInt8 {
        try need(1)
        defer { offset += 1 }
        return bytes[offset]
    }

    public mutating func littleEndianUInt16() throws(Truncated) -> UInt16 {
        UInt16(truncatingIfNeeded: try littleEndian(bytes: 2))
    }

    public mutating func littleEndianUInt32() throws(Truncated) -> UInt32 { try littleEndian(bytes: 4) }

    public mutating func bigEndianUInt16() throws(Truncated) -> UInt16 {
        try need(2)
        defer { offset += 2 }
        return UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1])
    }

    /// Passes over `count` bytes.
    public mutating func skip(_ count: Int) throws(Truncated) {
        try need(count)
        offset += count
    }

    private mutating func littleEndian(bytes count: Int) throws(Truncated) -> UInt32 {
        try need(count)
        var value: UInt32 = 0
        for index in 0 ..< count { value |= UInt32(bytes[offset + index]) << UInt32(8 * index) }
        offset += count
        return value
    }

    private func need(_ count: Int) throws(Truncated) {
        guard count >= 0, count <= remaining else {
            throw Truncated(offset: offset, needed: count, remaining: remaining)
        }
    }
}

/// The bytes ended before the value did.
public struct Truncated: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where the value begins.
    public var offset: Int
    public var needed: Int
    public var remaining: Int

    public var description: String {
        "ends too early: \(needed) bytes needed at offset \(offset), \(remaining) left"
    }
}
