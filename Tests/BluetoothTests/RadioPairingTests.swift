import Bluetooth
import DriverKit
import Loop
import Simulation
import Testing
import Vitals

@Suite struct Pairing {
    typealias Device = SimulatedBluetoothDevice

    struct Way: Sendable, CustomTestStringConvertible {
        let way: Device.Way
        let questions: [PairingQuestion]
        var testDescription: String { "\(way)" }
    }

    static let ways = [
        Way(way: .justWorks, questions: [.consent]),
        Way(way: .comparison(42), questions: [.comparison(42)]),
        Way(way: .passkeyEntry(123_456), questions: [.passkeyEntry]),
        Way(way: .passkeyDisplay(7), questions: [.passkeyDisplay(7)]),
    ]

    @Test(arguments: ways) func `makes a bond that lasts`(_ way: Way) throws {
        try RadioStage.play { stage in
            let device = Device.numbered(1, way: way.way)
            stage.kernel.add(device)
            await stage.pass(1)
            let guide = Guide { $0 == .passkeyEntry ? .passkey(123_456) : .yes }
            #expect(await stage.pair(device, guide: guide) == nil)
            #expect(guide.questions == way.questions)
            #expect(guide.steps == [.searching, .connecting, .pairing, .bonded])
            #expect(guide.result == device.address)
            #expect(stage.radio.isPaired(device.address))
            #expect(stage.folder["bonds"] != nil)
            // The connection is there for whoever tests the device next, and no other is made.
            guard case .success = await stage.open(device) else { throw Unexpected("not opened") }
            #expect(device.connections.count == 1)
            await stage.pass(2)
            #expect(!stage.kernel.isBondable)
        }
    }

    @Test func `outlives the program`() throws {
        let folder = MemoryFolder()
        try RadioStage.play(folder: folder) { stage in
            let device = Device.numbered(1, way: .comparison(1))
            stage.kernel.add(device)
            await stage.pass(1)
            #expect(await stage.pair(device, guide: Guide()) == nil)
            await stage.restart()
            #expect(stage.kernel.longTermKeys[device.address] == device.key)
            stage.radio.setKnown([KnownDevice(device.address, pairing: .bonded)])
            guard case .success = await stage.open(device) else { throw Unexpected("not opened") }
        }
    }

    @Test func `of a device that changes its address gives its identity`() throws {
        try RadioStage.play { stage in
            let device = Device(
                BluetoothAddress(bits: 0x4A00_0000_0001, kind: .random), name: "Private", way: .justWorks)
            device.identity = BluetoothAddress(bits: 0x00A0_5000_0001, kind: .publicAddress)
            stage.kernel.add(device)
            await stage.pass(1)
            let guide = Guide()
            #expect(await stage.pair(device, guide: guide) == nil)
            #expect(guide.result == device.identity)
            let identity = try #require(device.identity)
            #expect(stage.radio.isPaired(identity))
            // And it is found again under its identity when new keys are to be made.
            #expect(await stage.pair(identity, guide: guide) == nil)
            #expect(guide.result == identity)
            #expect(!stage.kernel.commands.contains { $0.code == 0x001B && $0.parameters[6] == 1 })
        }
    }

    struct Failure: Sendable, CustomTestStringConvertible {
        let way: Device.Way
        let answer: PairingAnswer
        let problem: BluetoothProblem
        var testDescription: String { "\(way), \(answer)" }
    }

    static let failures = [
        Failure(way: .passkeyEntry(123_456), answer: .passkey(1), problem: .wrongPasskey),
        Failure(way: .passkeyEntry(123_456), answer: .passkey(1_000_000), problem: .pairingRefused),
        Failure(way: .passkeyEntry(123_456), answer: .no, problem: .pairingRefused),
        Failure(way: .comparison(5), answer: .no, problem: .pairingRefused),
        Failure(way: .justWorks, answer: .no, problem: .pairingRefused),
        Failure(way: .refusing, answer: .yes, problem: .pairingRefused),
        Failure(way: .silent, answer: .yes, problem: .pairingRefused),
    ]

    @Test(arguments: failures) func `that fails names the cause`(_ failure: Failure) throws {
        try RadioStage.play { stage in
            let device = Device.numbered(1, way: failure.way)
            stage.kernel.add(device)
            await stage.pass(1)
            let error = await stage.pair(device, guide: Guide { _ in failure.answer })
            guard case .bluetooth(let problem, _) = error else { throw Unexpected("\(String(describing: error))") }
            #expect(problem == failure.problem)
            #expect(!stage.radio.isPaired(device.address))
            await stage.pass(2)
            #expect(!stage.kernel.isBondable)
        }
    }

    @Test func `finds out that a device is off, held, or far away`() throws {
        try RadioStage.play { stage in
            let device = Device.numbered(1)
            device.isAdvertising = false
            stage.kernel.add(device)
            await stage.pass(1)
            #expect(await stage.problem(pairing: device) == .notAdvertising)
            device.isAdvertising = true
            device.isConnectable = false
            #expect(await stage.problem(pairing: device) == .heldByAnotherCentral)
            device.isConnectable = true
            device.rssiDBm = -99
            stage.kernel.unplug()
            #expect(await stage.problem(pairing: device) == .adapterMissing)
        }
    }

    @Test(arguments: [BluetoothProfile.Pairing.none, .bonded])
    func `of a device that hears and does not come tells that it is held`(_ way: BluetoothProfile.Pairing) throws {
        try RadioStage.play { stage in
            let device = Device.numbered(1)
            device.answersConnections = false
            stage.kernel.add(device)
            await stage.pass(1)
            guard case .bluetooth(.heldByAnotherCentral, _) = await stage.pair(device, way, guide: Guide()) else {
                throw Unexpected("another cause")
            }
            #expect(device.connections.count == 3)
            // And when it comes at last, it is paired.
            device.answersConnections = true
            #expect(await stage.pair(device, way, guide: Guide()) == nil)
        }
    }

    @Test func `without a bond leaves the device connected for its test`() throws {
        try RadioStage.play { stage in
            let device = Device.numbered(1)
            stage.kernel.add(device)
            await stage.pass(1)
            let guide = Guide()
            #expect(await stage.pair(device, .none, guide: guide) == nil)
            #expect(guide.questions.isEmpty)
            #expect(!stage.radio.isPaired(device.address))
            guard case .success = await stage.open(device) else { throw Unexpected("not opened") }
            #expect(device.connections.count == 1)
        }
    }

    @Test func `is made with a device that asks for it although its profile does not`() throws {
        try RadioStage.play { stage in
            let device = Device.numbered(1, way: .comparison(9))
            device.wantsPairing = true
            stage.kernel.add(device)
            await stage.pass(1)
            let guide = Guide()
            #expect(await stage.pair(device, .none, guide: guide) == nil)
            #expect(guide.questions == [.comparison(9)])
            #expect(stage.radio.isPaired(device.address))
        }
    }

    @Test func `is not called done while the keys are not on the disk`() throws {
        try RadioStage.play { stage in
            let device = Device.numbered(1)
            stage.kernel.add(device)
            await stage.pass(1)
            stage.folder.setFull(true)
            let guide = Guide()
            guard case .system(_, _, let text) = await stage.pair(device, guide: guide) else {
                throw Unexpected("no error")
            }
            #expect(text.contains("no space left"))
            #expect(!guide.steps.contains(.bonded))
        }
    }

    @Test func `is one at a time`() throws {
        try RadioStage.play { stage in
            let device = Device.numbered(1, way: .silent)
            stage.kernel.add(device)
            await stage.pass(1)
            stage.beginPairing(device)
            await stage.pass(1)
            guard case .busy = await stage.pair(device, guide: Guide()) else { throw Unexpected("not busy") }
        }
    }

    // MARK: Stale bonds

    @Test func `is advised when the device has forgotten its bond, and repairs it`() throws {
        try RadioStage.play { stage in
            let device = Device.numbered(1)
            stage.kernel.add(device)
            await stage.pass(1)
            #expect(await stage.pair(device, guide: Guide()) == nil)
            stage.radio.setKnown([KnownDevice(device.address, pairing: .bonded)])
            stage.kernel.leave(device)
            await stage.pass(1)
            device.key = nil
            device.isAdvertising = true
            #expect(await stage.problem(opening: device) == .bondForgottenByDevice)
            let tries = device.connections.count
            await stage.pass(300)
            #expect(await stage.problem(opening: device) == .bondForgottenByDevice)
            #expect(device.connections.count == tries, "it is left alone")
            #expect(stage.journal.count("has forgotten") == 1)
            #expect(await stage.pair(device, guide: Guide()) == nil)
            guard case .success = await stage.open(device) else { throw Unexpected("not opened") }
        }
    }

    @Test func `is advised when the keys are lost here, and repairs it`() throws {
        let folder = MemoryFolder()
        folder["bonds"] = Array("homeward-bonds 1\nrubbish\n".utf8)
        try RadioStage.play(folder: folder) { stage in
            let device = Device.numbered(1)
            device.key = Array(repeating: 3, count: 16)
            stage.kernel.add(device)
            stage.radio.setKnown([KnownDevice(device.address, pairing: .bonded)])
            await stage.pass(1)
            #expect(await stage.problem(opening: device) == .bondStaleHere)
            #expect(device.connections.isEmpty)
            #expect(stage.folder["bonds.damaged"] != nil)
            #expect(await stage.pair(device, guide: Guide()) == nil)
            guard case .success = await stage.open(device) else { throw Unexpected("not opened") }
        }
    }

    @Test func `is forgotten when a person says so`() throws {
        try RadioStage.play { stage in
            let device = Device.numbered(1)
            stage.kernel.add(device)
            await stage.pass(1)
            #expect(await stage.pair(device, guide: Guide()) == nil)
            stage.radio.setKnown([KnownDevice(device.address, pairing: .bonded)])
            guard case .success = await stage.open(device) else { throw Unexpected("not opened") }
            try await stage.radio.unpair(device.address)
            #expect(!stage.radio.isPaired(device.address))
            #expect(stage.kernel.longTermKeys.isEmpty)
            await stage.pass(60)
            #expect(!device.isConnected)
            #expect(device.connections.count == 1)
        }
    }
}
