/// How samples lie in a signal file. The raw values are the numbers of WFDB's header files.
public enum SignalFormat: Int, Hashable, Sendable, CaseIterable {
    /// 16 bits, two's complement, low byte first.
    case littleEndian16 = 16
    /// 16 bits, two's complement, high byte first.
    case bigEndian16 = 61
    /// 8 bits, offset binary: 128 is zero.
    case offset8 = 80
    /// Two samples of 12 bits, two's complement, in three bytes.
    case packed12 = 212

    /// What a sample that was not measured is in decoded signals, whatever the format.
    public static let missing = Int32.min

    /// The smallest value of the format stands for "not measured".
    var marker: Int32 {
        switch self {
        case .littleEndian16, .bigEndian16: -32768
        case .offset8: -128
        case .packed12: -2048
        }
    }

    /// What can be written: the marker is not a value.
    public var values: ClosedRange<Int32> { marker + 1 ... -(marker + 1) }

    /// Whole samples in so many bytes.
    func sampleCount(bytes: Int) -> Int {
        switch self {
        case .littleEndian16, .bigEndian16: bytes / 2
        case .offset8: bytes
        case .packed12: bytes / 3 * 2 + (bytes % 3 == 2 ? 1 : 0)
        }
    }

    /// The sample at an index that ``sampleCount(bytes:)`` allows, as it is in the file.
    @inline(__always)
    func sample(_ index: Int, in bytes: borrowing Span<UInt8>, from offset: Int) -> Int32 {
        switch self {
        case .littleEndian16:
            let at = offset + 2 * index
            return Int32(Int16(truncatingIfNeeded: Int(bytes[at]) | Int(bytes[at + 1]) << 8))
        case .bigEndian16:
            let at = offset + 2 * index
            return Int32(Int16(truncatingIfNeeded: Int(bytes[at]) << 8 | Int(bytes[at + 1])))
        case .offset8:
            return Int32(bytes[offset + index]) - 128
        case .packed12:
            let at = offset + index / 2 * 3
            let high = Int32(bytes[at + 1])
            let word =
                index % 2 == 0
                ? Int32(bytes[at]) | (high & 0x0F) << 8
                : Int32(bytes[at + 2]) | (high & 0xF0) << 4
            return (word ^ 0x800) - 0x800
        }
    }

    /// The samples as bytes; what does not fit into the format is cut off at its limits.
    func encode(_ samples: [Int32]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(samples.count * 2)
        var index = 0
        while index < samples.count {
            let value = stored(samples[index])
            switch self {
            case .littleEndian16:
                bytes += [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
            case .bigEndian16:
                bytes += [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)]
            case .offset8:
                bytes.append(UInt8(truncatingIfNeeded: value + 128))
            case .packed12:
                let isLast = index + 1 == samples.count
                let next = isLast ? 0 : stored(samples[index + 1])
                bytes.append(UInt8(truncatingIfNeeded: value))
                bytes.append(UInt8(truncatingIfNeeded: (value >> 8) & 0x0F | (next >> 4) & 0xF0))
                if !isLast { bytes.append(UInt8(truncatingIfNeeded: next)) }
                index += 1
            }
            index += 1
        }
        return bytes
    }

    /// A sample as the file holds it.
    func stored(_ sample: Int32) -> Int32 {
        sample == Self.missing ? marker : min(max(sample, values.lowerBound), values.upperBound)
    }
}
