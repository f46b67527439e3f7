import Bluetooth
import Bytes
import DriverKit
import Loop
import Simulation
import Testing
import Vitals

@Suite struct `What is known of a device's services` {
    static let hash = [UInt8](repeating: 0xA5, count: 16)
    static let discovery = ["read by group type", "find information"]
    static let file = GATTCache.name(of: GATTBench.device)

    /// What each of two connections asked, and what it gave.
    static func lives(
        _ pairing: BluetoothProfile.Pairing = .none, databaseHash: [UInt8]? = hash,
        hasServiceChanged: Bool = false,
        between change: @escaping @Sendable (ScriptedPeripheral, MemoryFolder) async -> Void = { _, _ in }
    ) -> (asked: [[String]], told: [[String]], lines: [String], names: [String])? {
        EventLoop.simulate { loop in
            let folder = MemoryFolder()
            let bench = GATTBench(
                on: loop, GATTBench.profile(GATTBench.heart.characteristics, pairing: pairing), folder: folder)
            let peripheral = ScriptedPeripheral(
                on: loop, services: GATTBench.services(), databaseHash: databaseHash,
                hasServiceChanged: hasServiceChanged)
            peripheral.onSubscription = { _, _ in peripheral.notify(GATTBench.measurement, [7]) }
            var asked: [[String]] = []
            var told: [[String]] = []
            for life in 0 ..< 2 {
                if life == 1 {
                    peripheral.reconnect()
                    await change(peripheral, folder)
                }
                told.append(await bench.life(of: peripheral))
                asked.append(peripheral.asked)
            }
            return (asked, told, bench.lines.all, folder.names)
        }
    }

    @Test func `spares the second connection all discovery when the hash is the same`() throws {
        let lives = try #require(Self.lives())
        #expect(lives.asked[0].contains("read by group type"))
        #expect(lives.asked[1] == ["exchange of the MTU", "read by type", "read", "write"])
        #expect(lives.told[0] == ["location 01", "rate 07"])
        #expect(lives.told[1] == lives.told[0])
        #expect(lives.names == ["gatt-c4b500112233-random"])
    }

    @Test func `is found out again when the hash is another`() throws {
        let lives = try #require(
            Self.lives { peripheral, _ in
                peripheral.describe(
                    [
                        ScriptedPeripheral.Service(
                            GATTType.genericAttribute,
                            [ScriptedPeripheral.Characteristic(GATTType.databaseHash, .read, [UInt8](0 ..< 16))])
                    ] + GATTBench.services())
            })
        #expect(lives.asked[1].contains("read by group type"))
        #expect(lives.told[1] == ["location 01", "rate 07"])
    }

    @Test func `is not believed of a device without a hash that needs no bond`() throws {
        let lives = try #require(Self.lives(databaseHash: nil, hasServiceChanged: true))
        #expect(lives.asked[1].contains("read by group type"))
    }

    @Test func `is believed of a bonded device that tells of changes`() throws {
        let lives = try #require(Self.lives(.bonded, databaseHash: nil, hasServiceChanged: true))
        #expect(!lives.asked[1].contains("read by group type"))
        #expect(lives.told[1] == ["location 01", "rate 07"])
    }

    @Test func `is not believed of a bonded device that does not tell of changes`() throws {
        let lives = try #require(Self.lives(.bonded, databaseHash: nil))
        #expect(lives.asked[1].contains("read by group type"))
    }

    @Test(arguments: [
        "", "homeward-gatt 1\n", "homeward-gatt 2\nsum 0\n", "   \n \n", "\u{0}\u{1}\u{2}",
        String(repeating: "service 180d 0001 0002\n", count: 4000),
    ])
    func `is found out again when its file is damaged`(_ text: String) throws {
        let lives = try #require(
            Self.lives { _, folder in try? await folder.write(Array(text.utf8), to: Self.file) })
        #expect(lives.asked[1].contains("read by group type"))
        #expect(lives.told[1] == ["location 01", "rate 07"])
        #expect(lives.lines == ["what was kept of the device's services is damaged, and is found out again"])
    }

    @Test func `is not believed when any bit of its file is turned`() throws {
        let file = try #require(
            EventLoop.simulate { loop -> [UInt8] in
                let folder = MemoryFolder()
                let peripheral = ScriptedPeripheral(
                    on: loop, services: GATTBench.services(), databaseHash: Self.hash)
                _ = await GATTBench(on: loop, folder: folder).life(of: peripheral)
                return (try? await folder.read(Self.file)) ?? []
            })
        #expect(file.count > 100)
        for place in stride(from: 0, to: file.count, by: 5) {
            let lives = try #require(
                Self.lives { _, folder in
                    var damaged = file
                    damaged[place] ^= 1 << UInt8(place % 7)
                    try? await folder.write(damaged, to: Self.file)
                })
            #expect(lives.asked[1].contains("read by group type"), "byte \(place)")
        }
    }

    @Test func `is found out again when the handles turn out to be wrong`() throws {
        // A device that keeps its hash although it has other services now.
        let lives = try #require(
            Self.lives { peripheral, _ in
                peripheral.describe(
                    [
                        ScriptedPeripheral.Service(
                            GATTType.genericAttribute,
                            [ScriptedPeripheral.Characteristic(GATTType.databaseHash, .read, Self.hash)])
                    ] + GATTBench.services())
            })
        #expect(lives.told[1].last == "rate 07")
        #expect(lives.asked[1].contains("read by group type"))
    }

    @Test func `ends the link, and is forgotten, when the device says that it changed`() throws {
        let told = EventLoop.simulate { loop -> ([String], [String], Int) in
            let folder = MemoryFolder()
            let peripheral = ScriptedPeripheral(
                on: loop, services: GATTBench.services(), databaseHash: Self.hash, hasServiceChanged: true)
            guard let link = try? await GATTBench(on: loop, folder: folder).open(peripheral) else {
                return ([], [], 0)
            }
            peripheral.notify(GATTBench.measurement, [1], after: .milliseconds(100))
            peripheral.notify(GATTType.serviceChanged, [1, 0, 0xFF, 0xFF], after: .milliseconds(200))
            return (
                await GATTBench.chunks(of: link, on: loop), folder.names, peripheral.confirmations.count
            )
        }
        #expect(told?.0.prefix(2) == ["location 01", "rate 01"])
        #expect(told?.0.last?.hasPrefix("the connection was lost (the device has other services") == true)
        #expect(told?.1 == [])
        #expect(told?.2 == 1)
    }

    @Test func `is looked for once more when it changes while it is looked for`() {
        let told = EventLoop.simulate { loop -> ([String], Int) in
            let peripheral = ScriptedPeripheral(
                on: loop, services: GATTBench.services(), databaseHash: Self.hash, hasServiceChanged: true)
            let handle = UInt8(peripheral.handle(of: GATTType.serviceChanged) ?? 0)
            // A bonded device tells it right at the start, before anybody knows what that handle is.
            peripheral.say([0x1D, handle, 0, 1, 0, 0xFF, 0xFF])
            let chunks = await GATTBench(on: loop, folder: MemoryFolder()).life(of: peripheral)
            return (chunks, peripheral.confirmations.count)
        }
        #expect(told?.0 == ["location 01"])
        #expect(told?.1 == 1)
    }

    @Test func `is given up on when it changes without an end`() {
        let told = EventLoop.simulate { loop in
            let peripheral = ScriptedPeripheral(
                on: loop, services: GATTBench.services(), databaseHash: Self.hash, hasServiceChanged: true)
            peripheral.onSubscription = { type, _ in peripheral.notify(type, [1, 0, 0xFF, 0xFF]) }
            return await GATTBench(on: loop).life(of: peripheral)
        }
        #expect(told?.first?.contains("services changed 3 times") == true)
    }
}
