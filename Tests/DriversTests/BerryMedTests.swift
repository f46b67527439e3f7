import DriverKit
import Drivers
import Testing
import Vitals

@Suite("BerryMed")
struct BerryMedTests {
    @Test("bit 6 of the third byte is 128 in the pulse rate, not 8192")
    func pulseRateShift() {
        #expect(Transcript(BerryMed.self, [[0x86, 0x3C, 0x44, 0x03, 0x61]]).values(.pulseRate) == [131])
    }

    @Test("no finger and no value are said with their reasons")
    func noFinger() {
        let readings = Transcript(BerryMed.self, [[0x90, 0x00, 0x50, 0x7F, 0x7F]]).readings
        #expect(readings.map(\.value) == [nil, nil])
        #expect(readings.allSatisfy { $0.quality == .invalid([.sensorOff, .noSignal, .noValue]) })
    }

    @Test("a packet with another sum is counted and used once the next one stands behind it")
    func wrongSumIsCounted() {
        let good: [UInt8] = [
            0xFF, 0xAA, 0x07, 0x08, 0x62, 0x61, 0x48, 0x49, 0xA0, 0x00, 0x23, 0x22, 0x3C, 0x2E, 0xFB, 0xFF, 0xFF,
            0x55,
            0x64, 0x0D,
        ]
        var other = good
        other[4] = 0x5F
        let transcript = Transcript(BerryMed.self, [good + other + good])
        #expect(transcript.values(.oxygenSaturation) == [98, 95, 98])
        #expect(transcript.faults == [.checksum])
    }

    @Test("the tail of a packet is not taken for a frame of the other protocol")
    func tailOfPacketIsNoFrame() {
        let packet: [UInt8] = [
            0xFF, 0xAA, 0x07, 0x08, 0x62, 0x61, 0x48, 0x49, 0xA0, 0x00, 0x23, 0x22, 0x3C, 0x2E, 0xFB, 0x80, 0x00,
            0x55,
            0x64, 0x0F,
        ]
        let sum = packet.dropLast().reduce(0, &+) as UInt8
        let whole = packet.dropLast() + [sum & 0x7F]
        let transcript = Transcript(BerryMed.self, [Array(whole.dropFirst(15)) + packet.dropLast() + [sum]])
        #expect(transcript.values(.pulseRate) == [72])
        #expect(transcript.faults == [.dropped(bytes: 5)])
    }

    @Test("after another protocol was heard, an unchanged value is told again")
    func tellsAgainAfterOtherProtocol() {
        let packet: [UInt8] = [
            0xFF, 0xAA, 0x07, 0x08, 0x62, 0x61, 0x48, 0x49, 0xA0, 0x00, 0x23, 0x22, 0x3C, 0x2E, 0xFB, 0xFF, 0xFF,
            0x55, 0x64, 0x0D,
        ]
        let frame: [UInt8] = [0x86, 0x3C, 0x04, 0x50, 0x62]
        let frames = Array(repeating: frame, count: 60).flatMap { $0 }
        let transcript = Transcript(BerryMed.self, [packet + frames + packet])
        #expect(transcript.values(.pulseRate) == [72, 80, 72])
    }

    @Test(
        "after garbage two good frames are enough, even when it looks like the start of a packet",
        arguments: [
            [], [0x48, 0x62], [0x86, 0x3C], [0xFF], [0xFF, 0xAA], [0xFF, 0xAA, 0x01, 0x02],
            [0xFF, 0xFF, 0xAA, 0x80],
        ] as [[UInt8]])
    func resynchronisesWithinTwoFrames(garbage: [UInt8]) {
        let good: [UInt8] = [0x86, 0x3C, 0x04, 0x48, 0x62]
        #expect(Transcript(BerryMed.self, [garbage + good + good]).values(.pulseRate).last == 72)
    }
}
