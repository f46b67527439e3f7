public import Bluetooth
public import DriverKit
public import Loop
public import Vitals

/// A kernel with one Bluetooth adapter and the devices around it, in simulated time.
///
/// It is written from the kernel's documents, not from the code that it tests: it builds its packets itself. Its
/// time goes on while somebody reads the management channel.
public final class SimulatedBluetooth: BluetoothKernel {
    /// What brings a deaf adapter back.
    public enum Remedy: Int, Hashable, Sendable { case scanner = 1, power, usb, nothing }

    public let loop: EventLoop
    public let controller: UInt16 = 0
    public var adapterAddress = BluetoothAddress(bits: 0x001A_7DDA_7113, kind: .publicAddress)
    public private(set) var isPlugged = true
    public var isBluetoothdRunning = false
    public var fault: String?
    public var isRadioBlocked = false {
        didSet { if isRadioBlocked, isPowered { setPowered(false, isTold: true) } }
    }
    /// Deaf until that is done.
    public var deafUntil: Remedy?
    public var hasUSB = true
    public var isManagementDenied = false
    /// Commands that are never answered.
    public var unanswered: Set<UInt16> = []
    /// Every command, in order.
    public internal(set) var commands: [(code: UInt16, parameters: [UInt8], at: Instant)] = []
    public internal(set) var longTermKeys: [BluetoothAddress: [UInt8]] = [:]
    public internal(set) var devices: [SimulatedBluetoothDevice] = []
    /// How often the kernel's discovery was begun.
    public internal(set) var discoveries = 0
    public private(set) var usbResets = 0
    public internal(set) var isPowered = false
    public internal(set) var isBondable = false
    public internal(set) var isDiscovering = false

    var listed: Set<BluetoothAddress> = []
    var pairing: SimulatedPairing?
    var discoveryEnd = Instant.boot
    private var reported: Set<BluetoothAddress> = []
    private var replugAt: Instant?
    private var tickAt = Instant.boot
    private var management: SimulatedManagement?
    private let changed: Bell

    static let tickInterval: Duration = .milliseconds(100)
    /// `DISCOV_LE_TIMEOUT` of the kernel.
    static let discoveryLength: Duration = .milliseconds(10_240)

    public init(on loop: EventLoop) {
        self.loop = loop
        changed = Bell(on: loop)
    }

    public func add(_ device: SimulatedBluetoothDevice) { devices.append(device) }

    public func device(_ address: BluetoothAddress) -> SimulatedBluetoothDevice? {
        devices.first { $0.address == address || $0.identity == address }
    }

    // MARK: The kernel

    public func openManagement() throws(LinkError) -> any Link {
        if isManagementDenied { throw .denied("bluetooth") }
        let link = SimulatedManagement(of: self, on: loop)
        management = link
        return link
    }

    public func openAttributes(
        of device: BluetoothAddress, from adapter: BluetoothAddress, security: LinkSecurity,
        before deadline: Instant
    ) async throws(LinkError) -> any Link {
        while true {
            guard isPowered, isPlugged else { throw .gone(device.description) }
            guard let target = self.device(device) else { throw .gone(device.description) }
            if !target.isConnected, isHeard(target), target.isConnectable {
                connect(target)
                // `ENOSYS`: of error 0x3E the kernel makes no other number.
                guard target.answersConnections else { throw .bluetooth(.linkLost, "errno 38") }
            }
            if target.isConnected {
                await loop.sleep(until: loop.now + .milliseconds(20))
                return try open(target, security)
            }
            guard loop.now < deadline else { throw .gone(device.description) }
            await loop.sleep(until: min(deadline, loop.now + Self.tickInterval))
        }
    }

    private func open(_ target: SimulatedBluetoothDevice, _ security: LinkSecurity) throws(LinkError) -> any Link {
        guard target.isConnected else { throw .gone(target.address.description) }
        if security == .encrypted, target.key == nil || longTermKeys[target.knownAs] != target.key {
            disconnect(target, reason: 4)
            throw .gone(target.address.description)
        }
        let channel = SimulatedAttributeChannel(target.makeLink(loop), of: target.address)
        target.channel?.hangUp()
        target.channel = channel
        return channel
    }

    public func resetUSB(adapter index: UInt16) -> Bool {
        guard hasUSB, isPlugged else { return false }
        usbResets += 1
        remedy(.usb)
        unplug()
        replugAt = loop.now + .seconds(2)
        return true
    }

    // MARK: What a test does

    public func unplug() {
        guard isPlugged else { return }
        // The kernel first switches it off, and tells so.
        setPowered(false, isTold: true)
        isPlugged = false
        listed = []
        longTermKeys = [:]
        tell(0x0005, [])
    }

    public func plug() {
        guard !isPlugged else { return }
        isPlugged = true
        tell(0x0004, [])
    }

    /// Another program switches the adapter off.
    public func switchOff() { setPowered(false, isTold: true) }

    /// The device goes out of reach.
    public func leave(_ device: SimulatedBluetoothDevice) {
        device.isAdvertising = false
        disconnect(device, reason: 1)
    }

    /// So many devices that nobody knows are heard, each once.
    public func passBy(_ count: Int, from seed: inout Seed) {
        for _ in 0 ..< count {
            let address = BluetoothAddress(bits: UInt64.random(in: 0 ... UInt64.max, using: &seed), kind: .random)
            hear(address, rssiDBm: -80, flags: 0, data: [2, 0x01, 0x06])
        }
    }

    /// As if the kernel had sent that.
    public func inject(_ bytes: [UInt8]) { management?.deliver(bytes) }

    /// An event of the adapter, as the kernel sends it.
    public func tell(_ event: UInt16, _ parameters: [UInt8]) {
        management?.deliver(
            event.simulatedBytes + controller.simulatedBytes
                + UInt16(truncatingIfNeeded: parameters.count).simulatedBytes + parameters)
    }

    // MARK: Time

    /// Does what is due, and says when to come again.
    func advance() -> Instant {
        while tickAt <= loop.now {
            tick()
            tickAt = max(tickAt + Self.tickInterval, loop.now)
            if tickAt == loop.now { tickAt = loop.now + Self.tickInterval }
        }
        return tickAt
    }

    private func tick() {
        if let at = replugAt, at <= loop.now {
            replugAt = nil
            plug()
        }
        guard isPlugged, isPowered else { return }
        if isDiscovering, loop.now >= discoveryEnd { setDiscovering(false) }
        for device in devices where isHeard(device) { advertise(device) }
        pairing?.tick(self)
    }

    func isHeard(_ device: SimulatedBluetoothDevice) -> Bool {
        device.isAdvertising && !device.isConnected && deafUntil == nil && isPowered && isPlugged
    }

    private func advertise(_ device: SimulatedBluetoothDevice) {
        // In one discovery the controller reports a device once, to the kernel too.
        guard !isDiscovering || !reported.contains(device.address) else { return }
        if isDiscovering { reported.insert(device.address) }
        if device.isConnectable, listed.contains(device.knownAs) || pairing?.device === device {
            connect(device)
            return
        }
        hear(
            device.knownAs, rssiDBm: device.rssiDBm, flags: device.isConnectable ? 0 : 4, data: device.data)
    }

    private func hear(_ address: BluetoothAddress, rssiDBm: Int8, flags: UInt32, data: [UInt8]) {
        guard isDiscovering, deafUntil == nil else { return }
        tell(
            0x0012,
            address.simulatedBytes + [UInt8(bitPattern: rssiDBm)] + flags.simulatedBytes
                + UInt16(data.count).simulatedBytes + data)
    }

    func connect(_ device: SimulatedBluetoothDevice) {
        guard !device.isConnected else { return }
        device.isConnected = true
        device.connections.append(loop.now)
        tell(0x000B, device.knownAs.simulatedBytes + UInt32(0).simulatedBytes + UInt16(0).simulatedBytes)
        // The kernel tells of it, and a moment later that it has ended for no reason.
        guard device.answersConnections else { return disconnect(device, reason: 0) }
        if device.wantsPairing, device.key == nil, pairing == nil, isBondable {
            pairing = SimulatedPairing(device, isAsked: false)
        }
    }

    func disconnect(_ device: SimulatedBluetoothDevice, reason: UInt8) {
        guard device.isConnected else { return }
        device.isConnected = false
        device.channel?.hangUp()
        device.channel = nil
        tell(0x000C, device.knownAs.simulatedBytes + [reason])
    }

    func setDiscovering(_ isOn: Bool) {
        guard isDiscovering != isOn else { return }
        isDiscovering = isOn
        reported = []
        tell(0x0013, [6, isOn ? 1 : 0])
    }

    func setPowered(_ isOn: Bool, isTold: Bool) {
        guard isPowered != isOn else { return }
        isPowered = isOn
        // Unasked, it is told before the connections are ended.
        if isTold { tell(0x0006, settings) }
        if !isOn {
            for device in devices { disconnect(device, reason: 2) }
            setDiscovering(false)
            pairing = nil
        } else {
            remedy(.power)
        }
    }

    func remedy(_ done: Remedy) {
        if let needed = deafUntil, done.rawValue >= needed.rawValue { deafUntil = nil }
    }

    /// Low Energy and Secure Connections are there; powered and bondable as they are.
    var settings: [UInt8] {
        (UInt32(1 << 9 | 1 << 11) | (isPowered ? 1 : 0) | (isBondable ? 1 << 4 : 0)).simulatedBytes
    }
}

extension FixedWidthInteger {
    /// Least significant byte first.
    var simulatedBytes: [UInt8] {
        (0 ..< Self.bitWidth / 8).map { UInt8(truncatingIfNeeded: self >> Self($0 * 8)) }
    }
}

extension BluetoothAddress {
    var simulatedBytes: [UInt8] { littleEndian + [kind == .publicAddress ? 1 : 2] }
}

extension SimulatedBluetooth {
    /// Another program had the kernel connect it.
    public func connect(from device: SimulatedBluetoothDevice) { connect(device) }
}
