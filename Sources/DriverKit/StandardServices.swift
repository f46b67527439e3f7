import Vitals

/// Device Information (180A) and Battery (180F), which nearly every Bluetooth device has beside its own services.
///
/// A driver adds ``uses`` to its characteristics, keeps one of these and hands it what it receives first.
public struct StandardServices: Hashable, Sendable {
    private var information = DeviceInformation()
    private var battery: Int?

    /// Strings longer than this are cut.
    public static let textBytesMax = 64

    public static let manufacturerName = Channel("manufacturer-name")
    public static let modelNumber = Channel("model-number")
    public static let serialNumber = Channel("serial-number")
    public static let firmwareRevision = Channel("firmware-revision")
    public static let batteryLevel = Channel("battery-level")

    public static let uses: [CharacteristicUse] = [
        text(manufacturerName, 0x2A29), text(modelNumber, 0x2A24), text(serialNumber, 0x2A25),
        text(firmwareRevision, 0x2A26),
        CharacteristicUse(
            batteryLevel, service: BluetoothUUID(0x180F), characteristic: BluetoothUUID(0x2A19),
            access: [.read, .subscribe], isRequired: false),
    ]

    private static func text(_ channel: Channel, _ characteristic: UInt16) -> CharacteristicUse {
        CharacteristicUse(
            channel, service: BluetoothUUID(0x180A), characteristic: BluetoothUUID(characteristic), access: .read,
            isRequired: false)
    }

    public init() {}

    /// `true` when the channel is one of these, whatever the bytes.
    public mutating func receive(_ bytes: Span<UInt8>, from channel: Channel, _ turn: inout Turn) -> Bool {
        var newer = DeviceInformation()
        switch channel {
        case Self.batteryLevel:
            receiveBattery(bytes, &turn)
            return true
        case Self.manufacturerName: newer.manufacturer = Self.text(bytes)
        case Self.modelNumber: newer.model = Self.text(bytes)
        case Self.serialNumber: newer.serialNumber = Self.text(bytes)
        case Self.firmwareRevision: newer.firmware = Self.text(bytes)
        default: return false
        }
        let merged = information.merged(with: newer)
        if merged != information {
            information = merged
            turn.report(newer)
        }
        return true
    }

    private mutating func receiveBattery(_ bytes: Span<UInt8>, _ turn: inout Turn) {
        guard bytes.count >= 1, bytes[0] <= 100 else {
            turn.report(.malformed("battery level"))
            return
        }
        let level = Int(bytes[0])
        guard level != battery else { return }
        battery = level
        turn.report(Reading(.batteryLevel, Double(level), .valid))
    }

    /// Printable ASCII up to the first NUL, without blanks around it; `nil` when nothing is left.
    private static func text(_ bytes: Span<UInt8>) -> String? {
        var text = ""
        for index in 0 ..< min(bytes.count, textBytesMax) {
            guard bytes[index] != 0 else { break }
            text.append((0x20 ..< 0x7F).contains(bytes[index]) ? Character(UnicodeScalar(bytes[index])) : "?")
        }
        while text.last == " " { text.removeLast() }
        let start = text.firstIndex { $0 != " " } ?? text.endIndex
        return start == text.endIndex ? nil : String(text[start...])
    }
}
