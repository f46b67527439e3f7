import Bytes
import DriverKit
import Drivers
import Oximetry
import Testing
import Vitals

/// A night in the file format of the O2Ring, made by hand: head of 40 bytes, a record of 5 bytes every 4 s.
@Suite struct `A night in a ring's file` {
    /// SpO2 of each record. Counted by hand: six falls of 3 % or more, of them four of 4 % or more.
    private static let night: [UInt8] =
        quiet + fall([94, 93, 92, 91, 91, 93]) + quiet + fall([95, 94, 93, 93, 93, 95]) + quiet
        + fall([93, 90, 88, 87, 89, 93]) + quiet + fall([95, 95, 95, 95]) + quiet
        + fall([94, 92, 91, 90, 90, 94]) + quiet + fall([94, 93, 93, 93, 94]) + quiet
        + fall([92, 89, 85, 85, 90]) + quiet

    /// Ten minutes at 96 %.
    private static let quiet = [UInt8](repeating: 96, count: 150)
    private static func fall(_ values: [UInt8]) -> [UInt8] { values }

    private static func file(_ saturations: [UInt8], name: String) -> [UInt8] {
        var head = [UInt8](repeating: 0, count: 40)
        head[0] = 3
        let seconds = saturations.count * 4
        head[2] = 0xEA
        head[3] = 0x07
        head[4] = 1
        head[5] = 15
        head[13] = UInt8(seconds & 0xFF)
        head[14] = UInt8(seconds >> 8)
        return head + saturations.flatMap { [$0, 60, 0, 0, 0] }
    }

    private static func reply(_ payload: [UInt8]) -> [UInt8] {
        let bytes = [0x55, 0, 0xFF, 0, 0, UInt8(payload.count & 0xFF), UInt8(payload.count >> 8)] + payload
        return bytes + [Checksum.crc8(bytes.span)]
    }

    /// The readings that the driver makes of the file.
    private static func readings(of file: [UInt8]) -> [Reading] {
        var driver = ViatomOxy(settings: DriverSettings(reportsWaveforms: false, fetchesStored: true))
        let channels = [Channel("oxy-reply"), Channel("oxy-request")]
        var readings: [Reading] = []
        var milliseconds: Int64 = 0
        func turn(_ work: (inout Turn) -> Void) {
            milliseconds += 10
            var turn = Turn(
                now: .boot + .milliseconds(milliseconds), localTime: CivilTime("2026-01-16T08:00:00"),
                channels: channels)
            work(&turn)
            for case .reading(let reading) in turn.events { readings.append(reading) }
        }
        turn { driver.begin(&$0) }
        let size = file.count
        let blocks = stride(from: 0, to: size, by: 512).map { Array(file[$0 ..< min($0 + 512, size)]) }
        let answers =
            [Array("{\"FileList\":\"20260115220000,\"}".utf8), (0 ..< 4).map { UInt8(size >> (8 * $0) & 0xFF) }]
            + blocks + [[]]
        for answer in answers {
            let bytes = reply(answer)
            turn { driver.receive(bytes.span, from: Channel("oxy-reply"), &$0) }
        }
        for _ in 0 ..< 10 { turn { driver.wake(&$0) } }
        return readings.filter { $0.metric == .oxygenSaturation && $0.source == .stored }
    }

    @Test func `has the desaturations that a person counts in it`() throws {
        let readings = Self.readings(of: Self.file(Self.night, name: "20260115220000"))
        #expect(readings.count == Self.night.count)
        let first = try #require(readings.first?.deviceTime?.secondsSince1970)
        var night = NightRecord(startSecond: first)
        for reading in readings {
            guard let time = reading.deviceTime else { continue }
            night.set(second: time.secondsSince1970, saturation: reading.value, pulseRate: nil)
        }
        #expect(night.intervalSeconds == 4)
        let summary = NightAnalysis(night).summary
        #expect((summary.validHours * 3600).rounded() == Double(Self.night.count * 4))
        #expect(summary.aasm.events3 == 6)
        #expect(summary.aasm.events4 == 4)
        #expect(summary.vendorCompatible.events4 == 4)
        #expect(summary.nadir == 85)
        let hours = Double(Self.night.count * 4) / 3600
        #expect(abs((summary.aasm.odi3 ?? 0) - 6 / hours) < 1e-9)
    }
}
