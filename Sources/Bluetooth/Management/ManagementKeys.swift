import Bytes
import DriverKit

/// Encrypts the connection with a device that is bonded.
struct LongTermKey: Hashable, Sendable {
    static let bytesEach = 36

    var address: BluetoothAddress
    /// 0 and 1 legacy, 2 and 3 Secure Connections; odd: made with a passkey or a comparison.
    var kind: UInt8
    /// 1: ours as the central, in legacy pairing. The same for both in Secure Connections.
    var isInitiator: UInt8
    var sizeBytes: UInt8
    var diversifier: UInt16
    var random: UInt64
    /// 16 bytes.
    var value: [UInt8]

    var bytes: [UInt8] {
        address.managementBytes + [kind, isInitiator, sizeBytes] + diversifier.littleEndianBytes
            + random.littleEndianBytes + value
    }

    /// `nil`: of Bluetooth Classic.
    static func read(_ reader: inout ByteReader) throws(Truncated) -> LongTermKey? {
        let address = try reader.managementAddress()
        let kind = try reader.uint8()
        let isInitiator = try reader.uint8()
        let size = try reader.uint8()
        let diversifier = try reader.littleEndianUInt16()
        let random = try reader.littleEndianUInt64()
        let value = try reader.bytes(16)
        guard let address else { return nil }
        return LongTermKey(
            address: address, kind: kind, isInitiator: isInitiator, sizeBytes: size, diversifier: diversifier,
            random: random, value: value)
    }
}

/// Tells which changing addresses are this device's.
struct IdentityKey: Hashable, Sendable {
    static let bytesEach = 23

    /// The identity: the address that never changes.
    var address: BluetoothAddress
    /// 16 bytes.
    var value: [UInt8]

    var bytes: [UInt8] { address.managementBytes + value }

    static func read(_ reader: inout ByteReader) throws(Truncated) -> IdentityKey? {
        let address = try reader.managementAddress()
        let value = try reader.bytes(16)
        guard let address else { return nil }
        return IdentityKey(address: address, value: value)
    }
}

/// How often a connection meets, in the units of the specification (Core 5.4, Vol 4, Part E, 7.8.12).
struct ConnectionParameters: Hashable, Sendable {
    var address: BluetoothAddress
    /// 1.25 ms each.
    var intervalUnitsMin: UInt16
    var intervalUnitsMax: UInt16
    /// Meetings that the device may leave out.
    var latency: UInt16
    /// 10 ms each.
    var timeoutUnits: UInt16

    /// A waveform meets every 15–30 ms, numbers every 30–60 ms; lost after 4 s and 6 s of silence.
    init(_ address: BluetoothAddress, pace: BluetoothProfile.Pace) {
        self.address = address
        switch pace {
        case .stream: (intervalUnitsMin, intervalUnitsMax, latency, timeoutUnits) = (12, 24, 0, 400)
        case .relaxed: (intervalUnitsMin, intervalUnitsMax, latency, timeoutUnits) = (24, 48, 0, 600)
        }
    }

    var bytes: [UInt8] {
        address.managementBytes + intervalUnitsMin.littleEndianBytes + intervalUnitsMax.littleEndianBytes
            + latency.littleEndianBytes + timeoutUnits.littleEndianBytes
    }
}
