/// Five bytes, of which only the first has bit 7 set: the frame of Contec's first protocol and of BCI.
///
///     1xxxxxxx 0xxxxxxx 0xxxxxxx 0xxxxxxx 0xxxxxxx
///
/// There is no checksum, so a frame is good only when exactly five bytes stand between two sync bytes. One
/// that follows a good frame directly is given at its fifth byte. The first one after a gap is held until
/// the next byte proves to be a sync byte, or ``quiet`` passes without a byte, or the link ends.
public struct SyncFramer: Hashable, Sendable {
    /// The frame under way; its first `count` bytes are filled.
    @usableFromInline var partial = SyncFrame()
    @usableFromInline var count = 0
    /// The byte before was the end of a good frame.
    @usableFromInline var isLocked = false
    @usableFromInline var gap = Gap()
    /// Dropped since the last good frame, told or not.
    @usableFromInline var lostBytes = 0

    /// No byte for so long ends a held frame: five bytes take 3 ms at 19 200 baud.
    public static let quiet = Duration.milliseconds(50)

    public init() {}

    /// A complete frame waits for its proof.
    public var isHolding: Bool { count == SyncFrame.length }

    /// The next good frame at or behind `index`, `nil` at the end of the bytes or in front of a byte equal to
    /// `mark`. Moves `index` on.
    @inlinable @inline(__always)
    public mutating func next(
        in bytes: Span<UInt8>, at index: inout Int, stoppingBefore mark: Int = .max, _ turn: inout Turn
    ) -> SyncFrame? {
        if isLocked, count == 0, bytes.count &- index >= SyncFrame.length {
            let frame = SyncFrame(
                bytes[index], bytes[index &+ 1], bytes[index &+ 2], bytes[index &+ 3], bytes[index &+ 4])
            if frame.isWellFormed, Int(frame.byte0) != mark {
                index &+= SyncFrame.length
                return frame
            }
        }
        return search(in: bytes, at: &index, stoppingBefore: mark, &turn)
    }

    /// The held frame, when there is one: nothing came behind it for ``quiet``, or nothing will.
    public mutating func flush(_ turn: inout Turn) -> SyncFrame? {
        guard isHolding else { return nil }
        return accept(&turn)
    }

    /// The link ends: tells the gap that no frame will close. The frame under way is no fault.
    public mutating func end(_ turn: inout Turn) { gap.close(&turn) }

    /// The bytes belong to another protocol: the frame under way counts as passed over.
    public mutating func abandon(_ turn: inout Turn) {
        if count > 0 { drop(count, &turn) }
        isLocked = false
        gap.close(&turn)
    }

    @usableFromInline
    mutating func search(
        in bytes: Span<UInt8>, at index: inout Int, stoppingBefore mark: Int, _ turn: inout Turn
    ) -> SyncFrame? {
        while index < bytes.count {
            let byte = bytes[index]
            if Int(byte) == mark { return nil }
            index &+= 1
            if let frame = take(byte, &turn) { return frame }
        }
        return nil
    }

    /// One byte. Gives the frame that it completes or proves.
    public mutating func take(_ byte: UInt8, _ turn: inout Turn) -> SyncFrame? {
        guard byte < 0x80 else { return startFrame(byte, &turn) }
        switch count {
        case 0: drop(1, &turn)
        case SyncFrame.length: drop(SyncFrame.length + 1, &turn)
        default:
            partial.set(count, byte)
            count &+= 1
            if isHolding, isLocked { return accept(&turn) }
        }
        return nil
    }

    private mutating func startFrame(_ byte: UInt8, _ turn: inout Turn) -> SyncFrame? {
        let proved = isHolding ? accept(&turn) : nil
        if count > 0 { drop(count, &turn) }
        partial.set(0, byte)
        count = 1
        return proved
    }

    private mutating func accept(_ turn: inout Turn) -> SyncFrame {
        gap.close(&turn)
        var frame = partial
        frame.lostBytesBefore = lostBytes
        lostBytes = 0
        count = 0
        isLocked = true
        return frame
    }

    private mutating func drop(_ number: Int, _ turn: inout Turn) {
        gap.add(number, &turn)
        lostBytes &+= number
        count = 0
        isLocked = false
    }
}

/// A good frame of ``SyncFramer``.
public struct SyncFrame: Hashable, Sendable {
    public var byte0: UInt8
    public var byte1: UInt8
    public var byte2: UInt8
    public var byte3: UInt8
    public var byte4: UInt8
    /// Bytes passed over between the good frame before and this one.
    public var lostBytesBefore = 0

    public static let length = 5

    /// The same in frames, to the nearest whole number.
    public var lostFramesBefore: Int { (lostBytesBefore &+ 2) / Self.length }

    @inlinable @inline(__always)
    public init(
        _ byte0: UInt8 = 0, _ byte1: UInt8 = 0, _ byte2: UInt8 = 0, _ byte3: UInt8 = 0, _ byte4: UInt8 = 0
    ) {
        self.byte0 = byte0
        self.byte1 = byte1
        self.byte2 = byte2
        self.byte3 = byte3
        self.byte4 = byte4
    }

    @inlinable @inline(__always)
    public var isWellFormed: Bool { byte0 >= 0x80 && (byte1 | byte2 | byte3 | byte4) < 0x80 }

    mutating func set(_ index: Int, _ byte: UInt8) {
        switch index {
        case 0: byte0 = byte
        case 1: byte1 = byte
        case 2: byte2 = byte
        case 3: byte3 = byte
        default: byte4 = byte
        }
    }
}
