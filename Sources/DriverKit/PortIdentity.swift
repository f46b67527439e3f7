public import Vitals

/// A serial port as the kernel and udev describe it: where it is, and what it says of the device behind it.
public struct PortIdentity: Hashable, Sendable, CustomStringConvertible {
    /// `/dev/ttyUSB0`. Given out anew with each plugging.
    public var path: String
    /// `nil`: not on USB.
    public var usb: USB?
    /// The socket that it is plugged into, as udev names it (`ID_PATH`); stays with the socket.
    public var socket: String?

    /// Settings of the line mean nothing: there is no line, only USB.
    public var isWithoutLine: Bool { path.hasPrefix("/dev/ttyACM") }

    /// What the USB device says of itself.
    public struct USB: Hashable, Sendable {
        public var vendor: UInt16
        public var product: UInt16
        /// Which of the device's interfaces this port is; the first is 0.
        public var interface: Int?
        /// Many cables have none, and many share one.
        public var serialNumber: String?
        public var manufacturerName: String?
        public var productName: String?

        public init(
            vendor: UInt16, product: UInt16, interface: Int? = nil, serialNumber: String? = nil,
            manufacturerName: String? = nil, productName: String? = nil
        ) {
            self.vendor = vendor
            self.product = product
            self.interface = interface
            self.serialNumber = serialNumber
            self.manufacturerName = manufacturerName
            self.productName = productName
        }
    }

    public init(path: String, usb: USB? = nil, socket: String? = nil) {
        self.path = path
        self.usb = usb
        self.socket = socket
    }

    public var description: String {
        guard let usb else { return path }
        let names = [usb.manufacturerName, usb.productName].compactMap { $0 }.joined(separator: " ")
        let number = usb.serialNumber.map { ", serial number \($0)" } ?? ""
        return "\(path) (\(Self.hexadecimal(usb.vendor)):\(Self.hexadecimal(usb.product))"
            + "\(names.isEmpty ? "" : " \(names)")\(number))"
    }

    private static func hexadecimal(_ number: UInt16) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: 4 - text.count) + text
    }
}

/// Ports come and go.
public enum PortEvent: Hashable, Sendable {
    case appeared(PortIdentity)
    case disappeared(path: String)
}

/// Tells of the ports that are there, and of each one that comes and goes. Stays on the device loop.
public protocol PortMonitor: AnyObject {
    /// The port that a path leads to through links, such as `/dev/ttyUSB0`; the path itself where it leads nowhere.
    func resolve(_ path: String) -> String

    /// First the ports that are there already; then what happens. `nil` when `deadline` came first.
    func next(before deadline: Instant) async -> PortEvent?
}
