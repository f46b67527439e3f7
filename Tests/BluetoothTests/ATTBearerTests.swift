import Bluetooth
import Bytes
import DriverKit
import Loop
import Simulation
import Testing
import Vitals

/// What a device may do wrong, and what becomes of the link.
@Suite struct `A device` {
    /// Opens a link to a device that says `said` to PDUs with that opcode, and tells how it ends.
    static func life(whenAsked opcode: ATTOpcode, says said: [[UInt8]]) -> [String] {
        EventLoop.simulate { loop in
            let peripheral = ScriptedPeripheral(on: loop, services: GATTBench.services(), mtu: 100)
            peripheral.interfere = { $0.first == opcode.rawValue ? said : nil }
            let bench = GATTBench(on: loop)
            return await bench.life(of: peripheral) + bench.lines.all
        } ?? []
    }

    @Test(arguments: [
        ATTOpcode.exchangeMTURequest, .readByTypeRequest, .readByGroupTypeRequest, .findInformationRequest,
        .readRequest, .writeRequest,
    ])
    func `that does not answer is given up after 30 seconds`(_ opcode: ATTOpcode) {
        let told = EventLoop.simulate { loop -> (String, Double) in
            let peripheral = ScriptedPeripheral(on: loop, services: GATTBench.services())
            peripheral.unanswered = [opcode]
            let life = await GATTBench(on: loop).life(of: peripheral)
            return (life.joined(), Double((loop.now - .boot).wholeMilliseconds) / 1000)
        }
        #expect(told?.0.hasPrefix("the device is connected and does not answer (\(opcode.name)") == true)
        #expect(told?.0.contains("not answered within 30 s") == true)
        #expect(told?.1 == 30)
    }

    @Test func `that did not answer is not asked again`() {
        let told = EventLoop.simulate { loop -> ([String], Int) in
            let peripheral = ScriptedPeripheral(on: loop, services: GATTBench.services())
            guard let link = try? await GATTBench(on: loop).open(peripheral) else { return ([], 0) }
            peripheral.unanswered = [.writeRequest]
            var errors: [String] = []
            let before = peripheral.count(of: .writeRequest)
            for _ in 0 ..< 3 {
                do throws(LinkError) {
                    try await link.send([1], to: Channel("control"))
                } catch {
                    errors.append("\(error)")
                }
            }
            return (errors, peripheral.count(of: .writeRequest) - before)
        }
        #expect(told?.0.count == 3)
        #expect(Set(told?.0 ?? []).count == 1)
        #expect(told?.1 == 1)
    }

    @Test func `that answers late, and notifies all the time, is waited for`() {
        let told = EventLoop.simulate { loop in
            let peripheral = ScriptedPeripheral(
                on: loop, services: GATTBench.services(), answersAfter: .seconds(29))
            let handle = UInt8(peripheral.handle(of: GATTBench.measurement) ?? 0)
            for second in 1 ... 200 { peripheral.say([0x1B, handle, 0, UInt8(second)], after: .seconds(second)) }
            return await GATTBench(on: loop).life(of: peripheral)
        }
        #expect(told?.filter { $0.hasPrefix("rate") }.count == 200)
        #expect(told?.contains("location 01") == true)
    }

    @Test func `that sends more than can be kept while it does not answer fails, and loses nothing in silence`() {
        let told = EventLoop.simulate { loop in
            let peripheral = ScriptedPeripheral(on: loop, services: GATTBench.services())
            guard let link = try? await GATTBench(on: loop).open(peripheral) else { return ["not opened"] }
            peripheral.unanswered = [.writeRequest]
            for _ in 0 ..< 1100 { peripheral.notify(GATTBench.measurement, [1]) }
            do throws(LinkError) { try await link.send([1], to: Channel("control")) } catch { return ["\(error)"] }
            return ["sent"]
        }
        #expect(told?.first?.contains("more than 1024 values while a request was not answered") == true)
    }

    /// Answers that are none, and those that would go round for ever.
    @Test(arguments: [
        (ATTOpcode.exchangeMTURequest, "0B 01", "exchange of the MTU was answered with 0B 01"),
        (.exchangeMTURequest, "03 05", "exchange of the MTU was answered with 03 05"),
        (.readByGroupTypeRequest, "11", "read by group type was answered with 11"),
        (.readByGroupTypeRequest, "11 06 05 00 04 00 0D 18", "a list of services at handle 0x0005"),
        (.readByGroupTypeRequest, "11 07 01 00 04 00 0D 18 00", "a list of services at handle 0x0001"),
        (.readByGroupTypeRequest, "11 06 01 00 01 00 0D 18", "a list that goes backwards at handle 0x0001"),
        (.findInformationRequest, "05 01 01 00 00 28", "a list that goes backwards at handle 0x0001"),
        (.readRequest, "09 04 01 00 00 00", "read was answered with 09 04 01 00 00 00"),
        (.writeRequest, "13 00", "write was answered with 13 00"),
        (.writeRequest, "01 12 03", "write was answered with 01 12 03"),
    ])
    func `that answers against the rules fails alone`(_ opcode: ATTOpcode, _ answer: String, _ text: String) throws
    {
        let told = Self.life(whenAsked: opcode, says: [try Hex.bytes(answer)])
        #expect(told.first?.hasPrefix("the device broke the rules of the protocol (\(text))") == true, "\(told)")
    }

    @Test func `that sends a PDU longer than agreed on fails alone`() {
        let told = Self.life(
            whenAsked: .readRequest, says: [[0x1B, 7, 0] + [UInt8](repeating: 0, count: 600)])
        #expect(told.first?.contains("a PDU of 603 bytes") == true)
    }

    @Test func `that says odd things beside the right answer is borne with`() {
        let odd: [[UInt8]] = [
            [], [0x1B], [0x1B, 7], [0x1D, 7], [0x23, 1], [0x1E], [0xFF], [0x7F, 1], [0x00], [0x01, 0x52, 7, 0, 3],
            [0x0B, 0x05],
        ]
        let told = Self.life(whenAsked: .readRequest, says: odd)
        #expect(told.first == "location 05")
        #expect(told.contains("refusal of what was not asked passed over: 0x52, 0x03 Write Not Permitted"))
        #expect(told.contains("cut PDU passed over: 1B 07"))
    }

    @Test func `that answers what nobody asked is borne with`() {
        let told = EventLoop.simulate { loop in
            let bench = GATTBench(on: loop)
            let peripheral = ScriptedPeripheral(on: loop, services: GATTBench.services())
            guard let link = try? await bench.open(peripheral) else { return ["not opened"] }
            peripheral.say([0x13])
            peripheral.notify(GATTBench.measurement, [1])
            return await GATTBench.chunks(of: link, on: loop) + bench.lines.all
        }
        #expect(told == ["location 01", "rate 01", "answer to nothing passed over: write"])
    }

    @Test func `that does not know the exchange of the MTU has the smallest`() {
        let told = EventLoop.simulate { loop -> Int? in
            let peripheral = ScriptedPeripheral(on: loop, services: GATTBench.services())
            peripheral.interfere = { $0.first == 0x02 ? [[0x01, 0x02, 0, 0, 0x06]] : nil }
            return try? await GATTBench(on: loop).open(peripheral).mtu
        }
        #expect(told == 23)
    }

    @Test func `that is closed from here ends whoever waits`() {
        let told = EventLoop.simulate { loop in
            let peripheral = ScriptedPeripheral(on: loop, services: GATTBench.services())
            guard let link = try? await GATTBench(on: loop).open(peripheral) else { return ["not opened"] }
            _ = try? await link.receive(before: loop.now)
            nonisolated(unsafe) let shared = link
            Task(executorPreference: loop) {
                await loop.sleep(until: loop.now + .seconds(10))
                unsafe shared.close()
            }
            do throws(LinkError) { _ = try await link.receive(before: .never) } catch { return ["\(error)"] }
            return ["received"]
        }
        #expect(told == ["closed here"])
    }
}
