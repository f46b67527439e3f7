import Bytes
import DriverKit

/// One notification of samples.
///
///     0     type: 0 ECG, 2 acceleration (low six bits)
///     1–8   time of the last sample, ns since 2000-01-01T00:00:00 on the strap's clock
///     9     layout; bit 7: differences
///     10–   ECG 0: microvolts, 3 bytes. Acceleration 0, 1, 2: x y z of 1, 2, 3 bytes, thousandths of g.
///           Differences: first sample whole (2 bytes a channel), then blocks: bits of a difference, count,
///           differences packed from the lowest bit, filled up to a byte
///
/// - Source: Polar, Measurement Data Specification for 3rd Party.
struct PolarFrame: Sendable {
    let type: UInt8
    let nanoseconds: UInt64
    private let layout: UInt8

    static let headLength = 10
    /// A value of an attribute has at most 512 bytes; differences of one bit in them are the most that can be.
    static let samplesMax = 4096

    init?(_ bytes: Span<UInt8>) {
        guard bytes.count >= Self.headLength else { return nil }
        type = bytes[0] & 0x3F
        var time: UInt64 = 0
        for index in 0 ..< 8 { time |= UInt64(bytes[1 + index]) << UInt64(8 * index) }
        nanoseconds = time
        layout = bytes[9]
    }

    /// One sample after another, the channels of each together; `nil` when the bytes do not fit the layout, or
    /// the layout is not known.
    ///
    /// - Parameter factor: g in one count of layout 80.
    func samples(_ bytes: Span<UInt8>, channels: Int, factor: Double?) -> [Int32]? {
        switch (type, layout) {
        case (PolarType.ecg.rawValue, 0): whole(bytes, width: 3, channels: channels)
        case (PolarType.acceleration.rawValue, 0): whole(bytes, width: 1, channels: channels)
        case (PolarType.acceleration.rawValue, 1): whole(bytes, width: 2, channels: channels)
        case (PolarType.acceleration.rawValue, 2): whole(bytes, width: 3, channels: channels)
        case (PolarType.acceleration.rawValue, 0x80):
            // Without the factor the counts mean nothing.
            factor.flatMap { factor in
                differences(bytes, channels: channels)?.map { Self.clamped(Double($0) * factor * 1000) }
            }
        case (PolarType.acceleration.rawValue, 0x81): differences(bytes, channels: channels)
        default: nil
        }
    }

    private func whole(_ bytes: Span<UInt8>, width: Int, channels: Int) -> [Int32]? {
        let rest = bytes.count - Self.headLength
        guard rest > 0, rest % (width * channels) == 0 else { return nil }
        return (0 ..< rest / width).map {
            Self.signed(bytes, at: Self.headLength + $0 * width, width: width)
        }
    }

    private func differences(_ bytes: Span<UInt8>, channels: Int) -> [Int32]? {
        var offset = Self.headLength
        guard bytes.count >= offset + 2 * channels else { return nil }
        var last = (0 ..< channels).map { Self.signed(bytes, at: offset + 2 * $0, width: 2) }
        var samples = last
        offset += 2 * channels
        while offset < bytes.count {
            guard offset + 2 <= bytes.count else { return nil }
            let width = Int(bytes[offset])
            let count = Int(bytes[offset + 1])
            offset += 2
            guard (1 ... 32).contains(width), offset + (width * count * channels + 7) / 8 <= bytes.count,
                samples.count + count * channels <= Self.samplesMax * channels
            else { return nil }
            for place in 0 ..< count * channels {
                let channel = place % channels
                last[channel] &+= Self.packed(bytes, from: offset, bit: place * width, width: width)
                samples.append(last[channel])
            }
            offset += (width * count * channels + 7) / 8
        }
        return samples
    }

    private static func signed(_ bytes: Span<UInt8>, at offset: Int, width: Int) -> Int32 {
        var value: UInt32 = 0
        for index in 0 ..< width { value |= UInt32(bytes[offset + index]) << UInt32(8 * index) }
        let unused = UInt32(32 - 8 * width)
        return Int32(bitPattern: value << unused) >> Int32(unused)
    }

    private static func packed(_ bytes: Span<UInt8>, from offset: Int, bit: Int, width: Int) -> Int32 {
        var value: UInt32 = 0
        for index in 0 ..< width {
            let place = bit + index
            value |= UInt32(bytes[offset + place / 8] >> UInt8(place % 8) & 1) << UInt32(index)
        }
        let unused = UInt32(32 - width)
        return Int32(bitPattern: value << unused) >> Int32(unused)
    }

    private static func clamped(_ value: Double) -> Int32 {
        Int32(exactly: min(max(value.rounded(), -2_000_000_000), 2_000_000_000)) ?? 0
    }
}
