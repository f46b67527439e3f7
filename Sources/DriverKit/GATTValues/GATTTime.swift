public import Bytes
public import Vitals

// Times as GATT values carry them: local, without a zone.
extension ByteReader {
    /// Date Time (2A08): year in two bytes, month, day, hour, minute, second. `nil` when a part is not known (0) or
    /// cannot be.
    public mutating func dateTime() throws(Truncated) -> CivilTime? {
        let year = try littleEndianUInt16()
        let month = try uint8()
        let day = try uint8()
        let hour = try uint8()
        let minute = try uint8()
        return CivilTime(
            year: Int(year), month: Int(month), day: Int(day), hour: Int(hour), minute: Int(minute),
            second: Int(try uint8()))
    }
}

extension CivilTime {
    /// Date Time (2A08), seven bytes.
    public var dateTimeBytes: [UInt8] {
        [UInt8(truncatingIfNeeded: year), UInt8(truncatingIfNeeded: year >> 8)]
            + [month, day, hour, minute, second].map { UInt8(truncatingIfNeeded: $0) }
    }

    /// Current Time (2A2B), ten bytes: Date Time, weekday (1 Monday … 7 Sunday), 1/256 s, and why: set by hand.
    public var currentTimeBytes: [UInt8] {
        dateTimeBytes + [weekday == 0 ? 7 : UInt8(truncatingIfNeeded: weekday), 0, 1]
    }
}
