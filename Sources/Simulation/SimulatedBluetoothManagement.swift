import Bluetooth
import DriverKit
import Loop
import Vitals

/// The management channel of the simulated kernel.
final class SimulatedManagement: Link {
    private let kernel: SimulatedBluetooth
    private let loop: EventLoop
    private let bell: Bell
    private var packets: [[UInt8]] = []
    private var isClosed = false

    init(of kernel: SimulatedBluetooth, on loop: EventLoop) {
        self.kernel = kernel
        self.loop = loop
        bell = Bell(on: loop)
    }

    func deliver(_ packet: [UInt8]) {
        packets.append(packet)
        bell.ring()
    }

    func receive(before deadline: Instant) async throws(LinkError) -> Chunk? {
        while true {
            if isClosed { throw .closed }
            let next = kernel.advance()
            if !packets.isEmpty { return Chunk(packets.removeFirst(), at: loop.now) }
            if deadline <= loop.now { return nil }
            _ = await bell.wait(before: min(deadline, next))
        }
    }

    func send(_ bytes: [UInt8], to channel: Channel) async throws(LinkError) {
        if isClosed { throw .closed }
        kernel.take(bytes)
    }

    func close() {
        isClosed = true
        bell.ring()
    }
}

extension SimulatedBluetooth {
    /// A command, as a whole packet.
    func take(_ packet: [UInt8]) {
        guard packet.count >= 6 else { return }
        let code = UInt16(packet[0]) | UInt16(packet[1]) << 8
        let index = UInt16(packet[2]) | UInt16(packet[3]) << 8
        let parameters = Array(packet.dropFirst(6))
        commands.append((code, parameters, loop.now))
        guard !unanswered.contains(code) else { return }
        switch code {
        case 0x0001: answer(code, data: [1, 22, 0], to: index)
        case 0x0003: answer(code, data: isPlugged ? [1, 0] + controller.simulatedBytes : [0, 0], to: index)
        default:
            guard isPlugged, index == controller else { return answer(code, status: 0x11, to: index) }
            takeOwn(code, parameters)
        }
    }

    func answer(_ code: UInt16, status: UInt8 = 0, data: [UInt8] = [], to index: UInt16? = nil) {
        let parameters = code.simulatedBytes + [status] + data
        inject(
            [0x01, 0x00] + (index ?? controller).simulatedBytes
                + UInt16(truncatingIfNeeded: parameters.count).simulatedBytes + parameters)
    }

    private func takeOwn(_ code: UInt16, _ parameters: [UInt8]) {
        let first = parameters.first ?? 0
        switch code {
        case 0x0004:
            answer(
                code,
                data: adapterAddress.littleEndian + [9, 0, 0] + UInt32(1 << 9 | 1 << 11 | 1 | 1 << 4).simulatedBytes
                    + settings + Array(repeating: 0, count: 263))
        case 0x0005:
            if first != 0, isRadioBlocked { return answer(code, status: 0x12) }
            setPowered(first != 0, isTold: false)
            answer(code, data: settings)
        case 0x0009:
            isBondable = first != 0
            answer(code, data: settings)
        case 0x000D, 0x002D: answer(code, data: settings)
        case 0x002A: answer(code, status: 0x0B)
        case 0x0013: loadKeys(parameters)
        case 0x0023: startDiscovery()
        case 0x0024:
            guard isDiscovering else { return answer(code, status: 0x0B) }
            setDiscovering(false)
            remedy(.scanner)
            answer(code, data: [6])
        default: takeOfDevice(code, parameters)
        }
    }

    private func startDiscovery() {
        guard isPowered else { return answer(0x0023, status: 0x0F) }
        guard !isDiscovering else { return answer(0x0023, status: 0x0A) }
        discoveries += 1
        discoveryEnd = loop.now + Self.discoveryLength
        answer(0x0023, data: [6])
        setDiscovering(true)
    }

    private func loadKeys(_ parameters: [UInt8]) {
        longTermKeys = [:]
        var rest = parameters.dropFirst(2)
        while rest.count >= 36 {
            let one = Array(rest.prefix(36))
            rest = rest.dropFirst(36)
            if let address = Self.address(one) { longTermKeys[address] = Array(one.suffix(16)) }
        }
        answer(0x0013)
    }

    static func address(_ parameters: [UInt8]) -> BluetoothAddress? {
        guard parameters.count >= 7, parameters[6] == 1 || parameters[6] == 2 else { return nil }
        return BluetoothAddress(
            littleEndian: parameters.prefix(6), kind: parameters[6] == 1 ? .publicAddress : .random)
    }

    private func takeOfDevice(_ code: UInt16, _ parameters: [UInt8]) {
        let named = Array(parameters.prefix(7))
        guard let address = Self.address(parameters) else {
            // Set IO capability, names, identity keys, and the removal of all devices.
            if code == 0x0034 { listed = [] }
            return answer(code)
        }
        let device = self.device(address)
        switch code {
        case 0x0014:
            guard let device, device.isConnected else { return answer(code, status: 0x02, data: named) }
            answer(code, data: named)
            disconnect(device, reason: 2)
        case 0x0019: beginPairing(device, named)
        case 0x001A, 0x001C, 0x001D, 0x001E, 0x001F:
            answer(code, status: pairing == nil ? 0x02 : 0, data: named)
            pairing?.take(code, parameters, self)
        case 0x001B:
            let hadKey = longTermKeys.removeValue(forKey: address) != nil
            listed.remove(address)
            if let device { disconnect(device, reason: 2) }
            answer(code, status: hadKey ? 0 : 0x06, data: named)
        case 0x0033:
            listed.insert(address)
            answer(code, data: named)
        case 0x0034:
            let isListed = listed.remove(address) != nil
            if isListed { remedy(.scanner) }
            answer(code, status: isListed ? 0 : 0x0D, data: named)
        default: answer(code, data: named)
        }
    }

    private func beginPairing(_ device: SimulatedBluetoothDevice?, _ named: [UInt8]) {
        guard let device else { return answer(0x0019, status: 0x04, data: named) }
        guard pairing == nil else { return answer(0x0019, status: 0x0A, data: named) }
        guard longTermKeys[device.knownAs] == nil else { return answer(0x0019, status: 0x13, data: named) }
        pairing = SimulatedPairing(device, isAsked: true, at: loop.now)
    }
}
