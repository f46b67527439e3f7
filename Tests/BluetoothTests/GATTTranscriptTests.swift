import Bluetooth
import Bytes
import DriverKit
import Loop
import Simulation
import Testing
import Vitals

/// Whole conversations, byte by byte, with devices that number their attributes as they like.
@Suite struct `A conversation` {
    /// A device that answers exactly these PDUs, each once, and notes any other. What follows an answer comes 10 ms
    /// later.
    static func device(on loop: EventLoop, _ conversation: [(String, [String])], unknown: Lines) -> ScriptedLink {
        var rest = conversation
        let answer = { (asked: [UInt8], at: Instant) -> [ScriptedEvent] in
            let text = Hex.text(asked)
            guard let place = rest.firstIndex(where: { $0.0 == text }) else {
                unknown.add(text)
                return []
            }
            return rest.remove(at: place).1.enumerated().compactMap { place, hex in
                (try? Hex.bytes(hex)).map { .bytes($0, at: at + .milliseconds(10 * place)) }
            }
        }
        return ScriptedLink(path: "device", on: loop, next: { nil }, answer: answer)
    }

    static let uart = "9E CA DC 24 0E E5 A9 E0 93 F3 A3 B5"

    @Test func `with a device of its own service, with gaps in its handles`() throws {
        let base = "b5a3-f393-e0a9-e50e24dcca9e"
        let service = try #require(BluetoothUUID("6e400001-\(base)"))
        let toDevice = try #require(BluetoothUUID("6e400002-\(base)"))
        let fromDevice = try #require(BluetoothUUID("6e400003-\(base)"))
        let profile = BluetoothProfile(
            recognition: [],
            characteristics: [
                CharacteristicUse(
                    Channel("from"), service: service, characteristic: fromDevice, access: .subscribe,
                    framing: .stream),
                CharacteristicUse(
                    Channel("to"), service: service, characteristic: toDevice, access: .writeWithoutResponse,
                    framing: .stream),
            ], mtuMin: 247)
        let told = EventLoop.simulate { loop in
            let lines = Lines()
            let bench = GATTBench(on: loop, profile)
            let device = Self.device(on: loop, Self.uartConversation, unknown: lines)
            do throws(LinkError) {
                let link = try await bench.open(device)
                try await link.send([1, 2], to: Channel("to"))
                return await GATTBench.chunks(of: link, on: loop) + lines.all + bench.lines.all
            } catch {
                return ["\(error)"] + lines.all
            }
        }
        #expect(told == ["from AA 55", "from 01 02", "from 00"])
    }

    static let uartConversation: [(String, [String])] = [
        ("02 05 02", ["03 F7 00"]),
        ("08 01 00 FF FF 2A 2B", ["01 08 01 00 0A"]),
        // Two services with short names, then one with a long name up to the last handle.
        ("10 01 00 FF FF 00 28", ["11 06 01 00 09 00 00 18 0A 00 0D 00 01 18"]),
        ("10 0E 00 FF FF 00 28", ["11 14 20 00 FF FF \(uart) 01 00 40 6E"]),
        // Service Changed.
        ("08 0A 00 0D 00 03 28", ["09 07 0B 00 20 0C 00 05 2A"]),
        ("08 0C 00 0D 00 03 28", ["01 08 0C 00 0A"]),
        ("04 0D 00 0D 00", ["05 01 0D 00 02 29"]),
        // Two characteristics, and the name of the second before its switch.
        ("08 20 00 FF FF 03 28", ["09 15 21 00 0C 22 00 \(uart) 02 00 40 6E"]),
        ("08 22 00 FF FF 03 28", ["09 15 33 00 10 34 00 \(uart) 03 00 40 6E"]),
        ("08 34 00 FF FF 03 28", ["01 08 34 00 0A"]),
        ("04 35 00 FF FF", ["05 01 35 00 01 29 36 00 02 29"]),
        // Subscriptions; the second is answered after its first value.
        ("12 0D 00 02 00", ["13"]),
        ("12 36 00 01 00", ["1B 34 00 AA 55", "13", "1B 34 00 00"]),
        ("52 22 00 01 02", ["1B 34 00 01 02"]),
    ]

    @Test func `with a small thermometer that indicates, knows no MTU and no end of its lists`() {
        let profile = BluetoothProfile(
            recognition: [],
            characteristics: [
                CharacteristicUse(
                    Channel("temperature"), service: BluetoothUUID(0x1809), characteristic: BluetoothUUID(0x2A1C),
                    access: .subscribe)
            ])
        let told = EventLoop.simulate { loop in
            let lines = Lines()
            let bench = GATTBench(on: loop, profile)
            let device = Self.device(on: loop, Self.thermometerConversation, unknown: lines)
            do throws(LinkError) {
                let link = try await bench.open(device)
                return await GATTBench.chunks(of: link, on: loop) + lines.all
            } catch {
                return ["\(error)"] + lines.all
            }
        }
        // 36.4 degrees, and the second after the first was confirmed.
        #expect(told == ["temperature 06 6C 01 00 FF", "temperature 06 6D 01 00 FF"])
    }

    static let thermometerConversation: [(String, [String])] = [
        ("02 05 02", ["01 02 00 00 06"]),
        ("08 01 00 FF FF 2A 2B", ["01 08 01 00 06"]),
        ("10 01 00 FF FF 00 28", ["11 06 01 00 05 00 00 18 10 00 14 00 09 18"]),
        // Not "attribute not found", as it should be.
        ("10 15 00 FF FF 00 28", ["01 10 15 00 01"]),
        ("08 10 00 14 00 03 28", ["09 07 11 00 20 12 00 1C 2A"]),
        ("08 12 00 14 00 03 28", ["01 08 12 00 0E"]),
        ("04 13 00 14 00", ["05 01 13 00 02 29"]),
        ("12 13 00 02 00", ["13", "1D 12 00 06 6C 01 00 FF"]),
        ("1E", ["1D 12 00 06 6D 01 00 FF"]),
        ("1E", []),
    ]

    @Test func `in which a bonded device speaks before it is asked`() {
        let told = EventLoop.simulate { loop in
            let peripheral = ScriptedPeripheral(on: loop, services: GATTBench.services())
            let handle = UInt8(peripheral.handle(of: GATTBench.measurement) ?? 0)
            for number in 1 ... 3 { peripheral.say([0x1B, handle, 0, UInt8(number)]) }
            return await GATTBench(on: loop).life(of: peripheral)
        }
        #expect(told == ["rate 01", "rate 02", "rate 03", "location 01"])
    }
}
