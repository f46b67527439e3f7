import Bytes
import DriverKit

/// One packet of the kernel's management channel: a command to it, or an event from it.
///
/// Code, controller, length (two bytes each, least significant first), parameters. Numbers in this folder are those
/// of the kernel's `include/net/bluetooth/mgmt.h`, version 1 revision 23 (Linux 6.1).
struct ManagementPacket: Hashable, Sendable {
    /// For commands and events that belong to no controller.
    static let noController: UInt16 = 0xFFFF
    static let headerBytes = 6

    var code: UInt16
    var controller: UInt16
    var parameters: [UInt8]

    init(code: UInt16, controller: UInt16, parameters: [UInt8]) {
        self.code = code
        self.controller = controller
        self.parameters = parameters
    }

    /// `nil`: shorter than its head, or not as long as it says.
    init?(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes.span)
        guard let code = try? reader.littleEndianUInt16(), let controller = try? reader.littleEndianUInt16(),
            let length = try? reader.littleEndianUInt16(), reader.remaining == Int(length)
        else { return nil }
        self.init(code: code, controller: controller, parameters: Array(bytes.dropFirst(Self.headerBytes)))
    }

    var bytes: [UInt8] {
        code.littleEndianBytes + controller.littleEndianBytes
            + UInt16(truncatingIfNeeded: parameters.count).littleEndianBytes + parameters
    }
}

extension FixedWidthInteger {
    var littleEndianBytes: [UInt8] {
        (0 ..< Self.bitWidth / 8).map { UInt8(truncatingIfNeeded: self >> Self($0 * 8)) }
    }
}

extension BluetoothAddress {
    /// Six bytes, then 1 for a public and 2 for a random address.
    var managementBytes: [UInt8] { littleEndian + [kind == .publicAddress ? 1 : 2] }
}

extension ByteReader {
    mutating func bytes(_ count: Int) throws(Truncated) -> [UInt8] {
        var taken: [UInt8] = []
        for _ in 0 ..< max(0, count) { taken.append(try uint8()) }
        return taken
    }

    /// An address with its kind behind it; `nil` for one of Bluetooth Classic.
    mutating func managementAddress() throws(Truncated) -> BluetoothAddress? {
        let address = try bytes(6)
        return switch try uint8() {
        case 1: BluetoothAddress(littleEndian: address, kind: .publicAddress)
        case 2: BluetoothAddress(littleEndian: address, kind: .random)
        default: nil
        }
    }

    mutating func littleEndianUInt64() throws(Truncated) -> UInt64 {
        let low = try littleEndianUInt32()
        return UInt64(try littleEndianUInt32()) << 32 | UInt64(low)
    }
}
