import Agent
import Delivery
import DriverKit
import Drivers
import Loop
import Simulation
import Testing
import Vitals

@Suite struct `Plugging in` {
    private static let drivers: [any Driver.Type] = [
        Beacon<Red>.self, Beacon<Green>.self, Beacon<Blue>.self, Beacon<Own>.self,
    ]

    private func stage(seconds: Int = 60, _ sockets: @escaping @Sendable (Sockets) -> Void) -> Stage {
        var stage = Stage()
        stage.seconds = seconds
        stage.drivers = Self.drivers
        stage.sockets = sockets
        return stage
    }

    @Test(arguments: [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
    func `finds each device's own driver behind the same kind of cable, in any order, on any port`(
        _ order: [Int]
    ) throws {
        let record = try stage { sockets in
            let devices = [Red.gadget(91), Green.gadget(92), Blue.gadget(93)]
            for (place, device) in order.enumerated() {
                sockets.plug(
                    devices[device], Sockets.cable("/dev/ttyUSB\(place)", "0:\(place)", number: "SN-\(device)"),
                    from: Double(place) * 0.1 + 5)
            }
        }.play()
        for (id, value) in [("red-sn-0", 91), ("green-sn-1", 92), ("blue-sn-2", 93)] {
            #expect(record.saturations(id) == [value])
            #expect(try #require(record.firstReading(id)) < .boot + .seconds(7.3))
            #expect(record.links(id) == ["connected", "stopped"])
        }
        #expect(record.drafts.allSatisfy { $0.schema != "reading" || $0.topic.hasPrefix("unassigned/") })
    }

    @Test func `tells two of the same model apart, also where they share a number`() throws {
        let record = try stage { sockets in
            sockets.plug(Red.gadget(91), Sockets.cable("/dev/ttyUSB0", "0:1", number: "77"), from: 1, until: 20)
            sockets.plug(Red.gadget(92), Sockets.cable("/dev/ttyUSB1", "0:2", number: "77"), from: 2, until: 21)
            // Later the second is alone, then the first beside it, with other paths.
            sockets.plug(Red.gadget(92), Sockets.cable("/dev/ttyUSB0", "0:2", number: "77"), from: 30)
            sockets.plug(Red.gadget(91), Sockets.cable("/dev/ttyUSB1", "0:1", number: "77"), from: 40)
        }.play()
        #expect(record.saturations("red-77") == [91])
        #expect(record.saturations("red-77-pci-0000-00-14-0-usb-0-2") == [92])
        #expect(record.devices.count == 2)
    }

    @Test func `knows a device without a number by its port, and one with a number on any port`() throws {
        let record = try stage { sockets in
            sockets.plug(Red.gadget(91), Sockets.cable("/dev/ttyUSB0", "0:1"), from: 1, until: 10)
            sockets.plug(Red.gadget(92), Sockets.cable("/dev/ttyUSB0", "0:2", number: "A7"), from: 12, until: 20)
            sockets.plug(Red.gadget(91), Sockets.cable("/dev/ttyUSB0", "0:1"), from: 22, until: 30)
            sockets.plug(Red.gadget(92), Sockets.cable("/dev/ttyUSB0", "0:1", number: "A7"), from: 32)
        }.play()
        #expect(record.saturations("red-pci-0000-00-14-0-usb-0-1") == [91])
        #expect(record.saturations("red-a7") == [92])
        #expect(record.devices.count == 2)
    }

    @Test func `does not take a number of the factory for a device's own`() throws {
        let record = try stage { sockets in
            sockets.plug(Red.gadget(91), Sockets.cable("/dev/ttyUSB0", "0:1", number: "0001"), from: 1, until: 10)
            sockets.plug(Red.gadget(92), Sockets.cable("/dev/ttyUSB0", "0:2", number: "0001"), from: 12)
        }.play()
        #expect(record.saturations("red-pci-0000-00-14-0-usb-0-1") == [91])
        #expect(record.saturations("red-pci-0000-00-14-0-usb-0-2") == [92])
    }

    @Test func `goes on where it was when it is pulled out in a packet and plugged in again`() throws {
        let record = try stage(seconds: 200) { sockets in
            for time in 0 ..< 20 {
                sockets.plug(
                    Red.gadget(UInt8(80 + time % 5)),
                    Sockets.cable("/dev/ttyUSB\(time % 3)", "0:\(time % 4)", number: "A7"),
                    from: Double(time) * 8 + 1, until: Double(time) * 8 + 6.03)
            }
        }.play()
        #expect(record.devices == ["red-a7"])
        #expect(
            record.links("red-a7") == (0 ..< 20).flatMap { _ in ["connected", "gone"] } + ["stopped"])
        let lines = record.journal.filter { $0.hasPrefix("red-a7: gone") }
        #expect(lines.count == 20)
        #expect(record.journal.count == 20 * 2 + 2, "plugged in once; connected and gone each time; stopped")
        for time in 0 ..< 20 {
            let start = Instant.boot + .seconds(Double(time) * 8 + 1)
            let first = try #require(record.readings("red-a7").first { $0.at > start })
            #expect(first.at < start + .seconds(2))
            #expect(first.value == 80 + time % 5)
        }
    }

    @Test func `needs no probe where the device says who it is, and undoes it when the frames speak against it`()
        throws
    {
        let record = try stage { sockets in
            sockets.plug(
                Own.gadget(91), Sockets.cable("/dev/ttyACM0", "0:1", number: "1", 0x1209, 0x0001), from: 1)
            sockets.plug(
                Red.gadget(92), Sockets.cable("/dev/ttyACM1", "0:2", number: "2", 0x1209, 0x0001), from: 30)
        }.play()
        #expect(record.attempts.filter { $0 < .boot + .seconds(29) }.count == 1)
        #expect(record.saturations("own-1") == [91])
        #expect(record.saturations("own-2") == [])
        #expect(record.saturations("red-2") == [92])
        #expect(try #require(record.firstReading("red-2")) < .boot + .seconds(45))
        #expect(record.journal.contains { $0.contains("what comes is not of driver own") })
    }

    @Test func `changes its mind when another device is put on the same cable`() throws {
        var stage = stage(seconds: 90) { sockets in
            // A cable that stays, and devices on it that go.
            sockets.plug(Red.gadget(91), Sockets.cable("/dev/ttyACM0", "0:1", number: "A7"), from: 1)
            let loop = sockets.loop
            sockets.connector.add("/dev/ttyACM0") {
                let first = Red.gadget(91).link(
                    "/dev/ttyACM0", SerialSettings(baud: 115_200), until: .never, on: loop)
                let second = Green.gadget(92).link(
                    "/dev/ttyACM0", SerialSettings(baud: 19_200), until: .never, on: loop)
                return Swapped(first, second, at: .boot + .seconds(30), loop)
            }
        }
        stage.drivers = Self.drivers
        let record = try stage.play()
        #expect(record.saturations("red-a7") == [91])
        #expect(record.saturations("green-a7") == [92])
        #expect(record.readings("green-a7").allSatisfy { $0.at > .boot + .seconds(30) })
    }

    @Test func `asks only what is harmless, and waits for a device that is switched on later`() throws {
        let quiet = Gadget(head: 0xA1, value: 91, baud: 115_200, speaksFrom: 100)
        let record = try stage(seconds: 120) { sockets in
            sockets.plug(quiet, Sockets.cable("/dev/ttyUSB0", "0:1", number: "A7"), from: 1)
        }.play()
        #expect(Set(quiet.heard.said) == [[0x3F]])
        #expect(record.devices == ["red-a7"])
        #expect(try #require(record.firstReading("red-a7")) < .boot + .seconds(115))
        #expect(record.journal.count { $0.contains("nothing is heard") } == 1)
    }

    @Test(arguments: [0x10C4, 0x2341] as [UInt16], 0 ..< 10)
    func `hears a device that says one word a second while another is being asked, and behind a strange plug`(
        _ vendor: UInt16, _ place: Int
    ) throws {
        let rare = Gadget(head: 0xA1, value: 91, baud: 115_200, speaksFrom: 0.5, interval: .seconds(1))
        var stage = stage { sockets in
            sockets.plug(
                rare, Sockets.cable("/dev/ttyACM0", "0:1", number: "A7", vendor), from: 1 + Double(place) / 10)
        }
        stage.drivers = [Beacon<Red>.self, Beacon<Teal>.self]
        let record = try stage.play()
        #expect(record.devices == ["red-a7"])
        #expect(try #require(record.firstReading("red-a7")) < .boot + .seconds(1 + Double(place) / 10 + 2))
    }

    @Test(arguments: [[], [0xA0, 0xAA], [0xB2]] as [Set<UInt8>])
    func `reads an oximeter that has to be asked within two seconds, also without an answer to everything`(
        _ unknown: Set<UInt8>
    ) throws {
        var stage = stage { sockets in
            let (connector, loop) = (sockets.connector, sockets.loop)
            let port = Sockets.cable("/dev/ttyACM0", "0:1", number: "A7")
            connector.add(port.path) { Contec(without: unknown).link(port.path, on: loop) }
            sockets.ports.plug(port, at: .boot + .seconds(5))
        }
        stage.drivers = [BerryMed.self, ContecV5.self, ContecV7.self, OpenECG.self, OpenSpirometer.self]
        let record = try stage.play()
        #expect(record.saturations("contec-cms50-v7-a7").contains(97))
        #expect(try #require(record.firstReading("contec-cms50-v7-a7")) < .boot + .seconds(7))
    }

    @Test func `only listens to a stranger, and leaves it alone`() throws {
        let stranger = Gadget(head: 0x55, value: 91, baud: 115_200)
        let record = try stage(seconds: 300) { sockets in
            sockets.plug(stranger, Sockets.cable("/dev/ttyACM0", "0:1", 0x2341, 0x0043), from: 1)
            sockets.plug(stranger, Sockets.cable("/dev/ttyUSB0", "0:2", 0x2341, 0x0044), from: 1)
        }.play()
        #expect(stranger.heard.said.isEmpty)
        #expect(record.attempts.count == 3, "where there is no line, and not for ever")
        #expect(record.devices.isEmpty)
    }

    @Test func `leaves ports of the configuration to it, and brings them back without a pause`() throws {
        var stage = stage(seconds: 300) { sockets in
            sockets.ports.link("/dev/serial/by-id/mine", to: "/dev/ttyUSB0")
            let cable = Sockets.cable("/dev/ttyUSB0", "0:1", number: "A7")
            let device = Red.gadget(91)
            sockets.plug(device, cable, from: 1, until: 100)
            sockets.plug(device, cable, from: 200)
            let (connector, loop) = (sockets.connector, sockets.loop)
            connector.add("/dev/serial/by-id/mine") {
                let end = loop.now < .boot + .seconds(150) ? Instant.boot + .seconds(100) : .never
                return device.link("/dev/ttyUSB0", SerialSettings(baud: 115_200), until: end, on: loop)
            }
            connector.set("/dev/serial/by-id/mine", to: .gone, from: .boot + .seconds(100))
            connector.set("/dev/serial/by-id/mine", to: .present, from: .boot + .seconds(200))
        }
        stage.devices = [
            DeviceSetup(
                id: name("mine"), driver: Beacon<Red>.self,
                address: .serial(path: "/dev/serial/by-id/mine", SerialSettings(baud: 115_200)), patient: nil)
        ]
        let record = try stage.play()
        #expect(record.devices == ["mine"])
        #expect(record.attempts.contains { $0 == .boot + .seconds(200) })
    }

    @Test func `is remembered with the patient over a restart`() throws {
        var first = stage { sockets in
            sockets.plug(Red.gadget(91), Sockets.cable("/dev/ttyUSB0", "0:1", number: "A7"), from: 1)
        }
        first.technician = { visit in
            await visit.loop.sleep(until: .boot + .seconds(20))
            _ = await visit.ask(#"{"command":"assign","device":"red-a7","patient":"p-17"}"#)
        }
        _ = try first.play()
        var second = stage { sockets in
            sockets.plug(Red.gadget(92), Sockets.cable("/dev/ttyUSB3", "0:4", number: "A7"), from: 30)
        }
        second.folder = first.folder
        second.technician = { visit in
            await visit.loop.sleep(until: .boot + .seconds(10))
            let told = await visit.ask(#"{"command":"devices"}"#)
            #expect(told[0].contains(#""device":"red-a7""#))
            #expect(told[0].contains(#""origin":"plugged""#))
            #expect(told[0].contains(#""patient":"p-17""#))
            await visit.loop.sleep(until: .boot + .seconds(40))
            #expect(await visit.outcome(#"{"command":"unpair","device":"red-a7"}"#) == "busy")
        }
        let record = try second.play()
        #expect(record.saturations("red-a7") == [92])
        #expect(record.topicsBySecond("oxygen-saturation").allSatisfy { $0.1 == "patient/p-17" })
    }

    @Test func `is forgotten when a technician says so`() throws {
        var stage = stage { sockets in
            sockets.plug(Red.gadget(91), Sockets.cable("/dev/ttyUSB0", "0:1", number: "A7"), from: 1, until: 20)
        }
        stage.technician = { visit in
            await visit.loop.sleep(until: .boot + .seconds(30))
            #expect(await visit.outcome(#"{"command":"unpair","device":"red-a7"}"#) == "done")
            #expect(await visit.ask(#"{"command":"devices"}"#)[0] == #"{"event":"devices","devices":[]}"#)
        }
        _ = try stage.play()
        #expect(
            String(decoding: stage.folder.files["devices.json"] ?? [], as: UTF8.self).contains(#""devices":[]"#))
    }

    @Test func `says once when a port is held by another program`() throws {
        let record = try stage(seconds: 100) { sockets in
            sockets.plug(Red.gadget(91), Sockets.cable("/dev/ttyUSB0", "0:1", number: "A7"), from: 1)
            sockets.connector.set("/dev/ttyUSB0", to: .busy)
            sockets.connector.set("/dev/ttyUSB0", to: .present, from: .boot + .seconds(50))
        }.play()
        #expect(record.journal.count { $0.contains("held by another program") } == 1)
        #expect(try #require(record.firstReading("red-a7")) < .boot + .seconds(58))
    }
}

/// An oximeter with protocol V7.0 that answers within 20 ms, or never.
private struct Contec {
    let unknown: Set<UInt8>

    init(without unknown: Set<UInt8>) { self.unknown = unknown }

    private static let answers: [UInt8: [UInt8]] = [
        0xA7: [0x0C, 0x80], 0xA2: [0x0C, 0x80], 0xA0: [0x06, 0x80, 0x80, 0x87],
        0xA8: [
            0x02, 0x80, 0x80, 0xB5, 0xB0, 0xC4, 0xA8, 0xC1, 0xA9, 0x02, 0x81, 0xFF, 0xAB, 0xA0, 0xA0, 0xA0, 0xA0,
            0xA0,
        ],
        0xA9: [0x03, 0x80, 0xA0, 0xA0, 0xA0, 0xA0, 0xA0, 0xA0, 0xA0],
        0xAA: [0x04, 0x80, 0xF5, 0xF3, 0xE5, 0xF2, 0xA0, 0xA0, 0xA0], 0xAC: [0x0E, 0x80, 0x80],
        0xB0: [0x11, 0x80, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80], 0xB1: [0x0B, 0x81, 0xB1, 0x80],
        0xB2: [0x0B, 0x81, 0xB2, 0x80],
    ]
    private static let live: [UInt8] = [0x01, 0xE8, 0x85, 0xD5, 0x9A, 0x83, 0xE1, 0xFF, 0xFF]

    func link(_ path: String, on loop: EventLoop) -> ScriptedLink {
        let unknown = unknown
        return ScriptedLink(
            path: path, on: loop, next: { nil },
            answer: { bytes, now in
                guard bytes.count == 9 else { return [] }
                let command = bytes[2] & 0x7F | bytes[1] << 7
                if command == 0xA1 {
                    return (1 ... 300).map { .bytes(Self.live, at: now + .milliseconds(20) * $0) }
                }
                guard !unknown.contains(command), let answer = Self.answers[command] else { return [] }
                return [.bytes(answer, at: now + .milliseconds(20))]
            })
    }
}

/// One device, then another on the same cable.
private final class Swapped: Link {
    private let first: ScriptedLink
    private let second: ScriptedLink
    private let at: Instant
    private let loop: EventLoop

    init(_ first: ScriptedLink, _ second: ScriptedLink, at: Instant, _ loop: EventLoop) {
        self.first = first
        self.second = second
        self.at = at
        self.loop = loop
    }

    func receive(before deadline: Instant) async throws(LinkError) -> Chunk? {
        if loop.now >= at { return try await second.receive(before: deadline) }
        return try await first.receive(before: min(deadline, at))
    }

    func send(_ bytes: [UInt8], to channel: Channel) async throws(LinkError) {}

    func close() {
        first.close()
        second.close()
    }
}

extension Stage.Record {
    struct Heard: Equatable {
        var at: Instant
        var value: Int
    }

    /// Saturations of a device, each with the moment in which it was accepted.
    func readings(_ device: String) -> [Heard] {
        entries.flatMap { entry -> [Heard] in
            guard case .accepted(let drafts, _, let at) = entry else { return [] }
            return drafts.filter { $0.schema == "reading" && field("device", in: $0.text) == device }
                .compactMap { Double(number("value", in: $0.text)).map { Heard(at: at, value: Int($0)) } }
        }
    }

    /// Each value once.
    func saturations(_ device: String) -> [Int] { Set(readings(device).map(\.value)).sorted() }

    func firstReading(_ device: String) -> Instant? { readings(device).first?.at }

    /// That have measured anything.
    var devices: [String] {
        let all = drafts.filter { $0.schema == "reading" }.map { field("device", in: $0.text) }
        return Set(all).sorted()
    }
}
