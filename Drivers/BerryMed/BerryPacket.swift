import Bytes

/// A packet of Berry's protocol V1.5.
///
///     offset  0   1   2      3       4     5     6   7   8-9  10  11  12     13-16  17       18    19
///             FF  AA  index  status  SpO2  SpO2  PR  PR  R-R  PI  PI  pleth  ADC    battery  rate  sum
///                                    mean  now   mean now     mean now
///
/// R-R is low byte first, in units of 5 ms; PI is in units of 0.1 %; the sum is that of offsets 0–18.
struct BerryPacket: Sendable {
    static let length = 20

    let index: UInt8
    let status: UInt8
    let oxygenMean: UInt8
    let oxygenNow: UInt8
    let pulseMean: UInt8
    let pulseNow: UInt8
    let interval: UInt16
    let perfusionMean: UInt8
    let pleth: UInt8
    let battery: UInt8
    let packetsPerSecond: UInt8
    let hasGoodSum: Bool

    /// `nil` when no packet begins there, or not all of it is there.
    @inline(__always)
    init?(_ bytes: Span<UInt8>, at start: Int) {
        guard bytes.count &- start >= Self.length, bytes[start] == 0xFF, bytes[start &+ 1] == 0xAA else {
            return nil
        }
        hasGoodSum = Checksum.sum(bytes.extracting(start ..< start &+ 19)) == bytes[start &+ 19]
        index = bytes[start &+ 2]
        status = bytes[start &+ 3]
        oxygenMean = bytes[start &+ 4]
        oxygenNow = bytes[start &+ 5]
        pulseMean = bytes[start &+ 6]
        pulseNow = bytes[start &+ 7]
        interval = UInt16(bytes[start &+ 8]) | UInt16(bytes[start &+ 9]) << 8
        perfusionMean = bytes[start &+ 10]
        pleth = bytes[start &+ 12]
        battery = bytes[start &+ 17] & 0x7F
        packetsPerSecond = bytes[start &+ 18]
    }

    init?(_ buffer: FrameBuffer<22>) {
        guard buffer.count >= Self.length else { return nil }
        var bytes: [20 of UInt8] = .init(repeating: 0)
        for offset in 0 ..< Self.length { bytes[offset] = buffer[offset] }
        self.init(bytes.span, at: 0)
    }
}
