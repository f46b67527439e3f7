import Bytes
import DriverKit

/// The bonds as they lie on the disk: lines of text, with a sum over them so that damage is seen.
///
/// ```
/// homeward-bonds 1
/// adapter 00:1A:7D:DA:71:13
/// key C4:B5:00:11:22:33 random 3 1 16 0 0 00112233445566778899AABBCCDDEEFF
/// identity C4:B5:00:11:22:33 random 00112233445566778899AABBCCDDEEFF
/// sum 1A2B3C4D
/// ```
/// A key: address, its kind, kind of the key, side, size, diversifier, random number, value; numbers in decimal.
enum BondFile {
    static let name = "bonds"
    /// Where a damaged file is kept.
    static let damagedName = "bonds.damaged"
    static let bytesMax = 256 * 1024
    private static let head = "homeward-bonds 1"

    static func write(_ bonds: Bonds) -> [UInt8] {
        var text = head + "\n"
        for (adapter, devices) in bonds.byAdapter.sorted(by: { $0.key < $1.key }) {
            text += "adapter \(adapter)\n"
            for (_, bond) in devices.sorted(by: { $0.key < $1.key }) {
                for key in bond.keys {
                    let numbers = "\(key.kind) \(key.isInitiator) \(key.sizeBytes) \(key.diversifier) \(key.random)"
                    text += "key \(words(key.address)) \(numbers) \(digits(key.value))\n"
                }
                if let identity = bond.identity {
                    text += "identity \(words(identity.address)) \(digits(identity.value))\n"
                }
            }
        }
        return Array((text + "sum \(number(crc32(Array(text.utf8))))\n").utf8)
    }

    /// Throws what is wrong with it, in words.
    static func read(_ bytes: [UInt8]) throws(BondFileError) -> Bonds {
        guard bytes.count <= bytesMax else { throw BondFileError(reason: "it is larger than \(bytesMax) bytes") }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw BondFileError(reason: "it is no text")
        }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.last == "", lines.count >= 3, lines[0] == head else {
            throw BondFileError(reason: "it does not begin with '\(head)', or is cut off")
        }
        lines.removeLast()
        let sum = lines.removeLast()
        let summed = Array(bytes.dropLast(sum.utf8.count + 1))
        guard sum == "sum \(number(crc32(summed)))" else { throw BondFileError(reason: "its sum is wrong") }
        var bonds = Bonds()
        var adapter: BluetoothAddress?
        for (index, line) in lines.enumerated().dropFirst() {
            guard read(line, &bonds, &adapter) else {
                throw BondFileError(reason: "line \(index + 1) is not understood")
            }
        }
        return bonds
    }

    private static func read(_ line: Substring, _ bonds: inout Bonds, _ adapter: inout BluetoothAddress?) -> Bool {
        let words = line.split(separator: " ")
        switch (words.first, words.count) {
        case ("adapter", 2):
            adapter = BluetoothAddress(words[1], kind: .publicAddress)
            return adapter != nil
        case ("key", 9):
            guard let adapter, let address = address(words[1], words[2]), let kind = UInt8(words[3]),
                let side = UInt8(words[4]), let size = UInt8(words[5]), let diversifier = UInt16(words[6]),
                let random = UInt64(words[7]), let value = value(words[8])
            else { return false }
            let key = LongTermKey(
                address: address, kind: kind, isInitiator: side, sizeBytes: size, diversifier: diversifier,
                random: random, value: value)
            return bonds.keep(key, on: adapter)
        case ("identity", 4):
            guard let adapter, let address = address(words[1], words[2]), let value = value(words[3]) else {
                return false
            }
            return bonds.keep(IdentityKey(address: address, value: value), on: adapter)
        default: return false
        }
    }

    private static func words(_ address: BluetoothAddress) -> String { "\(address) \(address.kind.rawValue)" }

    private static func address(_ text: Substring, _ kind: Substring) -> BluetoothAddress? {
        BluetoothAddress.Kind(rawValue: String(kind)).flatMap { BluetoothAddress(text, kind: $0) }
    }

    private static func digits(_ bytes: [UInt8]) -> String { Hex.text(bytes).filter { $0 != " " } }

    private static func value(_ text: Substring) -> [UInt8]? {
        guard let bytes = try? Hex.bytes(text), bytes.count == 16 else { return nil }
        return bytes
    }

    private static func number(_ sum: UInt32) -> String {
        let text = String(sum, radix: 16, uppercase: true)
        return String(repeating: "0", count: 8 - text.count) + text
    }

    /// CRC-32 of IEEE 802.3, reflected.
    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0 ..< 8 { crc = crc & 1 != 0 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        return ~crc
    }
}

/// Why a file of bonds cannot be used.
struct BondFileError: Error, Hashable, Sendable, CustomStringConvertible {
    var reason: String
    var description: String { reason }
}
