import Agent
import DriverKit
import Drivers
import Loop
import Simulation
import Testing
import Vitals

/// A cable that cuts, drops, doubles, flips and holds up bytes, between real drivers and the alarms.
@Suite struct `A hostile line` {
    /// Far worse than any cable: a third of all chunks is damaged.
    static let malice = HostileLink.Malice(
        cut: 0.5, drop: 0.1, duplicate: 0.1, flip: 0.1, delay: 0.1, delayMax: .seconds(2))

    @Test(arguments: UInt64(1) ... 100) func `raises no alert from garbage on a healthy patient`(_ seed: UInt64)
        throws
    {
        for wire in Wire.all {
            let record = try stage(wire, seed: seed, Self.malice) { 94 + UInt8($0 % 5) }.play()
            #expect(record.alerts.isEmpty, "\(wire.id)")
            #expect(record.values("oxygen-saturation").count >= 30, "\(wire.id) understood too little")
        }
    }

    @Test(arguments: UInt64(1) ... 20) func `does not hide a patient who desaturates`(_ seed: UInt64) throws {
        for wire in Wire.all {
            let record = try stage(wire, seed: seed, HostileLink.Malice()) { $0 < 20 ? 97 : 80 }.play()
            #expect(record.alerts.contains { $0.hasSuffix("high oxygen-saturation-low") }, "\(wire.id)")
        }
    }

    private func stage(
        _ wire: Wire, seed: UInt64, _ malice: HostileLink.Malice, _ saturation: @escaping @Sendable (Int) -> UInt8
    ) throws -> Stage {
        var stage = Stage()
        stage.seconds = 60
        stage.seed = seed
        stage.devices = [
            DeviceSetup(
                id: name("oximeter-1"), driver: try #require(Catalogue.driver(id: wire.id)),
                address: .serial(path: "/dev/wire", SerialSettings(baud: 9600)), patient: name("p-17"))
        ]
        stage.plug = { connector, loop in
            connector.add("/dev/wire") {
                var third = 0
                let link = ScriptedLink(
                    path: "/dev/wire", on: loop,
                    next: {
                        guard third < 180 else { return nil }
                        defer { third += 1 }
                        return .bytes(
                            wire.third(saturation(third / 3), third),
                            at: .boot + .milliseconds(Int64(third) * 1000 / 3))
                    })
                return HostileLink(link, on: loop, seed: Seed(seed), malice)
            }
        }
        return stage
    }
}

/// What a device sends in a third of a second, with a pulse of 70.
struct Wire: Sendable {
    let id: String
    /// The saturation, and the number of the third.
    let third: @Sendable (UInt8, Int) -> [UInt8]

    static let all = [
        Wire(id: "berrymed-bci") { saturation, number in
            (0 ..< 33).flatMap { [0x85, wave(number * 33 + $0), 0x04, 70, saturation] as [UInt8] }
        },
        Wire(id: "contec-cms50-v5") { saturation, number in
            (0 ..< 20).flatMap { [0x85, wave(number * 20 + $0), 0x04, 70, saturation] as [UInt8] }
        },
        Wire(id: "nonin-serial") { saturation, number in
            (0 ..< 25).flatMap { place in
                let status: UInt8 = place == 0 ? 0x81 : 0x80
                let value: UInt8 = place == 1 ? 70 : place == 2 ? saturation : 0
                let frame = [1, status, wave(number * 25 + place), value]
                return frame + [frame.reduce(0, &+)]
            }
        },
    ]

    private static func wave(_ sample: Int) -> UInt8 { UInt8(20 + sample * 7 % 80) }
}
