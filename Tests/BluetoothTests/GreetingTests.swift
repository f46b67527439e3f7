import Bluetooth
import DriverKit
import Loop
import Simulation
import Testing
import Vitals

/// Pairing with a device whose values are asked for while the person is still there.
@Suite struct Greeting {
    /// A device that gives its measurement only with keys, if `security` says so.
    static func strap(
        _ loop: EventLoop, security: ATTErrorCode?, way: SimulatedBluetoothDevice.Way = .justWorks,
        _ services: [ScriptedPeripheral.Service]? = nil
    ) -> SimulatedBluetoothDevice {
        let device = SimulatedBluetoothDevice.numbered(1, way: way)
        let peripheral = ScriptedPeripheral(on: loop, services: services ?? GATTBench.services(security: security))
        device.makeLink = { _ in
            peripheral.reconnect()
            peripheral.isPaired = device.key != nil
            return peripheral
        }
        device.whenPaired = { peripheral.isPaired = true }
        return device
    }

    static func connector(_ stage: isolated RadioStage) -> BluetoothConnector {
        let journal = stage.journal
        return BluetoothConnector(
            radio: stage.radio, cache: stage.folder, localTime: { nil }, on: stage.loop,
            log: { journal.note(.info, $0) })
    }

    static let place = Address.bluetooth(SimulatedBluetoothDevice.numbered(1).address, GATTBench.heart)

    static func problem(_ connector: BluetoothConnector) async -> BluetoothProblem? {
        do throws(LinkError) {
            _ = try await connector.connect(to: place)
        } catch {
            if case .bluetooth(let problem, _) = error { return problem }
        }
        return nil
    }

    @Test(arguments: [ATTErrorCode.insufficientEncryption, .insufficientAuthentication])
    func `makes the keys that a device wants on the same connection`(_ security: ATTErrorCode) throws {
        try RadioStage.play { stage in
            let device = Self.strap(stage.loop, security: security, way: .comparison(42))
            stage.kernel.add(device)
            let connector = Self.connector(stage)
            await stage.pass(1)
            let guide = Guide()
            #expect(await stage.pair(device.address, profile: GATTBench.heart, guide: guide) == nil)
            #expect(guide.questions == [.comparison(42)])
            #expect(guide.steps == [.searching, .connecting, .discovering, .pairing, .bonded])
            #expect(stage.radio.isPaired(device.address))
            // What is open then is what the driver gets.
            let link = try await connector.connect(to: Self.place)
            #expect(link.channels.map(\.name).contains("rate"))
            #expect(device.connections.count == 1)
        }
    }

    @Test func `of a device that gives its values to anybody asks nobody`() throws {
        try RadioStage.play { stage in
            let device = Self.strap(stage.loop, security: nil)
            stage.kernel.add(device)
            let connector = Self.connector(stage)
            await stage.pass(1)
            let guide = Guide()
            #expect(await stage.pair(device.address, profile: GATTBench.heart, guide: guide) == nil)
            #expect(guide.questions.isEmpty)
            #expect(!stage.radio.isPaired(device.address))
            _ = try await connector.connect(to: Self.place)
            #expect(device.connections.count == 1)
        }
    }

    @Test func `names the services of a device that its driver cannot use`() throws {
        try RadioStage.play { stage in
            let device = Self.strap(stage.loop, security: nil, [])
            stage.kernel.add(device)
            _ = Self.connector(stage)
            await stage.pass(1)
            let error = await stage.pair(device.address, profile: GATTBench.heart, guide: Guide())
            guard case .bluetooth(.unsupportedModel, let text) = error else {
                throw Unexpected("\(String(describing: error))")
            }
            #expect(text.contains("services seen"))
        }
    }

    @Test func `that the device refuses is told and leaves nothing behind`() throws {
        try RadioStage.play { stage in
            let device = Self.strap(stage.loop, security: .insufficientEncryption, way: .refusing)
            stage.kernel.add(device)
            _ = Self.connector(stage)
            await stage.pass(1)
            let error = await stage.pair(device.address, profile: GATTBench.heart, guide: Guide())
            guard case .bluetooth(.pairingRefused, _) = error else {
                throw Unexpected("\(String(describing: error))")
            }
            #expect(!stage.radio.isPaired(device.address))
        }
    }

    @Test func `is needed by a known device without keys, which is left alone until then`() throws {
        try RadioStage.play { stage in
            let device = Self.strap(stage.loop, security: .insufficientEncryption)
            stage.kernel.add(device)
            let connector = Self.connector(stage)
            stage.radio.setKnown([KnownDevice(device.address, pairing: .none)])
            await stage.pass(1)
            #expect(await Self.problem(connector) == .notPaired)
            #expect(await Self.problem(connector) == .notPaired)
            await stage.pass(60)
            #expect(device.connections.count == 1)
            #expect(!device.isConnected)
            #expect(await stage.pair(device.address, profile: GATTBench.heart, guide: Guide()) == nil)
            _ = try await connector.connect(to: Self.place)
            #expect(device.connections.count == 2)
        }
    }

    @Test func `makes keys with whatever changes its address`() throws {
        try RadioStage.play { stage in
            let device = SimulatedBluetoothDevice(
                BluetoothAddress(bits: 0x4A00_0000_0001, kind: .random), name: "Private", way: .justWorks)
            device.identity = BluetoothAddress(bits: 0xC4A0_5000_0001, kind: .random)
            stage.kernel.add(device)
            await stage.pass(1)
            let guide = Guide()
            #expect(await stage.pair(device.address, profile: GATTBench.heart, guide: guide) == nil)
            #expect(guide.result == device.identity)
        }
    }

    @Test(arguments: [BluetoothProblem.notPaired, .bondForgottenByDevice, .bondStaleHere])
    func `anew is one command, told with the address`(_ problem: BluetoothProblem) {
        let command = "'homeward pair C4:00:00:00:00:01'"
        #expect(LinkError.bluetooth(problem, "").description(of: Self.place).contains(command))
        #expect(problem.remedy(for: SimulatedBluetoothDevice.numbered(1).address).contains(command))
    }
}
