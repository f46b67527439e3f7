import Bytes
import DriverKit

/// What the kernel tells.
enum ManagementEvent: Hashable, Sendable {
    case answer(code: UInt16, ManagementStatus, [UInt8])
    case controllerError(UInt8)
    case controllerAdded
    case controllerRemoved
    case settings(ControllerSettings)
    /// `isLasting`: to be kept beyond this connection.
    case longTermKey(LongTermKey, isLasting: Bool)
    case identityKey(IdentityKey, heardAs: BluetoothAddress, isLasting: Bool)
    case connected(BluetoothAddress, data: [UInt8])
    case disconnected(BluetoothAddress, DisconnectReason)
    case connectFailed(BluetoothAddress, ManagementStatus)
    /// `isConsent`: no number is compared, a person only agrees.
    case confirmationWanted(BluetoothAddress, isConsent: Bool, number: UInt32)
    case passkeyWanted(BluetoothAddress)
    case passkeyShown(BluetoothAddress, UInt32, digitsTyped: UInt8)
    case authenticationFailed(BluetoothAddress, ManagementStatus)
    case found(Advertiser)
    case discovering(Bool)
    case unpaired(BluetoothAddress)
    /// Known to the kernel, of no use here.
    case other(UInt16)

    struct Advertiser: Hashable, Sendable {
        var address: BluetoothAddress
        var rssiDBm: Int8
        var isConnectable: Bool
        var isScanResponse: Bool
        var data: [UInt8]
    }

    private static let notConnectable: UInt32 = 1 << 2
    private static let scanResponse: UInt32 = 1 << 5

    /// `nil`: too short for what it says to be.
    init?(_ packet: ManagementPacket) {
        var reader = ByteReader(packet.parameters.span)
        guard let event = try? Self.read(packet.code, &reader) else { return nil }
        self = event
    }

    private static func read(_ code: UInt16, _ reader: inout ByteReader) throws(Truncated) -> ManagementEvent {
        switch code {
        case 0x0001, 0x0002:
            let command = try reader.littleEndianUInt16()
            let status = ManagementStatus(rawValue: try reader.uint8())
            return .answer(code: command, status, try reader.bytes(reader.remaining))
        case 0x0003: return .controllerError(try reader.uint8())
        case 0x0004: return .controllerAdded
        case 0x0005: return .controllerRemoved
        case 0x0006: return .settings(ControllerSettings(rawValue: try reader.littleEndianUInt32()))
        case 0x000A:
            let isLasting = try reader.uint8() != 0
            return try LongTermKey.read(&reader).map { .longTermKey($0, isLasting: isLasting) } ?? .other(code)
        case 0x0013:
            _ = try reader.uint8()
            return .discovering(try reader.uint8() != 0)
        case 0x0018: return try readIdentityKey(code, &reader)
        default: return try readOfDevice(code, &reader)
        }
    }

    private static func readIdentityKey(
        _ code: UInt16, _ reader: inout ByteReader
    ) throws(Truncated) -> ManagementEvent {
        let isLasting = try reader.uint8() != 0
        let heard = BluetoothAddress(littleEndian: try reader.bytes(6), kind: .random)
        guard let key = try IdentityKey.read(&reader), let heard else { return .other(code) }
        return .identityKey(key, heardAs: heard, isLasting: isLasting)
    }

    /// Events that begin with an address.
    private static func readOfDevice(
        _ code: UInt16, _ reader: inout ByteReader
    ) throws(Truncated) -> ManagementEvent {
        guard codesOfDevices.contains(code), let address = try reader.managementAddress() else {
            return .other(code)
        }
        switch code {
        case 0x000B:
            try reader.skip(4)
            return .connected(address, data: try readData(&reader))
        case 0x000C:
            return .disconnected(address, DisconnectReason(rawValue: try reader.uint8()) ?? .unknown)
        case 0x000D: return .connectFailed(address, ManagementStatus(rawValue: try reader.uint8()))
        case 0x000F:
            let isConsent = try reader.uint8() != 0
            return .confirmationWanted(address, isConsent: isConsent, number: try reader.littleEndianUInt32())
        case 0x0010: return .passkeyWanted(address)
        case 0x0011: return .authenticationFailed(address, ManagementStatus(rawValue: try reader.uint8()))
        case 0x0012: return .found(try readAdvertiser(address, &reader))
        case 0x0016: return .unpaired(address)
        default:
            let passkey = try reader.littleEndianUInt32()
            return .passkeyShown(address, passkey, digitsTyped: try reader.uint8())
        }
    }

    private static let codesOfDevices: Set<UInt16> = [
        0x000B, 0x000C, 0x000D, 0x000F, 0x0010, 0x0011, 0x0012, 0x0016, 0x0017,
    ]

    private static func readAdvertiser(
        _ address: BluetoothAddress, _ reader: inout ByteReader
    ) throws(Truncated) -> Advertiser {
        let rssi = Int8(bitPattern: try reader.uint8())
        let flags = try reader.littleEndianUInt32()
        return Advertiser(
            address: address, rssiDBm: rssi, isConnectable: flags & notConnectable == 0,
            isScanResponse: flags & scanResponse != 0, data: try readData(&reader))
    }

    private static func readData(_ reader: inout ByteReader) throws(Truncated) -> [UInt8] {
        let length = Int(try reader.littleEndianUInt16())
        return try reader.bytes(length)
    }
}

/// What a controller says of itself.
struct ControllerInformation: Hashable, Sendable {
    var address: BluetoothAddress
    var supported: ControllerSettings
    var current: ControllerSettings

    /// The answer to Read Controller Information; `nil`: too short.
    init?(_ data: [UInt8]) {
        var reader = ByteReader(data.span)
        guard let bytes = try? reader.bytes(6),
            let address = BluetoothAddress(littleEndian: bytes, kind: .publicAddress),
            (try? reader.skip(3)) != nil, let supported = try? reader.littleEndianUInt32(),
            let current = try? reader.littleEndianUInt32()
        else { return nil }
        self.address = address
        self.supported = ControllerSettings(rawValue: supported)
        self.current = ControllerSettings(rawValue: current)
    }

    /// The answer to Read Controller Index List; `nil`: shorter than it says.
    static func controllers(_ data: [UInt8]) -> [UInt16]? {
        var reader = ByteReader(data.span)
        guard let count = try? reader.littleEndianUInt16(), reader.remaining >= Int(count) * 2 else { return nil }
        return (0 ..< count).compactMap { _ in try? reader.littleEndianUInt16() }
    }
}
