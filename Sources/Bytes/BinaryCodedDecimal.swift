/// Two decimal digits in one byte, high digit first.
public enum BinaryCodedDecimal {
    /// 0–99; `nil` when a half of the byte is above 9.
    public static func value(_ byte: UInt8) -> Int? {
        let high = byte >> 4
        let low = byte & 15
        return high > 9 || low > 9 ? nil : Int(high) * 10 + Int(low)
    }
}
