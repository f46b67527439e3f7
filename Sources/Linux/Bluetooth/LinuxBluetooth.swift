public import Bluetooth
import CLinux
public import DriverKit
import Glibc
public import Loop
public import Vitals

/// The kernel's Bluetooth: management channel, attribute channels, switches. Stays on the loop it was made for.
public final class LinuxBluetooth: BluetoothKernel {
    private let loop: EventLoop
    private let switches: RadioSwitches

    /// The longest attribute PDU of LE (Core 5.4, Vol 3, Part F, 3.2.9: 512 bytes of value and their head).
    public static let attributeBytesMax = 517
    /// The longest answer of the management channel that is expected.
    public static let managementBytesMax = 4096
    /// The kernel looks for a device no longer than that, whatever the deadline: ask again.
    public static let connectLimit: Duration = .seconds(24 * 60 * 60)
    /// How long the kernel goes on looking after our deadline, which then closes the channel.
    private static let connectMargin: Duration = .seconds(5)
    /// What may wait to be read of one device: some hundred notifications.
    private static let receiveBytesMax: Int32 = 256 * 1024

    /// `system`: where `/sys` and `/proc` are found, for tests.
    public init(on loop: EventLoop, system root: String = "") {
        self.loop = loop
        switches = RadioSwitches(root: root)
    }

    // MARK: Channels

    public func openManagement() throws(LinkError) -> any Link {
        let name = "the Bluetooth management channel"
        let number = clinux_bluetooth_management()
        guard number >= 0 else { throw BluetoothFailure.error("socket", errno, name, at: .opening, switches) }
        let socket = FileDescriptor(owning: number)
        // Without it the channel opens, and then refuses every command.
        guard switches.mayManage else {
            throw .bluetooth(.notPermitted, "\(name): CAP_NET_ADMIN is missing")
        }
        let manner = PacketSocket.Manner(
            name: name, channel: Channel("management"), packetBytesMax: Self.managementBytesMax, switches: switches)
        return try PacketSocket(socket, manner, at: .connected, on: loop)
    }

    public func openAttributes(
        of device: BluetoothAddress, from adapter: BluetoothAddress, security: LinkSecurity,
        before deadline: Instant
    ) async throws(LinkError) -> any Link {
        let name = device.description
        let isEncrypted = security == .encrypted
        let limit = min(deadline, loop.now + Self.connectLimit)
        let patience = max(.zero, limit - loop.now) + Self.connectMargin
        let number = unsafe clinux_bluetooth_attributes(
            adapter.littleEndian, adapter.isRandom, isEncrypted ? 1 : 0, patience.components.seconds,
            Self.receiveBytesMax)
        guard number >= 0 else {
            throw BluetoothFailure.error("socket", errno, "\(name) from \(adapter)", at: .opening, switches)
        }
        let socket = FileDescriptor(owning: number)
        let result = unsafe clinux_bluetooth_connect(number, device.littleEndian, device.isRandom)
        if result != 0, errno != EINPROGRESS {
            throw BluetoothFailure.error(
                "connect", errno, name, at: .connecting, isEncrypted: isEncrypted, switches)
        }
        let manner = PacketSocket.Manner(
            name: name, channel: Channel("attributes"), packetBytesMax: Self.attributeBytesMax,
            isEncrypted: isEncrypted, switches: switches)
        let link = try PacketSocket(socket, manner, at: .connecting, on: loop)
        do throws(LinkError) {
            try await link.connected(
                before: limit, silence: .bluetooth(.notAdvertising, "\(name): not heard in time"))
        } catch {
            link.close()
            throw error
        }
        return link
    }

    // MARK: Switches

    public var isRadioBlocked: Bool { switches.isBlocked }
    public var isBluetoothdRunning: Bool { switches.isBluetoothdRunning }
    /// Takes as long as the device needs to come back, half a second or so, and the loop waits.
    public func resetUSB(adapter index: UInt16) -> Bool { AdapterPlug(index, switches).reset() }
}

extension BluetoothAddress {
    fileprivate var isRandom: Int32 { kind == .random ? 1 : 0 }
}
