public import DriverKit
public import Vitals

/// The radio as the agent uses it. Stays on the device loop.
public protocol RadioControl: AnyObject {
    /// Serves the adapter until ``stop()``: powers it, loads the keys, hears events, recovers what is stuck.
    func run() async
    func stop()

    var status: RadioStatus { get }

    /// Looks actively for whatever advertises, until then; asking again only moves the end.
    func look(until end: Instant)
    /// What has been heard lately, strongest first; bounded.
    var sightings: [Sighting] { get }

    /// The devices that a person paired or assigned. No other is ever connected to.
    func setKnown(_ devices: [KnownDevice])
    func isPaired(_ address: BluetoothAddress) -> Bool

    /// Connects to a device for the first time, asks it for what the profile needs and, where the profile or the
    /// device itself wants it, makes a bond.
    /// What is wrong is thrown as ``LinkError/bluetooth(_:_:)``. Old keys of the device are forgotten first.
    ///
    /// - Returns: the address by which it is known from now on (its identity, when it gave one).
    func pair(
        _ address: BluetoothAddress, profile: BluetoothProfile, guide: any PairingGuide
    ) async throws(LinkError) -> BluetoothAddress

    /// Forgets the keys and ends the connection.
    func unpair(_ address: BluetoothAddress) async throws(LinkError)
}

/// A device that may be connected to.
public struct KnownDevice: Hashable, Sendable {
    public var address: BluetoothAddress
    public var pairing: BluetoothProfile.Pairing

    public init(_ address: BluetoothAddress, pairing: BluetoothProfile.Pairing) {
        self.address = address
        self.pairing = pairing
    }
}

/// What has been heard of a device.
public struct Sighting: Hashable, Sendable {
    public var address: BluetoothAddress
    public var name: String?
    public var services: [BluetoothUUID]
    /// Received signal strength; 127 is "not known" and is not shown here.
    public var rssiDBm: Int?
    public var lastHeard: Instant
    public var isConnectable: Bool

    public init(
        address: BluetoothAddress, name: String?, services: [BluetoothUUID], rssiDBm: Int?, lastHeard: Instant,
        isConnectable: Bool
    ) {
        self.address = address
        self.name = name
        self.services = services
        self.rssiDBm = rssiDBm
        self.lastHeard = lastHeard
        self.isConnectable = isConnectable
    }
}

/// How the radio is. Told in `health` and by `homeward status`.
public struct RadioStatus: Hashable, Sendable {
    public enum State: String, Hashable, Sendable, CaseIterable {
        case starting, ready, deaf, recovering, blocked, missing, denied
    }

    public var state: State
    /// What is wrong and what to do, `nil` when nothing is.
    public var problem: String?
    public var adapterAddress: BluetoothAddress?
    public var isBluetoothdRunning = false
    public var connectedCount = 0
    public var heardLast: Instant?
    /// How often each was done, since the start.
    public var scannerRestarts = 0
    public var powerCycles = 0
    public var usbResets = 0
    public var adapterLosses = 0
    public var managementErrors = 0

    public init(state: State) { self.state = state }
}

/// The person at a pairing, or who stands for them.
public protocol PairingGuide: AnyObject {
    func tell(_ step: PairingStep) async
    func ask(_ question: PairingQuestion) async -> PairingAnswer
}

/// How far a pairing has come.
public enum PairingStep: String, Hashable, Sendable, CaseIterable {
    case searching, connecting, pairing, bonded, discovering
}

/// What only a person can say.
public enum PairingQuestion: Hashable, Sendable {
    /// Type the six digits that the device shows.
    case passkeyEntry
    /// Type these six digits on the device. Needs no answer, only to be shown.
    case passkeyDisplay(UInt32)
    /// Do both show these six digits?
    case comparison(UInt32)
    /// Pair with this device at all (Just Works)?
    case consent
}

/// What the person said.
public enum PairingAnswer: Hashable, Sendable {
    case yes
    case no
    case passkey(UInt32)
}
