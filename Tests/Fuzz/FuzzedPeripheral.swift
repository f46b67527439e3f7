import Bluetooth
import DriverKit
import Loop
import Vitals

/// A device that answers by the rules, except when the dice say otherwise: then its answers are damaged, random,
/// doubled, late or missing, and it says things that nobody asked for.
final class FuzzedPeripheral: Link {
    private let loop: EventLoop
    private var random: SplitMix64
    private var server: ATTServer
    private var outgoing: [[UInt8]] = []
    /// So many PDUs are left before it is gone.
    private var left: Int
    /// Of 100 PDUs so many are not as they should be.
    private let malice: Int
    private var isClosed = false

    private(set) var said = 0
    private(set) var bytes = 0
    private(set) var broken: String?
    /// The last that were said, for the one who looks for a fault.
    private(set) var transcript: [[UInt8]] = []

    static let saidMax = 300

    init(on loop: EventLoop, _ random: SplitMix64) {
        var random = random
        self.loop = loop
        left = 1 + random.below(Self.saidMax)
        malice = [0, 2, 10, 50][random.below(4)]
        server = ATTServer(Self.attributes(&random))
        self.random = random
    }

    /// Most of what is looked for, able to do most of what is wanted.
    private static func attributes(_ random: inout SplitMix64) -> [ATTAttribute] {
        var attributes: [ATTAttribute] = []
        attributes.addService(GATTType.genericAttribute)
        attributes.addCharacteristic(.indicate, ATTAttribute(GATTType.serviceChanged))
        if random.below(2) == 0 {
            let hash = [UInt8](repeating: UInt8(random.below(3)), count: 16)
            attributes.addCharacteristic(.read, ATTAttribute(GATTType.databaseHash, hash))
        }
        attributes.addService(BluetoothUUID(0x180D))
        for use in ATTTrial.profile.characteristics where random.below(20) > 0 {
            var value = ATTAttribute(use.characteristic, [UInt8](repeating: 0x5A, count: random.below(600)))
            if random.below(4) > 0 { value.writeRefusal = nil }
            var properties: GATTProperties = []
            for property in [GATTProperties.read, .notify, .indicate, .write, .writeWithoutResponse]
            where random.below(4) > 0 { properties.insert(property) }
            attributes.addCharacteristic(properties, value)
        }
        return attributes
    }

    // MARK: Link

    func send(_ bytes: [UInt8], to channel: Channel) async throws(LinkError) {
        if isClosed { throw .closed }
        check(bytes)
        var answer: [UInt8]? = server.answer(to: bytes, mtu: 23 + random.below(2) * 200)
        if random.below(100) < malice { answer = odd(instead: answer) }
        if random.below(100) < malice { outgoing.append(unasked()) }
        if let answer { outgoing.append(answer) }
        if random.below(100) < malice { outgoing.append(unasked()) }
    }

    func receive(before deadline: Instant) async throws(LinkError) -> Chunk? {
        if isClosed { throw .closed }
        guard left > 0 else { throw .gone("the fuzzed device") }
        if outgoing.isEmpty, random.below(4) > 0 { outgoing.append(unasked()) }
        guard !outgoing.isEmpty else {
            left -= 1
            await loop.sleep(until: min(deadline, loop.now + .seconds(60)))
            return nil
        }
        left -= 1
        said += 1
        let pdu = outgoing.removeFirst()
        bytes += pdu.count
        transcript.append(pdu)
        if let read = ATTPDU(pdu), ATTPDU(read.bytes) != read { broken = "read and written it is another" }
        return Chunk(pdu, at: loop.now)
    }

    func close() { isClosed = true }

    /// What we say is always a PDU of a length that everybody can carry.
    private func check(_ bytes: [UInt8]) {
        if ATTPDU(bytes) == nil { broken = "we said what is no PDU: \(bytes)" }
        if bytes.count > ATTPDU.mtuMax { broken = "we said \(bytes.count) bytes" }
    }

    // MARK: Malice

    private func odd(instead answer: [UInt8]?) -> [UInt8]? {
        switch random.below(8) {
        case 0: nil
        case 1: randomPDU()
        case 2: [0x01] + (0 ..< 4).map { _ in random.byte() }
        default: answer.map { damaged($0) }
        }
    }

    private func damaged(_ pdu: [UInt8]) -> [UInt8] {
        var bytes = pdu
        for _ in 0 ..< 1 + random.below(3) where !bytes.isEmpty {
            let place = random.below(bytes.count)
            switch random.below(5) {
            case 0: bytes[place] ^= 1 << UInt8(random.below(8))
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(random.byte(), at: place)
            case 3: bytes.removeSubrange(place...)
            default: bytes[place] = random.below(2) == 0 ? 0 : 0xFF
            }
        }
        return bytes
    }

    /// Values of its characteristics mostly, and questions to us.
    private func unasked() -> [UInt8] {
        let used = server.attributes.indices.filter { server.attributes[$0].value.first == 0x5A }
        let isUsed = !used.isEmpty && random.below(3) > 0
        let handle = UInt16(isUsed ? used[random.below(used.count)] + 1 : random.below(server.attributes.count + 2))
        let value = ATTValue(handle, (0 ..< random.below(24)).map { _ in random.byte() })
        let pdu: ATTPDU =
            switch random.below(10) {
            case 0 ... 3: .notification(value)
            case 4, 5: .indication(value)
            case 6: .multipleNotification([value, value])
            case 7: .readRequest(handle)
            case 8:
                .readByTypeRequest(ATTRange(handle, UInt16(random.below(0x10000))), type: GATTType.characteristic)
            default: .readByGroupTypeRequest(.all, type: GATTType.primaryService)
            }
        return random.below(100) < malice ? (random.below(2) == 0 ? randomPDU() : damaged(pdu.bytes)) : pdu.bytes
    }

    private func randomPDU() -> [UInt8] {
        let opcodes = ATTOpcode.allCases
        let opcode = random.below(4) == 0 ? random.byte() : opcodes[random.below(opcodes.count)].rawValue
        let length = random.below(50) == 0 ? random.below(700) : random.below(30)
        return [opcode] + (0 ..< length).map { _ in random.below(3) == 0 ? UInt8(random.below(20)) : random.byte() }
    }
}
