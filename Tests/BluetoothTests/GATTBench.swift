import Bluetooth
import Bytes
import DriverKit
import Loop
import Simulation
import Synchronization
import Vitals

/// What was logged.
final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}

/// A peripheral and what is needed to open a link to it.
struct GATTBench {
    let loop: EventLoop
    var profile: BluetoothProfile
    var folder: MemoryFolder?
    let lines = Lines()
    static let device = BluetoothAddress(bits: 0xC4B5_0011_2233, kind: .random)
    static let noon = CivilTime(year: 2017, month: 1, day: 4, hour: 11, minute: 38, second: 45)

    static let heartRate = BluetoothUUID(0x180D)
    static let measurement = BluetoothUUID(0x2A37)
    static let location = BluetoothUUID(0x2A38)
    static let control = BluetoothUUID(0x2A39)

    init(on loop: EventLoop, _ profile: BluetoothProfile = Self.heart, folder: MemoryFolder? = nil) {
        self.loop = loop
        self.profile = profile
        self.folder = folder
    }

    static func use(
        _ channel: String, _ characteristic: BluetoothUUID, _ access: CharacteristicUse.Access,
        isRequired: Bool = true, framing: CharacteristicUse.Framing = .message, writeBytesMax: Int? = nil
    ) -> CharacteristicUse {
        CharacteristicUse(
            Channel(channel), service: heartRate, characteristic: characteristic, access: access,
            isRequired: isRequired, framing: framing, writeBytesMax: writeBytesMax)
    }

    static let heart = profile([
        use("location", location, .read, isRequired: false), use("rate", measurement, .subscribe),
        use("control", control, .write, isRequired: false),
    ])

    static func profile(
        _ uses: [CharacteristicUse], pairing: BluetoothProfile.Pairing = .none, mtuMin: Int = 23
    ) -> BluetoothProfile {
        BluetoothProfile(recognition: [], characteristics: uses, pairing: pairing, mtuMin: mtuMin)
    }

    static func services(
        _ measurement: GATTProperties = .notify, control: GATTProperties = .write,
        security: ATTErrorCode? = nil
    ) -> [ScriptedPeripheral.Service] {
        [
            ScriptedPeripheral.Service(
                heartRate,
                [
                    ScriptedPeripheral.Characteristic(Self.measurement, measurement, security: security),
                    ScriptedPeripheral.Characteristic(location, .read, [1]),
                    ScriptedPeripheral.Characteristic(Self.control, control),
                ])
        ]
    }

    func open(_ link: any Link, localTime: @escaping () -> CivilTime? = { noon }) async throws(LinkError)
        -> GATTLink
    {
        let lines = lines
        return try await GATTLink.open(
            over: link, profile: profile, device: Self.device, cache: folder, localTime: localTime, on: loop,
            log: { lines.add($0) })
    }

    /// Chunks until nothing comes for a second, as `channel hex`; the error at last, if there was one.
    static func chunks(of link: GATTLink, on loop: EventLoop) async -> [String] {
        var told: [String] = []
        do throws(LinkError) {
            while let chunk = try await link.receive(before: loop.now + .seconds(1)) {
                told.append("\(chunk.channel) \(Hex.text(chunk.bytes))")
            }
        } catch {
            told.append("\(error)")
        }
        return told
    }

    /// What opening and listening to `peripheral` tell.
    func life(of peripheral: any Link) async -> [String] {
        do throws(LinkError) {
            return await Self.chunks(of: try await open(peripheral), on: loop)
        } catch {
            return ["\(error)"]
        }
    }
}

extension ScriptedPeripheral {
    /// The client's PDUs by name, in their order.
    var asked: [String] { received.map(\.pdu.opcode.name) }
    func count(of opcode: ATTOpcode) -> Int { received.count { $0.pdu.opcode == opcode } }
}
