import DriverKit
import Vitals

/// A device that a person paired, or plugged in. Only paired ones are ever connected to by radio.
struct RegisteredDevice: Hashable, Sendable {
    var id: Identifier
    /// The driver's id, kept also when this program no longer has that driver.
    var driver: String
    /// `nil`: it is plugged in.
    var address: BluetoothAddress?
    /// `nil`: it is on the air.
    var plug: Plug?
    /// As it advertised itself.
    var name: String?
    var model: String?
    /// UTC, nanoseconds since 1970, whole milliseconds.
    var pairedAt: Int64
    /// `uid 1000`; of a plugged device `a hand`, whose nobody knows.
    var pairedBy: String

    var origin: DeviceBinding.Origin { plug == nil ? .paired : .plugged }
}

/// What a plugged device is known again by.
struct Plug: Hashable, Sendable {
    var vendor: UInt16
    var product: UInt16
    /// Of a device with several ports.
    var interface: Int?
    /// `nil`: it has none that is its own.
    var serialNumber: String?
    /// The socket it was last plugged into.
    var socket: String?

    init(vendor: UInt16, product: UInt16, interface: Int?, serialNumber: String?, socket: String?) {
        self.vendor = vendor
        self.product = product
        self.interface = interface
        self.serialNumber = serialNumber
        self.socket = socket
    }

    init(_ port: PortIdentity, _ usb: PortIdentity.USB) {
        self.init(
            vendor: usb.vendor, product: usb.product, interface: usb.interface,
            serialNumber: usb.serialNumber.flatMap { Self.isEverywhere($0) ? nil : $0 },
            socket: port.socket ?? port.path)
    }

    /// The same but for the socket.
    func isLike(_ other: Plug) -> Bool {
        vendor == other.vendor && product == other.product && interface == other.interface
            && serialNumber == other.serialNumber
    }

    /// Numbers with which chips leave the factory: a cable that kept it shares it with all others that did.
    private static func isEverywhere(_ number: String) -> Bool {
        number.allSatisfy { $0 == "0" } || ["0001", "0123456789", "1234567890", "123456789"].contains(number)
    }
}

/// A device belongs to a patient, from then until then, and who said so.
struct Assignment: Hashable, Sendable {
    var patient: Identifier
    /// UTC, nanoseconds since 1970, whole milliseconds.
    var from: Int64
    /// `nil`: it lasts.
    var to: Int64?
    /// `uid 1000`
    var by: String
    /// It is meant to measure all the time: so long without a value is an alarm. `nil`: as its setup says.
    var missingAfterSeconds: Int?

    func contains(_ utcNanoseconds: Int64) -> Bool {
        utcNanoseconds >= from && to.map { utcNanoseconds < $0 } ?? true
    }
}
