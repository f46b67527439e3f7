import Bluetooth
import DriverKit
import Loop
import Simulation
import Testing
import Vitals

@Suite struct `A radio in trouble` {
    typealias Device = SimulatedBluetoothDevice

    @Test func `brings its devices back when the adapter was pulled out and plugged in`() throws {
        try RadioStage.play { stage in
            let device = Device.numbered(1)
            stage.kernel.add(device)
            await stage.pass(1)
            #expect(await stage.pair(device, guide: Guide()) == nil)
            stage.radio.setKnown([KnownDevice(device.address, pairing: .bonded)])
            guard case .success(let link) = await stage.open(device) else { throw Unexpected("not opened") }
            stage.kernel.unplug()
            guard case .bluetooth(.adapterMissing, _) = await stage.end(of: link) else {
                throw Unexpected("the end of the link says nothing of the adapter")
            }
            await stage.pass(2)
            #expect(stage.radio.status.state == .missing)
            #expect(stage.radio.status.adapterLosses == 1)
            #expect(stage.journal.count("switched the adapter off") == 0)
            link.close()
            #expect(await stage.problem(opening: device, seconds: 5) == .adapterMissing)
            stage.kernel.plug()
            guard case .success = await stage.open(device) else { throw Unexpected("not opened") }
            #expect(stage.kernel.longTermKeys[device.address] == device.key, "the keys before the connection")
            #expect(stage.radio.status.state == .ready)
        }
    }

    @Test func `switches its adapter on again when somebody switched it off`() throws {
        try RadioStage.play { stage in
            let device = Device.numbered(1)
            stage.kernel.add(device)
            stage.radio.setKnown([KnownDevice(device.address, pairing: .none)])
            guard case .success(let link) = await stage.open(device) else { throw Unexpected("not opened") }
            stage.kernel.switchOff()
            let end = await stage.end(of: link)
            guard case .bluetooth(.linkLost, let why) = end, why.contains("switched the adapter off") else {
                throw Unexpected("the end of the link was told as \(end)")
            }
            link.close()
            guard case .success = await stage.open(device, seconds: 5) else { throw Unexpected("not opened") }
            #expect(stage.journal.count("switched the adapter off") == 1)
            #expect(stage.radio.status.adapterLosses == 0)
        }
    }

    @Test func `says that there is no adapter, and takes the one that comes`() throws {
        try RadioStage.play { stage in
            stage.kernel.unplug()
            await stage.pass(5)
            #expect(stage.radio.status.state == .missing)
            #expect(stage.radio.status.problem?.contains("plug") == true)
            stage.kernel.plug()
            await stage.pass(5)
            #expect(stage.radio.status.state == .ready)
            #expect(stage.radio.status.problem == nil)
        }
    }

    @Test func `is blocked as long as the switch says so`() throws {
        try RadioStage.play { stage in
            await stage.pass(1)
            stage.kernel.isRadioBlocked = true
            await stage.pass(6)
            #expect(stage.radio.status.state == .blocked)
            #expect(stage.journal.count("rfkill") == 1)
            stage.kernel.isRadioBlocked = false
            await stage.pass(12)
            #expect(stage.radio.status.state == .ready)
        }
    }

    @Test func `says once what the kernel is known to do wrong, and goes on`() throws {
        try RadioStage.play { stage in
            stage.kernel.fault = "this kernel drops links: boot another"
            await stage.pass(100)
            #expect(stage.radio.status.state == .ready)
            #expect(stage.radio.status.problem == "this kernel drops links: boot another")
            #expect(stage.journal.count("boot another") == 1)
        }
    }

    @Test func `says that bluetoothd is in the way, and goes on`() throws {
        try RadioStage.play { stage in
            stage.kernel.isBluetoothdRunning = true
            await stage.pass(10)
            #expect(stage.radio.status.isBluetoothdRunning)
            #expect(stage.radio.status.state == .ready)
            #expect(stage.radio.status.problem?.contains("systemctl") == true)
            stage.kernel.isBluetoothdRunning = false
            await stage.pass(10)
            #expect(stage.radio.status.problem == nil)
        }
    }

    @Test func `may not use the adapter, and says what is missing`() throws {
        try RadioStage.play { stage in
            stage.kernel.isManagementDenied = true
            await stage.restart()
            #expect(stage.radio.status.state == .denied)
            #expect(stage.radio.status.problem?.contains("CAP_NET_ADMIN") == true)
        }
    }

    struct Tier: Sendable {
        let remedy: SimulatedBluetooth.Remedy
        let counts: [Int]
    }

    static let tiers = [
        Tier(remedy: .scanner, counts: [1, 0, 0]), Tier(remedy: .power, counts: [1, 1, 0]),
        Tier(remedy: .usb, counts: [1, 1, 1]),
    ]

    @Test(arguments: tiers) func `that is deaf is brought back by the lightest remedy that helps`(_ tier: Tier)
        throws
    {
        try RadioStage.play { stage in
            let device = Device.numbered(1)
            stage.kernel.add(device)
            stage.radio.setKnown([KnownDevice(device.address, pairing: .none)])
            guard case .success(let link) = await stage.open(device) else { throw Unexpected("not opened") }
            stage.kernel.deafUntil = tier.remedy
            link.close()
            guard case .success = await stage.open(device, seconds: 300) else { throw Unexpected("not opened") }
            let status = stage.radio.status
            #expect([status.scannerRestarts, status.powerCycles, status.usbResets] == tier.counts)
            #expect(stage.journal.count("nothing was heard") == tier.counts.reduce(0, +))
            await stage.pass(1)
            #expect(stage.radio.status.state == .ready)
        }
    }

    @Test func `that nothing helps tries again more and more seldom`() throws {
        try RadioStage.play(seconds: 100_000) { stage in
            let device = Device.numbered(1)
            stage.kernel.add(device)
            stage.kernel.deafUntil = .nothing
            stage.radio.setKnown([KnownDevice(device.address, pairing: .none)])
            await stage.pass(300)
            #expect(stage.radio.status.state == .deaf)
            #expect(stage.radio.status.powerCycles == 1)
            await stage.pass(43_200)
            #expect((8 ... 20).contains(stage.radio.status.powerCycles))
            #expect(stage.radio.status.usbResets == stage.radio.status.powerCycles)
        }
    }

    @Test func `is not deaf when one device is silent and others are heard`() throws {
        try RadioStage.play(seconds: 10_000) { stage in
            let (silent, other) = (Device.numbered(1), Device.numbered(2))
            silent.isAdvertising = false
            stage.kernel.add(silent)
            stage.kernel.add(other)
            stage.radio.setKnown([KnownDevice(silent.address, pairing: .none)])
            await stage.pass(3_600)
            #expect(stage.radio.status.state == .ready)
            #expect(stage.radio.status.scannerRestarts == 0)
            #expect(await stage.problem(opening: silent) == .notAdvertising)
        }
    }

    @Test func `does not end the connections that it has for one that is missing`() throws {
        try RadioStage.play(seconds: 10_000) { stage in
            let (there, away) = (Device.numbered(1), Device.numbered(2))
            away.isAdvertising = false
            stage.kernel.add(there)
            stage.kernel.add(away)
            stage.radio.setKnown([there, away].map { KnownDevice($0.address, pairing: .none) })
            guard case .success = await stage.open(there) else { throw Unexpected("not opened") }
            await stage.pass(7_200)
            #expect(there.isConnected)
            #expect(there.connections.count == 1)
            #expect(stage.radio.status.powerCycles == 0)
        }
    }

    @Test(arguments: [UInt16(0x0003), 0x0005, 0x0023, 0x0033])
    func `opens the channel anew when an answer never comes`(
        _ code: UInt16
    ) throws {
        try RadioStage.play { stage in
            let device = Device.numbered(1)
            stage.kernel.add(device)
            stage.kernel.unanswered = [code]
            stage.radio.setKnown([KnownDevice(device.address, pairing: .none)])
            stage.radio.look(until: .boot + .seconds(600))
            await stage.pass(60)
            #expect(stage.radio.status.managementErrors >= 1)
            #expect(stage.kernel.commands.count { $0.code == 0x0001 } > 1)
            stage.kernel.unanswered = []
            guard case .success = await stage.open(device, seconds: 120) else { throw Unexpected("not opened") }
            #expect(stage.radio.status.state == .ready)
        }
    }

    @Test func `gives up a pairing when its answer never comes`() throws {
        try RadioStage.play { stage in
            let device = Device.numbered(1)
            stage.kernel.add(device)
            stage.kernel.unanswered = [0x0019]
            await stage.pass(1)
            guard case .bluetooth(.noAnswer, _) = await stage.pair(device, guide: Guide()) else {
                throw Unexpected("no error")
            }
        }
    }
}
