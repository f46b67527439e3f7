import DriverKit

/// What the kernel is asked to do.
struct ManagementCommand: Hashable, Sendable {
    var code: Code
    var parameters: [UInt8] = []

    enum Code: UInt16, Hashable, Sendable {
        case readVersion = 0x0001
        case readControllers = 0x0003
        case readInformation = 0x0004
        case setPowered = 0x0005
        case setBondable = 0x0009
        case setLowEnergy = 0x000D
        case setLocalName = 0x000F
        case loadLongTermKeys = 0x0013
        case disconnect = 0x0014
        case setInputOutput = 0x0018
        case pair = 0x0019
        case cancelPairing = 0x001A
        case unpair = 0x001B
        case confirm = 0x001C
        case denyConfirmation = 0x001D
        case givePasskey = 0x001E
        case denyPasskey = 0x001F
        case startDiscovery = 0x0023
        case stopDiscovery = 0x0024
        case setClassic = 0x002A
        case setScanParameters = 0x002C
        case setSecureConnections = 0x002D
        case loadIdentityKeys = 0x0030
        case readConnection = 0x0031
        case addDevice = 0x0033
        case removeDevice = 0x0034
        case loadConnectionParameters = 0x0035
    }

    /// Keyboard and display: each of the four ways of pairing can be used.
    private static let keyboardAndDisplay: UInt8 = 4
    /// Low energy, public and random addresses.
    private static let lowEnergyAddresses: UInt8 = 0b110
    /// Keys in one command, so that it stays far below the 64 KiB of a packet.
    static let keysMax = 256

    static let readVersion = Self(code: .readVersion)
    static let readControllers = Self(code: .readControllers)
    static let readInformation = Self(code: .readInformation)
    static let startDiscovery = Self(code: .startDiscovery, parameters: [lowEnergyAddresses])
    static let stopDiscovery = Self(code: .stopDiscovery, parameters: [lowEnergyAddresses])
    static let setInputOutput = Self(code: .setInputOutput, parameters: [keyboardAndDisplay])
    /// Every device, and every one that another program has left there.
    static let removeAllDevices = Self(code: .removeDevice, parameters: [0, 0, 0, 0, 0, 0, 0])

    static func set(_ code: Code, _ isOn: Bool) -> Self { Self(code: code, parameters: [isOn ? 1 : 0]) }

    /// At most 248 bytes of it, and an empty short name.
    static func setLocalName(_ name: String) -> Self {
        let bytes = Array(name.utf8.prefix(248))
        return Self(code: .setLocalName, parameters: bytes + Array(repeating: 0, count: 260 - bytes.count))
    }

    /// Units of 0.625 ms; the window at most the interval.
    static func setScanParameters(interval: UInt16, window: UInt16) -> Self {
        Self(code: .setScanParameters, parameters: interval.littleEndianBytes + window.littleEndianBytes)
    }

    /// Those that are loaded replace all that were there.
    static func load(_ keys: [LongTermKey]) -> Self {
        list(.loadLongTermKeys, keys.prefix(keysMax).map(\.bytes))
    }

    static func load(_ keys: [IdentityKey]) -> Self { list(.loadIdentityKeys, keys.prefix(keysMax).map(\.bytes)) }

    static func load(_ parameters: [ConnectionParameters]) -> Self {
        list(.loadConnectionParameters, parameters.prefix(keysMax).map(\.bytes))
    }

    private static func list(_ code: Code, _ items: [[UInt8]]) -> Self {
        Self(
            code: code,
            parameters: UInt16(truncatingIfNeeded: items.count).littleEndianBytes + items.flatMap { $0 })
    }

    static func pair(_ address: BluetoothAddress) -> Self {
        Self(code: .pair, parameters: address.managementBytes + [keyboardAndDisplay])
    }

    /// Forgets the keys and ends the connection.
    static func unpair(_ address: BluetoothAddress) -> Self {
        Self(code: .unpair, parameters: address.managementBytes + [1])
    }

    static func givePasskey(_ address: BluetoothAddress, _ passkey: UInt32) -> Self {
        Self(code: .givePasskey, parameters: address.managementBytes + passkey.littleEndianBytes)
    }

    /// Connects it by itself, whenever it is heard.
    static func addDevice(_ address: BluetoothAddress) -> Self {
        Self(code: .addDevice, parameters: address.managementBytes + [2])
    }

    /// Those whose only parameter is an address.
    static func about(_ address: BluetoothAddress, _ code: Code) -> Self {
        Self(code: code, parameters: address.managementBytes)
    }

    func packet(to controller: UInt16) -> [UInt8] {
        ManagementPacket(code: code.rawValue, controller: controller, parameters: parameters).bytes
    }
}
