import Bluetooth
import DriverKit
import Glibc
import Linux
import Loop
import Testing
import Vitals

private let realDevice = Environment.value(of: "HOMEWARD_DEVICE").flatMap { BluetoothAddress($0, kind: .random) }

/// In the laboratory only: the adapter `hci0` and one advertising device, whose address `HOMEWARD_DEVICE` tells.
@Suite(
    "A real kernel with an adapter", .serialized,
    .enabled(if: realDevice != nil, "HOMEWARD_DEVICE tells no address"))
struct RealKernelTests {
    static let absent = BluetoothAddress(bits: 0xC4FF_FFFF_FF99, kind: .random)

    @Test("connects, carries PDUs, and says what went wrong", .timeLimit(.minutes(1)))
    func everything() throws {
        let device = try #require(realDevice)
        try onLoop(seconds: 45) { loop in
            let kernel = LinuxBluetooth(on: loop)
            #expect(!kernel.isRadioBlocked && !kernel.isBluetoothdRunning && !kernel.resetUSB(adapter: 0))
            let manager = Manager(try kernel.openManagement(), loop)
            // Power off, LE on, power on.
            _ = try await manager.command(0x0005, [0])
            let adapter = try await manager.adapterAddress()
            _ = try await manager.command(0x000D, [1])
            _ = try await manager.command(0x0005, [1])

            let link = try await kernel.openAttributes(
                of: device, from: adapter, security: .none, before: loop.now + .seconds(10))
            // Exchange MTU.
            try await link.send([0x02, 0x05, 0x02], to: link.channels[0])
            let answer = try await link.receive(before: loop.now + .seconds(5))
            #expect(answer?.bytes.first == 0x03 && answer?.bytes.count == 3)
            #expect(try await link.receive(before: loop.now + .milliseconds(20)) == nil)

            do throws(LinkError) {
                _ = try await kernel.openAttributes(
                    of: device, from: adapter, security: .none, before: loop.now + .seconds(5))
                Issue.record("connected twice")
            } catch {
                guard case .system("connect", EBUSY, _) = error else { throw error }
            }
            let start = loop.now
            await expect(.notAdvertising) {
                try await kernel.openAttributes(
                    of: Self.absent, from: adapter, security: .none, before: start + .seconds(1))
            }
            #expect(loop.now - start < .seconds(3))
            await expect(.adapterMissing) {
                try await kernel.openAttributes(of: device, from: Self.absent, security: .none, before: .never)
            }

            _ = try await manager.command(0x0005, [0])
            await expect(.linkLost) { try await link.receive(before: loop.now + .seconds(5)) }
            await expect(.linkLost) { try await link.receive(before: loop.now + .seconds(5)) }
            link.close()
            await expect(.adapterMissing) {
                try await kernel.openAttributes(of: device, from: adapter, security: .none, before: .never)
            }
        }
    }

    @Test("says that the device knows no key of ours, and that it went away", .timeLimit(.minutes(1)))
    func bond() throws {
        let device = try #require(realDevice)
        try onLoop(seconds: 45) { loop in
            let kernel = LinuxBluetooth(on: loop)
            let manager = Manager(try kernel.openManagement(), loop)
            _ = try await manager.command(0x0005, [0])
            let adapter = try await manager.adapterAddress()
            _ = try await manager.command(0x000D, [1])
            // Bondable, with secure connections.
            _ = try await manager.command(0x0009, [1])
            _ = try await manager.command(0x002D, [1])
            // Load one long-term key: random address, authenticated P-256 key.
            let key = device.littleEndian + [2, 3, 0, 16] + [UInt8](repeating: 0, count: 10)
            _ = try await manager.command(0x0013, [1, 0] + key + [UInt8](repeating: 0x5A, count: 16))
            _ = try await manager.command(0x0005, [1])
            await expect(.bondForgottenByDevice) {
                try await kernel.openAttributes(
                    of: device, from: adapter, security: .encrypted, before: loop.now + .seconds(10))
            }
            // Without the keys it goes on.
            _ = try await manager.command(0x0013, [0, 0])
            let link = try await kernel.openAttributes(
                of: device, from: adapter, security: .none, before: loop.now + .seconds(10))
            try await link.send([0x02, 0x05, 0x02], to: link.channels[0])
            #expect(try await link.receive(before: loop.now + .seconds(5))?.bytes.first == 0x03)
            // Disconnect.
            _ = try await manager.command(0x0014, device.littleEndian + [2])
            await expect(.linkLost) { try await link.receive(before: loop.now + .seconds(5)) }
            await expect(.linkLost) { try await link.send([0x02, 0x05, 0x02], to: link.channels[0]) }
            _ = try await manager.command(0x0005, [0])
        }
    }

    private func expect<Result>(
        _ problem: BluetoothProblem, _ work: () async throws -> Result
    ) async {
        do {
            _ = try await work()
            Issue.record("it worked, and should have been \(problem)")
        } catch {
            guard case .bluetooth(problem, _)? = error as? LinkError else {
                Issue.record("\(error) is not \(problem)")
                return
            }
        }
    }
}

/// Just enough of the management protocol.
private final class Manager {
    private let link: any Link
    private let loop: EventLoop

    init(_ link: any Link, _ loop: EventLoop) {
        self.link = link
        self.loop = loop
    }

    /// The parameters of the answer, after its status, which is 0.
    func command(_ code: UInt16, _ parameters: [UInt8] = []) async throws -> [UInt8] {
        let head = [UInt8(code & 0xFF), UInt8(code >> 8), 0, 0, UInt8(parameters.count), 0]
        try await link.send(head + parameters, to: link.channels[0])
        while let packet = try await link.receive(before: loop.now + .seconds(10))?.bytes {
            let isAnswer = packet.count >= 9 && (packet[0] == 1 || packet[0] == 2) && packet[1] == 0
            guard isAnswer, packet[6] == head[0], packet[7] == head[1] else { continue }
            try #require(packet[8] == 0, "command \(code): status \(packet[8])")
            return Array(packet[9...])
        }
        throw LinkError.bluetooth(.noAnswer, "command \(code)")
    }

    func adapterAddress() async throws -> BluetoothAddress {
        let info = try await command(0x0004)
        return try #require(BluetoothAddress(littleEndian: info.prefix(6), kind: .publicAddress))
    }
}
