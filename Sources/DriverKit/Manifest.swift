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
        usb: [USBIdentity] = [], bluetooth: BluetoothProfile? = nil, metrics: [Metric], formats: [String] = [],
        canFetchStored: Bool = false, canSetClock: Bool = false, silenceSecondsMax: Int = 5, evidence: Evidence,
        sources: [String], verifiedOnHardware: String? = nil
    ) {
        self.id = id
        self.family = family
        self.vendor = vendor
        self.models = models
        self.serial = serial
        self.usb = usb
        self.bluetooth = bluetooth
        self.metrics = metrics
        self.formats = formats
        self.canFetchStored = canFetchStored
        self.canSetClock = canSetClock
        self.silenceSecondsMax = silenceSecondsMax
        self.evidence = evidence
        self.sources = sources
        self.verifiedOnHardware = verifiedOnHardware
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

/// A USB vendor and product. A bridge chip's identity names the cable, never the device behind it.
public struct USBIdentity: Hashable, Sendable {
    public var vendor: UInt16
    public var product: UInt16
    /// The chip is sold to everyone: the port must be bound by configuration or probed.
    public var isGenericBridge: Bool

    public init(vendor: UInt16, product: UInt16, isGenericBridge: Bool) {
        self.vendor = vendor
        self.product = product
        self.isGenericBridge = isGenericBridge
    }
}
