public import Vitals

/// What there is to know about a driver without running it. Udev rules, the list of supported devices and
/// discovery are printed from here.
public struct Manifest: Hashable, Sendable {
    /// The name in configuration and topics, `[a-z0-9-]`.
    public var id: String
    /// Its folder under `Drivers/`.
    public var family: String
    public var vendor: String
    public var models: [String]
    public var serial: SerialSettings?
    public var usb: [USBIdentity]
    /// `nil`: it does not speak Bluetooth LE.
    public var bluetooth: BluetoothProfile?
    /// How far it may go to find out whether a device is its own.
    public var probe: Probe
    /// Every metric it can report, numbers and waveforms.
    public var metrics: [Metric]
    /// What ``DriverSettings/format`` may be; empty when there is no choice.
    public var formats: [String]
    /// It can fetch what the device has stored.
    public var canFetchStored: Bool
    public var canSetClock: Bool
    /// Silence longer than this means that the device has stopped answering.
    public var silenceSecondsMax: Int
    public var evidence: Evidence
    /// Documents and implementations read.
    public var sources: [String]
    /// `nil`: never tried on a real device by this project.
    public var verifiedOnHardware: String?

    public init(
        id: String, family: String, vendor: String, models: [String], serial: SerialSettings? = nil,
        usb: [USBIdentity] = [], bluetooth: BluetoothProfile? = nil, probe: Probe = .listen, metrics: [Metric],
        formats: [String] = [], canFetchStored: Bool = false, canSetClock: Bool = false, silenceSecondsMax: Int = 5,
        evidence: Evidence,
        sources: [String], verifiedOnHardware: String? = nil
    ) {
        self.id = id
        self.family = family
        self.vendor = vendor
        self.models = models
        self.serial = serial
        self.usb = usb
        self.bluetooth = bluetooth
        self.probe = probe
        self.metrics = metrics
        self.formats = formats
        self.canFetchStored = canFetchStored
        self.canSetClock = canSetClock
        self.silenceSecondsMax = silenceSecondsMax
        self.evidence = evidence
        self.sources = sources
        self.verifiedOnHardware = verifiedOnHardware
    }

    /// What may be done at a port where the device is not known yet.
    public enum Probe: String, Hashable, Sendable, CaseIterable {
        /// The device speaks of itself, or must not be asked by guess.
        case listen
        /// What the driver says in its first turns, with the settings as they are without a configuration, changes
        /// and erases nothing, in its own devices and in those that share the cable.
        case query
    }

    /// How well the protocol is known.
    public enum Evidence: String, Hashable, Sendable, CaseIterable {
        /// The vendor's document, and recordings of real devices that agree with it.
        case vendorDocumentAndCaptures = "vendor-document-and-captures"
        /// The vendor's document, and independent implementations that agree with it.
        case vendorDocument = "vendor-document"
        /// Independent implementations only.
        case implementations
        /// An example for authors of drivers; no such device exists.
        case example
    }
}

/// How a serial line is set.
public struct SerialSettings: Hashable, Sendable {
    public var baud: Int
    public var dataBits: Int
    public var parity: Parity
    public var stopBits: Int
    public var flowControl: FlowControl

    public enum Parity: String, Hashable, Sendable, CaseIterable { case none, odd, even }
    public enum FlowControl: String, Hashable, Sendable, CaseIterable { case none, hardware, software }

    public init(
        baud: Int, dataBits: Int = 8, parity: Parity = .none, stopBits: Int = 1, flowControl: FlowControl = .none
    ) {
        self.baud = baud
        self.dataBits = dataBits
        self.parity = parity
        self.stopBits = stopBits
        self.flowControl = flowControl
    }
}

/// A USB vendor and product, and more where they do not say enough. A bridge chip's identity names the cable, never
/// the device behind it.
public struct USBIdentity: Hashable, Sendable {
    public var vendor: UInt16
    public var product: UInt16
    /// The chip is sold to everyone: the port must be bound by configuration or probed.
    public var isGenericBridge: Bool
    /// Which port of a device with several; `nil`: any.
    public var interface: Int?
    /// How the strings begin that the device gives of itself, letter for letter; `nil`: any.
    public var manufacturerPrefix: String?
    public var productPrefix: String?

    public init(
        vendor: UInt16, product: UInt16, isGenericBridge: Bool, interface: Int? = nil,
        manufacturerPrefix: String? = nil, productPrefix: String? = nil
    ) {
        self.vendor = vendor
        self.product = product
        self.isGenericBridge = isGenericBridge
        self.interface = interface
        self.manufacturerPrefix = manufacturerPrefix
        self.productPrefix = productPrefix
    }

    /// Chips that are in cables of every kind: CP210x, FTDI, CH340, CH9102, PL2303. Anything may be behind them.
    public static let commonBridges: [USBIdentity] = [
        (0x0403, 0x6001), (0x0403, 0x6015), (0x067B, 0x2303), (0x067B, 0x23A3), (0x10C4, 0xEA60), (0x1A86, 0x55D4),
        (0x1A86, 0x7523),
    ].map { USBIdentity(vendor: $0.0, product: $0.1, isGenericBridge: true) }

    public func matches(_ usb: PortIdentity.USB) -> Bool {
        vendor == usb.vendor && product == usb.product && (interface == nil || interface == usb.interface)
            && Self.begins(usb.manufacturerName, with: manufacturerPrefix)
            && Self.begins(usb.productName, with: productPrefix)
    }

    private static func begins(_ text: String?, with prefix: String?) -> Bool {
        guard let prefix else { return true }
        return text?.hasPrefix(prefix) ?? false
    }
}
