import Bluetooth
import Bytes
import DriverKit
import Loop
import Simulation
import Testing
import Vitals

@Suite struct `A GATT link` {
    @Test func `reads, subscribes and gives values as chunks of its channels`() {
        let told = EventLoop.simulate { loop in
            let bench = GATTBench(on: loop)
            let peripheral = ScriptedPeripheral(on: loop, services: GATTBench.services())
            peripheral.onSubscription = { type, _ in
                for number in 1 ... 3 { peripheral.notify(type, [0, UInt8(number)], after: .milliseconds(number)) }
            }
            return await bench.life(of: peripheral) + bench.lines.all
        }
        #expect(told == ["location 01", "rate 00 01", "rate 00 02", "rate 00 03"])
    }

    @Test func `tells its channels in the profile's order, and the device's services`() {
        let told = EventLoop.simulate { loop in
            let peripheral = ScriptedPeripheral(
                on: loop, services: [ScriptedPeripheral.Service(BluetoothUUID(0x180F), [])] + GATTBench.services())
            guard let link = try? await GATTBench(on: loop).open(peripheral) else { return ["not opened"] }
            return [
                link.channels.map(\.name).joined(separator: " "),
                link.services.map(\.description).joined(separator: " "), "\(link.mtu)",
            ]
        }
        #expect(told == ["location rate control", "1800 1801 180f 180d", "247"])
    }

    @Test func `keeps notifications that come before the subscription is answered`() {
        let told = EventLoop.simulate { loop in
            let peripheral = ScriptedPeripheral(on: loop, services: GATTBench.services())
            peripheral.onSubscription = { type, _ in
                for number in 1 ... 20 { peripheral.notify(type, [UInt8(number)]) }
            }
            return await GATTBench(on: loop).life(of: peripheral)
        }
        #expect(told == ["location 01"] + (1 ... 20).map { "rate \(Hex.text([UInt8($0)]))" })
    }

    @Test func `keeps the order of notifications that come while requests wait`() {
        let told = EventLoop.simulate { loop in
            let peripheral = ScriptedPeripheral(
                on: loop, services: GATTBench.services(), answersAfter: .milliseconds(50))
            guard let link = try? await GATTBench(on: loop).open(peripheral) else { return ["not opened"] }
            for number in 1 ... 100 {
                peripheral.notify(GATTBench.measurement, [UInt8(number)], after: .milliseconds(10 * number))
            }
            for _ in 1 ... 10 { try? await link.send([1], to: Channel("control")) }
            return await GATTBench.chunks(of: link, on: loop)
        }
        #expect(told == ["location 01"] + (1 ... 100).map { "rate \(Hex.text([UInt8($0)]))" })
    }

    @Test func `gives the parts of a multiple notification one after the other`() {
        let told = EventLoop.simulate { loop in
            let peripheral = ScriptedPeripheral(on: loop, services: GATTBench.services())
            let rate = peripheral.handle(of: GATTBench.measurement) ?? 0
            peripheral.onSubscription = { _, _ in
                peripheral.say(ATTPDU.multipleNotification([ATTValue(rate, [1]), ATTValue(rate, [2, 3])]).bytes)
            }
            return await GATTBench(on: loop).life(of: peripheral)
        }
        #expect(told == ["location 01", "rate 01", "rate 02 03"])
    }

    @Test func `confirms an indication only when the next chunk is asked for`() {
        let counts = EventLoop.simulate { loop in
            let peripheral = ScriptedPeripheral(on: loop, services: GATTBench.services(.indicate))
            guard let link = try? await GATTBench(on: loop).open(peripheral) else { return [-1] }
            _ = try? await link.receive(before: loop.now)
            peripheral.notify(GATTBench.measurement, [1])
            peripheral.notify(GATTBench.measurement, [2])
            var counts: [Int] = []
            for _ in 0 ..< 3 {
                let chunk = try? await link.receive(before: loop.now + .seconds(1))
                await loop.sleep(until: loop.now + .seconds(5))
                counts += [Int(chunk?.bytes.first ?? 0), peripheral.confirmations.count]
            }
            return counts
        }
        #expect(counts == [1, 0, 2, 1, 0, 2])
    }

    @Test func `prefers notifications where the device has both`() {
        let written = EventLoop.simulate { loop in
            let peripheral = ScriptedPeripheral(on: loop, services: GATTBench.services([.notify, .indicate]))
            _ = try? await GATTBench(on: loop).open(peripheral)
            return peripheral.received.compactMap { entry in
                if case .writeRequest(let value) = entry.pdu { Hex.text(value.bytes) } else { nil }
            }
        }
        #expect(written == ["01 00"])
    }

    @Test func `confirms an indication that nobody uses, and gives it to nobody`() {
        let told = EventLoop.simulate { loop in
            let bench = GATTBench(on: loop)
            let peripheral = ScriptedPeripheral(on: loop, services: GATTBench.services())
            peripheral.say([0x1D, 0x77, 0x00, 0x01], after: .seconds(0.5))
            return await bench.life(of: peripheral) + bench.lines.all + ["\(peripheral.confirmations.count)"]
        }
        #expect(told == ["location 01", "value of handle 0x0077, which nobody uses, passed over", "1"])
    }

    @Test func `reads a long value in parts`() {
        let value = (0 ..< 300).map { UInt8(truncatingIfNeeded: $0) }
        let told = EventLoop.simulate { loop in
            let peripheral = ScriptedPeripheral(on: loop, services: GATTBench.services(), mtu: 23)
            peripheral.set(GATTBench.location, to: value)
            return await GATTBench(on: loop).life(of: peripheral) + ["\(peripheral.count(of: .readBlobRequest))"]
        }
        #expect(told == ["location \(Hex.text(value))", "13"])
    }

    @Test func `reads a value that fills its PDU exactly`() {
        let value = [UInt8](repeating: 7, count: 22)
        let told = EventLoop.simulate { loop in
            let peripheral = ScriptedPeripheral(on: loop, services: GATTBench.services(), mtu: 23)
            peripheral.set(GATTBench.location, to: value)
            return await GATTBench(on: loop).life(of: peripheral)
        }
        #expect(told == ["location \(Hex.text(value))"])
    }

    @Test func `says what is missing and what was seen of a device that is another`() {
        let told = EventLoop.simulate { loop in
            let peripheral = ScriptedPeripheral(
                on: loop, services: [ScriptedPeripheral.Service(BluetoothUUID(0x1809), [])])
            return await GATTBench(on: loop).life(of: peripheral)
        }
        #expect(
            told == [
                "the device is none that a driver knows (missing rate (180d/2a37); services seen: 1800 1801 1809): "
                    + BluetoothProblem.unsupportedModel.remedy
            ])
    }

    @Test(arguments: [0x05, 0x08, 0x0C, 0x0F]) func `wants to be paired when the device wants it`(_ code: UInt8) {
        let told = EventLoop.simulate { loop in
            let peripheral = ScriptedPeripheral(
                on: loop, services: GATTBench.services(security: ATTErrorCode(rawValue: code)))
            let bench = GATTBench(on: loop)
            let first = await bench.life(of: peripheral)
            peripheral.isPaired = true
            peripheral.reconnect()
            return first + (await bench.life(of: peripheral))
        }
        let text = "write of handle 0x0008 refused with \(ATTErrorCode(rawValue: code))"
        #expect(told?.first?.hasPrefix("the device wants to be paired first (\(text)") == true)
        #expect(told?.dropFirst() == ["location 01"])
    }

    @Test func `leaves out what is not required and is refused`() {
        let told = EventLoop.simulate { loop in
            let bench = GATTBench(on: loop)
            var services = GATTBench.services()
            services[0].characteristics[1].readRefusal = .application
            let peripheral = ScriptedPeripheral(on: loop, services: services)
            return await bench.life(of: peripheral) + bench.lines.all
        }
        #expect(told?.count == 1)
        #expect(told?.first?.hasPrefix("location left out: read of handle 0x000A refused with 0x80") == true)
    }

    @Test func `says when the device cannot carry what its values need`() {
        let told = EventLoop.simulate { loop in
            let bench = GATTBench(on: loop, GATTBench.profile(GATTBench.heart.characteristics, mtuMin: 100))
            _ = await bench.life(of: ScriptedPeripheral(on: loop, services: GATTBench.services(), mtu: 50))
            return bench.lines.all
        }
        #expect(told == ["the device carries 50 bytes at a time, 100 are needed for whole values"])
    }

    @Test func `gives what came before a lost connection, and then the loss`() {
        let told = EventLoop.simulate { loop in
            let peripheral = ScriptedPeripheral(on: loop, services: GATTBench.services(.indicate))
            peripheral.onSubscription = { type, _ in
                peripheral.notify(type, [1])
                peripheral.say([0x1B, peripheral.handle(of: type).map { UInt8($0) } ?? 0, 0, 2])
            }
            guard let link = try? await GATTBench(on: loop).open(peripheral) else { return ["not opened"] }
            peripheral.leave()
            return await GATTBench.chunks(of: link, on: loop)
        }
        #expect(
            told == [
                "location 01", "rate 01", "rate 02",
                "\(LinkError.bluetooth(.linkLost, "it went away"))",
            ])
    }
}
