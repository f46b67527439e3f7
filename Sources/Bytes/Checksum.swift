/// The check bytes of home devices.
public enum Checksum {
    /// CRC-8: polynomial 07, start 00, not reflected. Viatom, Lepu, Masimo.
    public static func crc8(_ bytes: Span<UInt8>) -> UInt8 {
        var crc: UInt8 = 0
        for index in bytes.indices {
            crc ^= bytes[index]
            for _ in 0 ..< 8 { crc = crc & 0x80 != 0 ? crc << 1 ^ 0x07 : crc << 1 }
        }
        return crc
    }

    /// CRC-8/MAXIM: polynomial 31 reflected, start 00. Creative.
    public static func crc8Maxim(_ bytes: Span<UInt8>) -> UInt8 {
        var crc: UInt8 = 0
        for index in bytes.indices {
            crc ^= bytes[index]
            for _ in 0 ..< 8 { crc = crc & 1 != 0 ? crc >> 1 ^ 0x8C : crc >> 1 }
        }
        return crc
    }

    /// CRC-16/CCITT-FALSE (also IBM-3740): polynomial 1021, start FFFF, not reflected. The open spirometer.
    public static func crc16(_ bytes: Span<UInt8>) -> UInt16 {
        var crc: UInt16 = 0xFFFF
        for index in bytes.indices {
            crc ^= UInt16(bytes[index]) << 8
            for _ in 0 ..< 8 { crc = crc & 0x8000 != 0 ? crc << 1 ^ 0x1021 : crc << 1 }
        }
        return crc
    }

    /// The sum modulo 256. Nonin, Berry, Contec over Bluetooth.
    public static func sum(_ bytes: Span<UInt8>) -> UInt8 {
        var sum: UInt8 = 0
        for index in bytes.indices { sum &+= bytes[index] }
        return sum
    }
}
