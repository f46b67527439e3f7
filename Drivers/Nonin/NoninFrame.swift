/// A frame of data format 2 or 7: five bytes, 75 a second, 25 to a packet.
///
///     format 2    01      STATUS     PLETH      FLOAT  CHK
///     format 7    STATUS  PLETH MSB  PLETH LSB  FLOAT  CHK
///
/// CHK is the sum of the four bytes before it. STATUS: bit 7 always set, 6 sensor disconnected (Xpod), 5 artefact,
/// 4 out of track, 3 sensor alarm, 2 red and 1 green perfusion (both: yellow), 0 first frame of a packet.
struct NoninFrame: Sendable {
    static let length = 5
    static let perSecond = 75
    static let perPacket = 25

    let status: UInt8
    let pleth: UInt16
    let number: UInt8

    /// `nil` when the five bytes from `start` on are no good frame of that format.
    @inline(__always)
    init?(_ bytes: Span<UInt8>, at start: Int, isFormat2: Bool) {
        guard bytes.count &- start >= Self.length else { return nil }
        let (b0, b1, b2) = (bytes[start], bytes[start &+ 1], bytes[start &+ 2])
        let (b3, b4) = (bytes[start &+ 3], bytes[start &+ 4])
        guard b0 &+ b1 &+ b2 &+ b3 == b4 else { return nil }
        if isFormat2 {
            guard b0 == 1, b1 >= 0x80 else { return nil }
            status = b1
            pleth = UInt16(b2)
        } else {
            guard b0 >= 0x80 else { return nil }
            status = b0
            pleth = UInt16(b1) << 8 | UInt16(b2)
        }
        number = b3
    }

    var isFirst: Bool { status & 1 != 0 }
}

/// The single frame of data format 8, one a second.
///
///     byte 0  1  R  OOT  LPRF  MPRF  ARTF  HR8  HR7
///     byte 1  0  HR6 … HR0
///     byte 2  0  SpO2
///     byte 3  0  -  SPA  -  SNSA  -  -  LOW BAT
struct NoninShortFrame: Sendable {
    static let length = 4

    let flags: UInt8
    let rate: UInt16
    let oxygen: UInt8
    let more: UInt8

    @inline(__always)
    init?(_ bytes: Span<UInt8>, at start: Int) {
        guard bytes.count &- start >= Self.length, bytes[start] >= 0x80,
            (bytes[start + 1] | bytes[start + 2] | bytes[start + 3]) < 0x80
        else { return nil }
        flags = bytes[start]
        rate = UInt16(bytes[start] & 3) << 7 | UInt16(bytes[start + 1])
        oxygen = bytes[start + 2]
        more = bytes[start + 3]
    }

    /// No stray look-alike: a pulse, a saturation, and only the bits that have a meaning.
    var isPlausible: Bool {
        rate > 0 && more & 0x56 == 0 && ((1 ... 100).contains(oxygen) || oxygen == 127)
    }
}
