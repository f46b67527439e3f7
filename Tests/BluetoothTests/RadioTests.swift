import Bluetooth
import DriverKit
import Loop
import Simulation
import Testing
import Vitals

@Suite struct `A radio` {
    typealias Device = SimulatedBluetoothDevice

    @Test func `is set up in the order that the kernel wants, and says that it is ready`() throws {
        try RadioStage.play { stage in
            await stage.pass(1)
            #expect(stage.radio.status.state == .ready)
            #expect(stage.radio.status.adapterAddress == stage.kernel.adapterAddress)
            let codes = stage.kernel.commands.map(\.code)
            #expect(
                codes == [
                    0x0001, 0x0003, 0x0004, 0x000D, 0x002A, 0x002D, 0x0009, 0x0018, 0x000F, 0x0034, 0x0013, 0x0030,
                    0x0005,
                ])
            #expect(stage.kernel.isPowered)
            #expect(!stage.kernel.isBondable)
        }
    }

    @Test func `covers the gaps of the kernel's discovery as long as somebody looks`() throws {
        try RadioStage.play { stage in
            let device = Device.numbered(1)
            stage.kernel.add(device)
            await stage.pass(1)
            stage.radio.look(until: stage.loop.now + .seconds(60))
            await stage.pass(55)
            #expect(stage.kernel.discoveries >= 6)
            let sighting = stage.radio.sightings.first
            #expect(sighting?.address == device.address)
            #expect(sighting?.name == "Device 1")
            #expect(sighting?.services == [BluetoothUUID(0x1822)])
            #expect(sighting?.rssiDBm == -60)
            #expect(sighting.map { stage.loop.now - $0.lastHeard <= .seconds(11) } == true)
            await stage.pass(10)
            #expect(!stage.kernel.isDiscovering)
        }
    }

    @Test func `connects known devices while a person looks`() throws {
        try RadioStage.play { stage in
            let device = Device.numbered(1)
            stage.kernel.add(device)
            stage.radio.setKnown([KnownDevice(device.address, pairing: .none)])
            stage.radio.look(until: .boot + .seconds(60))
            guard case .success = await stage.open(device) else { throw Unexpected("not opened") }
            #expect(stage.radio.status.connectedCount == 1)
        }
    }

    @Test func `does not wait for the next discovery with a device that was heard in this one`() throws {
        try RadioStage.play { stage in
            let device = Device.numbered(1)
            stage.kernel.add(device)
            stage.radio.look(until: .boot + .seconds(600))
            await stage.pass(3)
            #expect(stage.radio.sightings.count == 1)
            stage.radio.setKnown([KnownDevice(device.address, pairing: .none)])
            guard case .success = await stage.open(device, seconds: 3) else { throw Unexpected("not opened") }
            for _ in 0 ..< 5 {
                stage.kernel.leave(device)
                await stage.pass(1)
                device.isAdvertising = true
                await stage.pass(1)
                #expect(device.isConnected)
            }
        }
    }

    @Test func `connects nobody whom no person paired or assigned`() throws {
        try RadioStage.play { stage in
            let device = Device.numbered(1)
            stage.kernel.add(device)
            await stage.pass(1)
            #expect(await stage.problem(opening: device) == .notPaired)
            stage.kernel.connect(from: device)
            await stage.pass(2)
            #expect(!device.isConnected)
        }
    }

    @Test func `opens a device again each of the fifty times that it returns`() throws {
        try RadioStage.play(seconds: 7_200) { stage in
            let device = Device.numbered(1)
            device.isAdvertising = false
            stage.kernel.add(device)
            stage.radio.setKnown([KnownDevice(device.address, pairing: .none)])
            await stage.pass(1)
            for _ in 0 ..< 50 {
                let returns = stage.loop.now + .seconds(20)
                stage.returns(device, at: returns)
                guard case .success(let link) = await stage.open(device, seconds: 60) else {
                    throw Unexpected("not opened")
                }
                #expect(stage.loop.now - returns < .seconds(3))
                stage.kernel.leave(device)
                #expect(
                    await stage.end(of: link) == LinkError.bluetooth(.linkLost, "nothing was heard of it any more"))
                link.close()
            }
            #expect(device.connections.count == 50)
        }
    }

    @Test func `ends a connection that nobody uses, and one whose link was closed`() throws {
        try RadioStage.play { stage in
            let device = Device.numbered(1)
            stage.kernel.add(device)
            stage.radio.setKnown([KnownDevice(device.address, pairing: .none)])
            guard case .success(let link) = await stage.open(device) else { throw Unexpected("not opened") }
            device.isAdvertising = false
            link.close()
            await stage.pass(1)
            #expect(!device.isConnected)
            device.isAdvertising = true
            await stage.pass(2)
            #expect(device.isConnected)
            device.isAdvertising = false
            await stage.pass(27)
            #expect(device.isConnected)
            await stage.pass(3)
            #expect(!device.isConnected)
        }
    }

    @Test func `says of a device that does not come why`() throws {
        try RadioStage.play { stage in
            let device = Device.numbered(1)
            device.isAdvertising = false
            stage.kernel.add(device)
            stage.radio.setKnown([KnownDevice(device.address, pairing: .none)])
            #expect(await stage.problem(opening: device) == .notAdvertising)
            device.isAdvertising = true
            device.isConnectable = false
            stage.radio.look(until: stage.loop.now + .seconds(600))
            #expect(await stage.problem(opening: device) == .heldByAnotherCentral)
            stage.kernel.unplug()
            #expect(await stage.problem(opening: device) == .adapterMissing)
        }
    }

    @Test func `forgets a device that is no longer known`() throws {
        try RadioStage.play { stage in
            let device = Device.numbered(1)
            stage.kernel.add(device)
            stage.radio.setKnown([KnownDevice(device.address, pairing: .none)])
            guard case .success(let link) = await stage.open(device) else { throw Unexpected("not opened") }
            stage.radio.setKnown([])
            await stage.pass(2)
            #expect(!device.isConnected)
            link.close()
            await stage.pass(60)
            #expect(device.connections.count == 1)
        }
    }
}

@Suite struct `A stranger` {
    @Test func `among ten thousand takes no more room than two hundred`() throws {
        try RadioStage.play { stage in
            let device = SimulatedBluetoothDevice.numbered(1)
            device.isConnectable = false
            stage.kernel.add(device)
            stage.radio.setKnown([KnownDevice(device.address, pairing: .none)])
            stage.radio.look(until: .boot + .seconds(300))
            await stage.pass(5)
            var seed = Seed(1)
            for _ in 0 ..< 100 {
                stage.kernel.passBy(100, from: &seed)
                await stage.pass(0.3)
            }
            #expect(stage.radio.sightings.count <= 257)
            #expect(stage.radio.sightings.first?.address == device.address)
        }
    }

    @Test func `that asks to be paired is refused`() throws {
        try RadioStage.play { stage in
            let device = SimulatedBluetoothDevice.numbered(1)
            stage.kernel.add(device)
            await stage.pass(1)
            let address = device.address.littleEndian + [2]
            stage.kernel.tell(0x000F, address + [1, 0, 0, 0, 0])
            stage.kernel.tell(0x0010, address)
            await stage.pass(1)
            #expect(stage.kernel.commands.suffix(2).map(\.code) == [0x001D, 0x001F])
            #expect(stage.kernel.commands.suffix(2).allSatisfy { $0.parameters == address })
        }
    }

    @Test func `has its keys not kept`() throws {
        try RadioStage.play { stage in
            await stage.pass(1)
            let address: [UInt8] = [1, 0, 0, 0, 0, 0xC4, 2]
            stage.kernel.tell(0x000A, [1] + address + [3, 1, 16] + Array(repeating: 9, count: 26))
            await stage.pass(1)
            #expect(stage.folder["bonds"] == nil)
        }
    }
}

@Suite struct `Garbage from the kernel` {
    @Test func `is passed over`() throws {
        try RadioStage.play { stage in
            await stage.pass(1)
            var seed = Seed(7)
            for length in 0 ..< 400 {
                stage.kernel.inject((0 ..< length % 60).map { _ in UInt8.random(in: 0 ... 255, using: &seed) })
            }
            // Events of the adapter, cut short.
            for event in UInt16(1) ... 0x2F where event != 5 && event != 6 {
                for length in 0 ..< 10 { stage.kernel.tell(event, Array(repeating: 2, count: length)) }
            }
            await stage.pass(5)
            #expect(stage.radio.status.state == .ready)
            #expect(stage.radio.status.managementErrors > 100)
            #expect(stage.journal.count("make no sense") == 1)
        }
    }
}
