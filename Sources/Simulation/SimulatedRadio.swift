public import Bluetooth
public import DriverKit
public import Loop
import Synchronization
public import Vitals

/// A radio and what is in the air, as a test says: devices advertise or not, want to be paired, ask, and refuse.
public final class SimulatedRadio: RadioControl, Connector, Sendable {
    /// A device in the air.
    public struct Device: Sendable {
        public var address: BluetoothAddress
        public var name: String?
        public var services: [BluetoothUUID]
        public var rssiDBm: Int?
        public var isConnectable = true
        /// It is heard while this is true of the time.
        public var isThere: @Sendable (Instant) -> Bool = { _ in true }
        /// Asked one after the other when it is paired; `no` refuses.
        public var questions: [PairingQuestion] = []
        /// What pairing it ends in.
        public var pairingError: LinkError?
        /// How long pairing it takes.
        public var pairingDuration: Duration = .seconds(1)
        /// The address that it gives when it is paired.
        public var identity: BluetoothAddress?
        /// Connecting to it fails so, until it is paired.
        public var connectError: LinkError?
        public var link: @Sendable (EventLoop) -> any Link

        public init(
            _ address: BluetoothAddress, name: String?, services: [BluetoothUUID] = [], rssiDBm: Int? = -60,
            link: @escaping @Sendable (EventLoop) -> any Link
        ) {
            self.address = address
            self.name = name
            self.services = services
            self.rssiDBm = rssiDBm
            self.link = link
        }
    }

    private struct State {
        var status = RadioStatus(state: .ready)
        var air: [Device] = []
        var known: [KnownDevice] = []
        var bonds: Set<BluetoothAddress> = []
        var lookEnd = Instant.boot
        var isStopped = false
        var connections = 0
        var answers: [PairingAnswer] = []
    }

    private let loop: EventLoop
    private let state = Mutex(State())

    /// A connection is waited for so long.
    public static let patience: Duration = .seconds(30)
    private static let step: Duration = .milliseconds(100)

    public init(on loop: EventLoop) { self.loop = loop }

    // MARK: What a test says and sees

    public func add(_ device: Device) { change(device.address) { $0 = device } }

    /// Adds the device when it is not there yet.
    public func change(_ address: BluetoothAddress, _ change: (inout Device) -> Void) {
        state.withLock { state in
            if let index = state.air.firstIndex(where: { $0.address == address }) {
                change(&state.air[index])
            } else {
                var device = Device(address, name: nil) { ScriptedLink(on: $0, script: []) }
                change(&device)
                state.air.append(device)
            }
        }
    }

    public func set(_ status: RadioStatus) { state.withLock { $0.status = status } }
    public func addBond(_ address: BluetoothAddress) { state.withLock { _ = $0.bonds.insert(address) } }
    public var known: [BluetoothAddress] { state.withLock { $0.known.map(\.address) } }
    public var connections: Int { state.withLock(\.connections) }
    public var answers: [PairingAnswer] { state.withLock(\.answers) }
    public var isLooking: Bool { state.withLock(\.lookEnd) > loop.now }
    public var isStopped: Bool { state.withLock(\.isStopped) }

    // MARK: RadioControl

    public func run() async {
        while !isStopped { await loop.sleep(until: loop.now + .seconds(1)) }
    }

    public func stop() { state.withLock { $0.isStopped = true } }
    public var status: RadioStatus { state.withLock(\.status) }
    public func look(until end: Instant) { state.withLock { $0.lookEnd = end } }

    public var sightings: [Sighting] {
        let now = loop.now
        return state.withLock { state in
            guard state.lookEnd > now else { return [] }
            return state.air.filter { $0.isThere(now) }.map { device in
                Sighting(
                    address: device.address, name: device.name, services: device.services, rssiDBm: device.rssiDBm,
                    lastHeard: now, isConnectable: device.isConnectable)
            }
        }
    }

    public func setKnown(_ devices: [KnownDevice]) { state.withLock { $0.known = devices } }
    public func isPaired(_ address: BluetoothAddress) -> Bool { state.withLock { $0.bonds.contains(address) } }

    public func pair(
        _ address: BluetoothAddress, pairing: BluetoothProfile.Pairing, guide: any PairingGuide
    ) async throws(LinkError) -> BluetoothAddress {
        guard let device = state.withLock({ state in state.air.first { $0.address == address } }) else {
            throw .bluetooth(.notAdvertising, "")
        }
        await guide.tell(.connecting)
        await guide.tell(.pairing)
        for question in device.questions {
            let answer = await guide.ask(question)
            state.withLock { $0.answers.append(answer) }
            if answer == .no { throw .bluetooth(.pairingRefused, "it was not answered") }
        }
        let end = loop.now + device.pairingDuration
        while loop.now < end {
            if isStopped { throw .closed }
            await loop.sleep(until: min(end, loop.now + Self.step))
        }
        if let error = device.pairingError { throw error }
        let identity = device.identity ?? address
        if pairing == .bonded {
            state.withLock { _ = $0.bonds.insert(identity) }
            await guide.tell(.bonded)
        }
        change(address) { device in
            device.address = identity
            device.connectError = nil
        }
        return identity
    }

    public func unpair(_ address: BluetoothAddress) async throws(LinkError) {
        state.withLock { _ = $0.bonds.remove(address) }
    }

    // MARK: Connector

    public func connect(to address: Address) async throws(LinkError) -> any Link {
        guard case .bluetooth(let address, _) = address else { throw .gone("\(address)") }
        let end = loop.now + Self.patience
        while loop.now < end {
            let found = state.withLock { state in
                state.known.contains { $0.address == address }
                    ? state.air.first { $0.address == address && $0.isThere(loop.now) } : nil
            }
            if let found {
                if let error = found.connectError { throw error }
                state.withLock { $0.connections += 1 }
                return found.link(loop)
            }
            await loop.sleep(until: loop.now + Self.step)
        }
        throw .bluetooth(.notAdvertising, "\(address)")
    }
}
