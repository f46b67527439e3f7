import Bytes
import DriverKit
import Drivers
import Testing
import Vitals

@Suite struct `The AA 55 family` {
    static func packet(_ token: UInt8, _ type: UInt8, _ data: [UInt8]) -> [UInt8] {
        let bytes = [0xAA, 0x55, token, UInt8(data.count + 2), type] + data
        return bytes + [Checksum.crc8Maxim(bytes.span)]
    }

    static func play(_ pieces: [[UInt8]], on channel: String = "uart-data", _ channels: [String]? = nil)
        -> Transcript
    {
        var capture = Capture()
        if let channels {
            capture.provenance.append(.init(key: "channels", value: channels.joined(separator: " ")))
        }
        for (index, piece) in (pieces + [[]]).enumerated() {
            let at = Instant(nanoseconds: Int64(index) * 100_000_000)
            capture.lines.append(.init(at: at, direction: .fromDevice, channel: Channel(channel), bytes: piece))
        }
        return Transcript(CreativeAA55.self, capture, DriverSettings())
    }

    @Test(
        arguments: [
            ([96, 62, 0, 80, 0], 96, 62, 8), ([0, 0, 0, 0, 0], nil, nil, nil), ([96, 62, 0, 80, 2], nil, nil, nil),
            ([101, 0, 2, 255, 0], nil, nil, 25.5), ([96, 0xFF, 1, 1, 4], 96, 511, 0.1),
        ] as [([UInt8], Double?, Double?, Double?)])
    func `zero, a probe that is off and the impossible are no values`(
        _ data: [UInt8], _ oxygen: Double?, _ pulse: Double?, _ perfusion: Double?
    ) {
        let told = Self.play([Self.packet(0x0F, 0x01, data)])
        #expect(told.values(.oxygenSaturation) == [oxygen])
        #expect(told.values(.pulseRate) == [pulse])
        #expect(told.values(.perfusionIndex) == [perfusion])
    }

    @Test(
        arguments: [
            [0xAA], [0xAA, 0x55], [0xAA, 0x55, 0x0F], [0xAA, 0x55, 0x0F, 0xFF], [0xAA, 0x55, 0x0F, 0x01],
            [0x55, 0xAA],
            [0xAA, 0xAA, 0x55],
        ] as [[UInt8]])
    func `a good packet is found behind any garbage once it is quiet`(garbage: [UInt8]) {
        let told = Self.play([garbage + Self.packet(0x0F, 0x01, [97, 131, 0, 80, 0])])
        #expect(told.values(.pulseRate) == [131])
        #expect(told.faults.contains(.dropped(bytes: garbage.count)))
    }

    @Test(
        arguments: [
            (["uart-data", "uart-command"], "uart-command"), (["fff0-data", "fff0-command"], "fff0-command"),
            (["ffb0"], "ffb0"),
        ])
    func `requests go to the characteristic that the device has`(_ channels: [String], _ used: String) {
        let requests = Self.play([], on: channels[0], channels).requests
        #expect(requests.count == 4)
        #expect(requests.allSatisfy { $0.contains(" >\(used) AA 55") })
    }

    @Test func `a wave is cut where packets were lost`() {
        let wave = Self.packet(0x0F, 0x02, [1, 2, 3, 4, 5])
        let told = Self.play([wave + [0x00] + wave])
        let waves = told.reported.compactMap { if case .waveform(let wave) = $0 { wave } else { nil } }
        #expect(waves.map(\.samples) == [[1, 2, 3, 4, 5], [1, 2, 3, 4, 5]])
    }

    @Test func `unknown packets are told once for each kind and not without end`() {
        let packets = (0 ..< 40).map { Self.packet(0x44, UInt8($0 % 20), [0]) }
        #expect(Self.play(packets).faults.count == 8)
    }
}
