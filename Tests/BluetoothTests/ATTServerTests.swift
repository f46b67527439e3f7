import Bluetooth
import Bytes
import DriverKit
import Loop
import Simulation
import Testing
import Vitals

/// The box as a device sees it. Handles: 1 access, 3 name, 5 appearance, 6 attribute, 7 time, 9 current time,
/// 10 its switch, 12 local time information.
@Suite struct `What the box offers to a device` {
    /// What is answered to each PDU, in a link where nothing else is said.
    static func answers(
        to asked: [String], localTime: @escaping @Sendable () -> CivilTime? = { GATTBench.noon }
    ) -> [String] {
        EventLoop.simulate { loop in
            let peripheral = ScriptedPeripheral(on: loop, services: GATTBench.services(), mtu: 23)
            let link = try? await GATTBench(on: loop).open(peripheral, localTime: localTime)
            var answers: [String] = []
            peripheral.interfere = { bytes in
                answers.append(Hex.text(bytes))
                return []
            }
            for pdu in asked {
                let before = answers.count
                peripheral.say((try? Hex.bytes(pdu)) ?? [])
                _ = try? await link?.receive(before: loop.now + .seconds(1))
                _ = try? await link?.receive(before: loop.now + .seconds(1))
                if answers.count == before { answers.append("-") }
            }
            return answers
        } ?? []
    }

    static let table = [
        // The MTU that was agreed on.
        ("02 17 00", "03 05 02"),
        // Services, by group and by value.
        ("10 01 00 FF FF 00 28", "11 06 01 00 05 00 00 18 06 00 06 00 01 18 07 00 0C 00 05 18"),
        ("10 07 00 FF FF 00 28", "11 06 07 00 0C 00 05 18"),
        ("10 08 00 FF FF 00 28", "01 10 08 00 0A"),
        ("10 01 00 FF FF 03 28", "01 10 01 00 10"),
        ("10 05 00 01 00 00 28", "01 10 05 00 01"),
        ("06 01 00 FF FF 00 28 05 18", "07 07 00 0C 00"),
        ("06 01 00 FF FF 00 28 0D 18", "01 06 01 00 0A"),
        // Characteristics and descriptors.
        ("08 07 00 0C 00 03 28", "09 07 08 00 12 09 00 2B 2A 0B 00 02 0C 00 0F 2A"),
        ("08 01 00 FF FF 37 2A", "01 08 01 00 0A"),
        ("08 00 00 FF FF 03 28", "01 08 00 00 01"),
        ("04 0A 00 0A 00", "05 01 0A 00 02 29"),
        ("04 0D 00 FF FF", "01 04 0D 00 0A"),
        // Values.
        ("0A 03 00", "0B 48 6F 6D 65 77 61 72 64"),
        ("0C 03 00 04 00", "0D 77 61 72 64"),
        ("0C 03 00 08 00", "0D"),
        ("0C 03 00 09 00", "01 0C 03 00 07"),
        ("0A 09 00", "0B E1 07 01 04 0B 26 2D 03 00 00"),
        ("08 01 00 FF FF 2B 2A", "09 0C 09 00 E1 07 01 04 0B 26 2D 03 00 00"),
        ("0A 0C 00", "0B 80 FF"),
        ("0A 00 00", "01 0A 00 00 01"),
        ("0A 0D 00", "01 0A 0D 00 01"),
        // The switch of the clock may be turned, nothing else may be written.
        ("12 0A 00 01 00", "13"),
        ("12 0A 00 01", "01 12 0A 00 0D"),
        ("12 0A 00 09 00", "01 12 0A 00 FD"),
        ("12 03 00 41", "01 12 03 00 03"),
        ("12 30 00 41", "01 12 30 00 01"),
        ("16 03 00 00 00 41", "01 16 03 00 03"),
        ("18 01", "19"),
        // What is not known, too short, or not answered.
        ("0E 03 00 05 00", "01 0E 00 00 06"),
        ("20 03 00 05 00", "01 20 00 00 06"),
        ("14", "01 14 00 00 06"),
        ("0A 03", "01 0A 00 00 04"),
        ("52 03 00 41", "-"),
        ("D2 03 00 41 00 00 00 00 00 00 00 00 00 00 00 00", "-"),
        ("7E 01 02", "-"),
        ("1E", "-"),
        ("13", "-"),
        ("25 00", "-"),
    ]

    @Test(arguments: table) func `is told so`(_ asked: String, _ answer: String) {
        #expect(Self.answers(to: [asked]) == [answer])
    }

    @Test func `has no time while the box does not know it`() {
        #expect(Self.answers(to: ["0A 09 00"], localTime: { nil }) == ["01 0A 09 00 80"])
    }

    @Test func `is a name that was not changed by a device that tried`() {
        #expect(
            Self.answers(to: ["52 03 00 41", "12 03 00 41", "0A 03 00"])
                == ["-", "01 12 03 00 03", "0B 48 6F 6D 65 77 61 72 64"])
    }

    @Test(arguments: [(7, 1), (8, 2), (13, 7)]) func `counts weekdays from Monday to Sunday`(
        _ day: Int, _ number: Int
    ) {
        // 7 January 2019 was a Monday.
        let time = CivilTime(year: 2019, month: 1, day: day)
        let answer = Self.answers(to: ["0A 09 00"], localTime: { time })
        #expect(answer == ["0B E3 07 01 \(Hex.text([UInt8(day)])) 00 00 00 \(Hex.text([UInt8(number)])) 00 00"])
    }

    @Test func `is answered while a request of ours waits`() {
        let told = EventLoop.simulate { loop in
            let peripheral = ScriptedPeripheral(on: loop, services: GATTBench.services())
            var asked = false
            peripheral.interfere = { bytes in
                // Before it answers the first read, the device wants to know the time.
                guard bytes.first == ATTOpcode.readRequest.rawValue, !asked else { return nil }
                asked = true
                peripheral.say([0x0A, 0x09, 0x00])
                return [[0x0B, 0x02]]
            }
            return await GATTBench(on: loop).life(of: peripheral)
                + peripheral.received.filter { $0.pdu.opcode == .readResponse }.map { Hex.text($0.pdu.bytes) }
        }
        #expect(told == ["location 02", "0B E1 07 01 04 0B 26 2D 03 00 00"])
    }
}
