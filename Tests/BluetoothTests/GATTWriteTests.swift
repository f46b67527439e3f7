import Bluetooth
import Bytes
import DriverKit
import Loop
import Simulation
import Testing
import Vitals

@Suite struct `A request to a device` {
    static let long = (0 ..< 60).map { UInt8($0) }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var use: CharacteristicUse
        var properties: GATTProperties
        var mtu = 23
        var bytes = long
        /// Length of each piece that arrives, with `!` behind it where an answer was wanted.
        var pieces: String
    }

    static func use(
        _ access: CharacteristicUse.Access, framing: CharacteristicUse.Framing = .message, max: Int? = nil
    ) -> CharacteristicUse {
        GATTBench.use("control", GATTBench.control, access, framing: framing, writeBytesMax: max)
    }

    static let cases = [
        Case(
            testDescription: "fits", use: use(.write), properties: .write, bytes: [1, 2], pieces: "write 2"),
        Case(
            testDescription: "is empty", use: use(.write), properties: .write, bytes: [], pieces: "write 0"),
        Case(
            testDescription: "is longer than the MTU, one message: a long write", use: use(.write),
            properties: .write, pieces: "prepare 18, prepare 18, prepare 18, prepare 6, execute"),
        Case(
            testDescription: "is a stream: pieces", use: use(.write, framing: .stream), properties: .write,
            pieces: "write 20, write 20, write 20"),
        Case(
            testDescription: "has a length of pieces", use: use(.write, max: 25), properties: .write, mtu: 247,
            pieces: "write 25, write 25, write 10"),
        Case(
            testDescription: "has a length of pieces above the MTU", use: use(.write, max: 50), properties: .write,
            pieces: "write 20, write 20, write 20"),
        Case(
            testDescription: "fits a larger MTU", use: use(.write), properties: .write, mtu: 247,
            pieces: "write 60"),
        Case(
            testDescription: "without response", use: use(.writeWithoutResponse),
            properties: [.write, .writeWithoutResponse], pieces: "command 20, command 20, command 20"),
        Case(
            testDescription: "with response although the driver wants none: the device has only that",
            use: use(.writeWithoutResponse), properties: .write, bytes: [1], pieces: "write 1"),
        Case(
            testDescription: "without response although the driver wants one: the device has only that",
            use: use(.write), properties: .writeWithoutResponse, bytes: [1], pieces: "command 1"),
    ]

    static func piece(_ pdu: ATTPDU) -> String? {
        switch pdu {
        case .writeRequest(let value): "write \(value.bytes.count)"
        case .writeCommand(let value): "command \(value.bytes.count)"
        case .prepareWriteRequest(let value, _): "prepare \(value.bytes.count)"
        case .executeWriteRequest(true): "execute"
        case .executeWriteRequest(false): "cancel"
        default: nil
        }
    }

    @Test(arguments: cases) func `is written`(_ row: Case) {
        let told = EventLoop.simulate { loop -> (String, [UInt8]) in
            let peripheral = ScriptedPeripheral(
                on: loop, services: GATTBench.services(control: row.properties), mtu: row.mtu)
            var written: [UInt8] = []
            peripheral.onWrite = { _, value in written += value }
            let bench = GATTBench(on: loop, GATTBench.profile([row.use]))
            guard let link = try? await bench.open(peripheral) else { return ("not opened", []) }
            try? await link.send(row.bytes, to: Channel("control"))
            _ = await GATTBench.chunks(of: link, on: loop)
            let pieces = peripheral.received.compactMap { Self.piece($0.pdu) }
            return (pieces.joined(separator: ", "), written)
        }
        #expect(told?.0 == row.pieces)
        #expect(told?.1 == row.bytes)
    }

    @Test func `that is refused is logged, and the link goes on`() {
        let told = EventLoop.simulate { loop in
            var services = GATTBench.services()
            services[0].characteristics[2].writeRefusal = .writeRequestRejected
            let peripheral = ScriptedPeripheral(on: loop, services: services)
            let bench = GATTBench(on: loop)
            guard let link = try? await bench.open(peripheral) else { return ["not opened"] }
            for _ in 0 ..< 100 { try? await link.send([1], to: Channel("control")) }
            peripheral.notify(GATTBench.measurement, [5])
            return await GATTBench.chunks(of: link, on: loop) + bench.lines.all
        }
        #expect(told?.prefix(2) == ["location 01", "rate 05"])
        #expect(told?.dropFirst(2).first?.hasPrefix("write of handle 0x000C refused with 0xFC") == true)
        #expect(told?.count == 2 + 21)
        #expect(told?.last == "more of this connection is not told")
    }

    @Test func `that needs a bond ends the link so`() {
        let told = EventLoop.simulate { loop -> String in
            var services = GATTBench.services()
            services[0].characteristics[2].security = .insufficientEncryption
            let peripheral = ScriptedPeripheral(on: loop, services: services)
            guard let link = try? await GATTBench(on: loop).open(peripheral) else { return "not opened" }
            do throws(LinkError) { try await link.send([1], to: Channel("control")) } catch { return "\(error)" }
            return "sent"
        }
        #expect(told?.contains("wants to be paired first (write of handle 0x000C refused with 0x0F") == true)
    }

    @Test func `to a channel that is not there is logged`() {
        let told = EventLoop.simulate { loop in
            let bench = GATTBench(on: loop)
            let peripheral = ScriptedPeripheral(on: loop, services: GATTBench.services(control: .read))
            guard let link = try? await bench.open(peripheral) else { return ["not opened"] }
            try? await link.send([1], to: Channel("control"))
            return bench.lines.all + link.channels.map(\.name)
        }
        #expect(told == ["nothing written to control: the device does not have it", "location", "rate"])
    }

    @Test func `that came back changed is taken back`() {
        let told = EventLoop.simulate { loop in
            let bench = GATTBench(on: loop)
            let peripheral = ScriptedPeripheral(on: loop, services: GATTBench.services(), mtu: 23)
            guard let link = try? await bench.open(peripheral) else { return ["not opened"] }
            peripheral.interfere = { bytes in
                guard bytes.first == ATTOpcode.prepareWriteRequest.rawValue else { return nil }
                return [[ATTOpcode.prepareWriteResponse.rawValue] + bytes.dropFirst().dropLast() + [0xEE]]
            }
            try? await link.send(Self.long, to: Channel("control"))
            return bench.lines.all + peripheral.asked.suffix(2)
        }
        #expect(told == ["a long write came back changed, and is taken back", "prepare write", "execute write"])
    }

    @Test func `goes out while another task listens`() {
        let told = EventLoop.simulate { loop in
            let peripheral = ScriptedPeripheral(
                on: loop, services: GATTBench.services(), answersAfter: .milliseconds(100))
            guard let link = try? await GATTBench(on: loop).open(peripheral) else { return ["not opened"] }
            let lines = Lines()
            nonisolated(unsafe) let shared = link
            Task(executorPreference: loop) {
                while let chunk = try? await unsafe shared.receive(before: loop.now + .seconds(1)) {
                    lines.add("\(chunk.channel) \(Hex.text(chunk.bytes))")
                }
            }
            await loop.sleep(until: loop.now + .milliseconds(500))
            peripheral.notify(GATTBench.measurement, [9], after: .milliseconds(50))
            try? await link.send([1], to: Channel("control"))
            lines.add("written")
            await loop.sleep(until: loop.now + .seconds(5))
            return lines.all
        }
        #expect(told == ["location 01", "rate 09", "written"])
    }
}
