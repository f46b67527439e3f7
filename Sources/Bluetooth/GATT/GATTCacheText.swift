import DriverKit

/// The file of a ``GATTCache``: lines of words, the last a sum over the others.
///
///     homeward-gatt 1
///     device C4:B5:00:11:22:33 random
///     interest 9c0f…            sum over what the driver wanted
///     hash 00112233…            or -
///     service 180d 0010 0015    type, first and last handle
///     characteristic 180d 2a37 10 0012 0013   service, type, properties, handle, switch or -
///     sum 77aa…
struct GATTCacheText {
    private static let head = "homeward-gatt 1"

    var device: BluetoothAddress
    var interest: String
    var table: GATTTable

    init(device: BluetoothAddress, interest: String, table: GATTTable) {
        self.device = device
        self.interest = interest
        self.table = table
    }

    var bytes: [UInt8] {
        var text = "\(Self.head)\ndevice \(device) \(device.kind.rawValue)\ninterest \(interest)\n"
        text += "hash \(table.hash.map(Self.hexadecimal) ?? "-")\n"
        for service in table.services {
            let range = "\(Self.hexadecimal(service.range.first)) \(Self.hexadecimal(service.range.last))"
            text += "service \(service.type) \(range)\n"
        }
        for one in table.characteristics {
            let place = "\(Self.hexadecimal(one.handle)) \(one.configuration.map(Self.hexadecimal) ?? "-")"
            let properties = Self.hexadecimal([one.properties.rawValue])
            text += "characteristic \(one.service) \(one.type) \(properties) \(place)\n"
        }
        return Array("\(text)sum \(Self.sum(of: Array(text.utf8)))\n".utf8)
    }

    /// `nil` for anything but what ``bytes`` gives.
    init?(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        var lines = text.split(separator: "\n")[...]
        guard let last = lines.popLast(), lines.popFirst() == Self.head[...] else { return nil }
        let summed = bytes.dropLast(last.utf8.count + 1)
        guard last == "sum \(Self.sum(of: Array(summed)))" else { return nil }
        var found: BluetoothAddress?
        interest = ""
        table = GATTTable()
        for line in lines {
            let words = line.split(separator: " ")
            guard let kind = words.first else { return nil }
            switch (kind, words.count) {
            case ("device", 3):
                found = BluetoothAddress.Kind(rawValue: String(words[2])).flatMap {
                    BluetoothAddress(words[1], kind: $0)
                }
            case ("interest", 2): interest = String(words[1])
            case ("hash", 2): table.hash = words[1] == "-" ? nil : Self.bytes(words[1])
            case ("service", 4):
                guard let service = Self.service(words) else { return nil }
                table.services.append(service)
            case ("characteristic", 6):
                guard let characteristic = Self.characteristic(words) else { return nil }
                table.characteristics.append(characteristic)
            default: return nil
            }
        }
        guard let found else { return nil }
        device = found
    }

    private static func service(_ words: [Substring]) -> GATTTable.Service? {
        guard let type = BluetoothUUID(words[1]), let first = UInt16(words[2], radix: 16),
            let last = UInt16(words[3], radix: 16)
        else { return nil }
        return GATTTable.Service(type: type, range: ATTRange(first, last))
    }

    private static func characteristic(_ words: [Substring]) -> GATTTable.Characteristic? {
        guard let service = BluetoothUUID(words[1]), let type = BluetoothUUID(words[2]),
            let properties = UInt8(words[3], radix: 16), let handle = UInt16(words[4], radix: 16)
        else { return nil }
        return GATTTable.Characteristic(
            service: service, type: type, properties: GATTProperties(rawValue: properties), handle: handle,
            configuration: UInt16(words[5], radix: 16))
    }

    // MARK: Sums

    /// A sum over what a driver wants to know, so that another driver, or a newer one, looks anew.
    static func sum(of interest: GATTInterest) -> String {
        let lines = interest.wanted.map { "\($0.service) \($0.type) \($0.isSubscribed)" }
        return sum(of: Array(lines.joined(separator: "\n").utf8))
    }

    /// FNV-1a, 64 bits (Fowler, Noll, Vo): against damage, not against people.
    private static func sum(of bytes: [UInt8]) -> String {
        let sum = bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0100_0000_01B3 }
        return hexadecimal((0 ..< 8).reversed().map { UInt8(truncatingIfNeeded: sum >> (UInt64($0) * 8)) })
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            let text = String(byte, radix: 16)
            return byte < 16 ? "0\(text)" : text
        }.joined()
    }

    private static func hexadecimal(_ handle: UInt16) -> String {
        hexadecimal([UInt8(truncatingIfNeeded: handle >> 8), UInt8(truncatingIfNeeded: handle)])
    }

    private static func bytes(_ text: Substring) -> [UInt8]? {
        let digits = Array(text)
        guard digits.count % 2 == 0 else { return nil }
        let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(digits[$0 ... $0 + 1]), radix: 16)
        }
        return bytes.count * 2 == digits.count ? bytes : nil
    }
}
