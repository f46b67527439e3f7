/// A number as IEEE 11073-20601 writes it: a mantissa and a decimal exponent, or a reason why there is none.
///
///     SFLOAT  16 bits:  eeee mmmm mmmm mmmm               value = mantissa × 10^exponent, both signed
///     FLOAT   32 bits:  eeee eeee mmmm … mmmm (24 bits)
///
/// The exponent carries the precision: `E0C8` is 2.00 and `F014` is 2.0.
///
/// - Source: IEEE 11073-20601, annex F.7 and F.8; Bluetooth Personal Health Devices Transcoding.
public enum MedicalFloat: Hashable, Sendable {
    /// mantissa × 10^exponent.
    case number(mantissa: Int32, exponent: Int8)
    case notANumber
    /// The device cannot express it at this resolution.
    case notAtThisResolution
    case positiveInfinity
    case negativeInfinity
    /// A pattern that the standard keeps for later.
    case reserved

    /// The special values are told by the mantissa, whatever the exponent.
    public init(sfloat bits: UInt16) {
        let mantissa = bits & 0x0FFF
        switch mantissa {
        case 0x07FF: self = .notANumber
        case 0x0800: self = .notAtThisResolution
        case 0x07FE: self = .positiveInfinity
        case 0x0802: self = .negativeInfinity
        case 0x0801: self = .reserved
        default:
            self = .number(
                mantissa: Int32(Int16(bitPattern: mantissa << 4) >> 4),
                exponent: Int8(bitPattern: UInt8(bits >> 8)) >> 4)
        }
    }

    public init(float bits: UInt32) {
        let mantissa = bits & 0x00FF_FFFF
        switch mantissa {
        case 0x7F_FFFF: self = .notANumber
        case 0x80_0000: self = .notAtThisResolution
        case 0x7F_FFFE: self = .positiveInfinity
        case 0x80_0002: self = .negativeInfinity
        case 0x80_0001: self = .reserved
        default:
            self = .number(
                mantissa: Int32(bitPattern: mantissa << 8) >> 8, exponent: Int8(bitPattern: UInt8(bits >> 24)))
        }
    }

    /// `nil` for everything but a number: what is missing is never zero.
    public var value: Double? {
        guard case .number(let mantissa, let exponent) = self else { return nil }
        var scale = 1.0
        for _ in 0 ..< exponent.magnitude { scale *= 10 }
        // Division keeps 36.4 what it is; a product with 0.1 would not.
        return exponent < 0 ? Double(mantissa) / scale : Double(mantissa) * scale
    }
}

extension ByteReader {
    /// 16 bits, low byte first.
    public mutating func sfloat() throws(Truncated) -> MedicalFloat {
        MedicalFloat(sfloat: try littleEndianUInt16())
    }

    /// 32 bits, low byte first.
    public mutating func float() throws(Truncated) -> MedicalFloat {
        MedicalFloat(float: try littleEndianUInt32())
    }
}
