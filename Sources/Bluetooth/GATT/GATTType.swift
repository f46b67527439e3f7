public import DriverKit

/// Types of attributes that structure a server (Assigned Numbers, 3.4–3.8).
public enum GATTType {
    public static let primaryService = BluetoothUUID(0x2800)
    public static let secondaryService = BluetoothUUID(0x2801)
    public static let services = [primaryService, secondaryService]
    public static let characteristic = BluetoothUUID(0x2803)
    /// Client Characteristic Configuration: two bytes that switch notifications and indications on.
    public static let configuration = BluetoothUUID(0x2902)

    public static let genericAccess = BluetoothUUID(0x1800)
    public static let genericAttribute = BluetoothUUID(0x1801)
    public static let currentTimeService = BluetoothUUID(0x1805)
    public static let deviceName = BluetoothUUID(0x2A00)
    public static let appearance = BluetoothUUID(0x2A01)
    public static let serviceChanged = BluetoothUUID(0x2A05)
    public static let localTimeInformation = BluetoothUUID(0x2A0F)
    public static let currentTime = BluetoothUUID(0x2A2B)
    public static let databaseHash = BluetoothUUID(0x2B2A)
}

/// What a characteristic can do (Core Specification 5.4, Vol 3, Part G, 3.3.1.1).
public struct GATTProperties: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    public static let read = GATTProperties(rawValue: 0x02)
    public static let writeWithoutResponse = GATTProperties(rawValue: 0x04)
    public static let write = GATTProperties(rawValue: 0x08)
    public static let notify = GATTProperties(rawValue: 0x10)
    public static let indicate = GATTProperties(rawValue: 0x20)
}

/// Values of the Client Characteristic Configuration (Vol 3, Part G, 3.3.3.3), as they are written.
public enum GATTConfiguration {
    public static let off: [UInt8] = [0, 0]
    public static let notifications: [UInt8] = [1, 0]
    public static let indications: [UInt8] = [2, 0]
}
