public import DriverKit
public import Vitals

/// What the kernel does for Bluetooth, as it is handed in. Real in `Linux`, simulated in `Simulation`.
public protocol BluetoothKernel: AnyObject {
    /// The management channel (HCI_CHANNEL_CONTROL): each chunk is one whole packet, in both directions.
    func openManagement() throws(LinkError) -> any Link

    /// The attribute channel (L2CAP fixed channel 4) of a device. When it is connected already this takes no time;
    /// otherwise the kernel connects it when it is heard. Each chunk is one whole PDU.
    func openAttributes(
        of device: BluetoothAddress, from adapter: BluetoothAddress, security: LinkSecurity,
        before deadline: Instant
    ) async throws(LinkError) -> any Link

    /// Whether a switch, hard or soft, keeps the radios off.
    var isRadioBlocked: Bool { get }
    /// Whether bluetoothd runs, which would use the adapter at the same time.
    var isBluetoothdRunning: Bool { get }
    /// A fault that the running kernel is known to have, with what to do; `nil`: none.
    var fault: String? { get }
    /// Plugs the adapter's USB device out and in again, as far as software can. `false`: it is not on USB, or that
    /// was refused.
    func resetUSB(adapter index: UInt16) -> Bool
}

/// How a connection is protected before anything is said.
public enum LinkSecurity: Hashable, Sendable {
    /// As it is.
    case none
    /// Encrypted with the keys of the bond.
    case encrypted
}
