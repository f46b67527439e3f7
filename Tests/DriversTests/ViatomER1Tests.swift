import Bytes
import DriverKit
import Drivers
import Testing
import Vitals

@Suite struct `The ER1 family` {
    static func reply(_ command: UInt8, _ payload: [UInt8], result: UInt8 = 1) -> [UInt8] {
        let bytes =
            [0xA5, command, ~command, result, 0, UInt8(payload.count & 0xFF), UInt8(payload.count >> 8)] + payload
        return bytes + [Checksum.crc8(bytes.span)]
    }

    static func live(rate: UInt8, flags: UInt8 = 0, state: UInt8 = 2, samples: [UInt16] = []) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 20)
        bytes[0] = rate
        bytes[2] = flags
        bytes[3] = 90
        bytes[8] = state
        return bytes + [UInt8(samples.count), 0] + samples.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    }

    static func play(_ pieces: [[UInt8]], pauseMilliseconds: Int64 = 10) -> Transcript {
        var capture = Capture()
        for (index, piece) in (pieces + [[]]).enumerated() {
            let at = Instant(nanoseconds: Int64(index) * pauseMilliseconds * 1_000_000)
            capture.lines.append(.init(at: at, direction: .fromDevice, channel: Channel("er1-reply"), bytes: piece))
        }
        return Transcript(ViatomER1.self, capture, DriverSettings())
    }

    @Test(
        arguments: [
            (72, 0, 2, .valid), (72, 0x02, 2, .questionable(.noise)), (72, 0x04, 2, .questionable(.noise)),
            (72, 0, 7, .invalid(.leadOff)), (0, 0, 0, .invalid([.leadOff, .noValue])), (72, 0, 0, .valid),
            (0, 0, 2, .invalid(.noValue)), (72, 0, 0x72, .valid),
        ] as [(UInt8, UInt8, UInt8, Quality)])
    func `electrodes that are off leave no heart rate`(
        _ rate: UInt8, _ flags: UInt8, _ state: UInt8, _ quality: Quality
    ) {
        let told = Self.play([Self.reply(0x03, Self.live(rate: rate, flags: flags, state: state))])
        #expect(told.readings.filter { $0.metric == .heartRate }.map(\.quality) == [quality])
    }

    @Test func `a missing sample is a gap, not a number`() {
        let samples: [UInt16] = [0x7FFF, 1, 0xFFFF, 0x7FFF, 2]
        let told = Self.play([
            Self.reply(0x03, Self.live(rate: 72, samples: samples)),
            Self.reply(0x03, Self.live(rate: 72, samples: [0x7FFF])),
            Self.reply(0x03, Self.live(rate: 72, samples: [3])),
        ])
        let waves = told.reported.compactMap { if case .waveform(let wave) = $0 { wave } else { nil } }
        #expect(waves.map(\.samples) == [[1, -1], [2], [3]])
        #expect(waves.map(\.lostBefore) == [1, 1, 1])
        #expect(waves.allSatisfy { $0.sampleRateHz == 125 && $0.scale == 0.002467 })
    }

    @Test(
        arguments: [
            (0xE0, "file-not-found"), (0xF1, "no-file-list"), (0xFB, "occupied"), (0xFC, "wrong-format"),
            (0xFD, "unsupported"), (0x77, "refused-77"),
        ] as [(UInt8, String)])
    func `a refusal is told, not dropped`(_ result: UInt8, _ why: String) {
        let told = Self.play([Self.reply(0xE1, [], result: result)])
        #expect(told.events == ["0.000 ! answered E1 information \(why)"])
        #expect(told.requests.count == 2)
    }

    @Test(arguments: [[0xA5], [0xA5, 0x03, 0xFC, 0x01, 0x00, 0xFF, 0x0F], [0x55, 0x00, 0xFF]] as [[UInt8]])
    func `a good packet is found behind any garbage once it is quiet`(garbage: [UInt8]) {
        let told = Self.play([garbage + Self.reply(0x03, Self.live(rate: 131))], pauseMilliseconds: 100)
        #expect(told.values(.heartRate) == [131])
    }

    @Test func `a list that announces more names than it holds gives those that it holds`() {
        let name = Array("R20240102030405".utf8) + [0]
        let told = Self.play([Self.reply(0xE1, [], result: 0xFD), Self.reply(0xF1, [3] + name)])
        #expect(told.events.contains { $0.hasSuffix("stored-segment start 2024-01-02T03:04:05 records -") })
        #expect(told.faults == [.malformed("list of recordings of 17 bytes")])
    }

    @Test func `nothing that resets, writes or deletes is ever sent`() {
        let told = Self.play([Self.reply(0xE1, [], result: 0xFD), Self.reply(0xF1, [0])], pauseMilliseconds: 3000)
        let codes = Set(told.requests.compactMap { $0.split(separator: " ").dropFirst(3).first })
        #expect(codes == ["E1", "F1", "03"])
    }
}
