import DriverKit
import Drivers
import Testing
import Vitals

@Suite("Nonin")
struct NoninTests {
    /// A packet of 25 frames.
    static func packet(rate: Int, oxygen: UInt8, status: UInt8 = 0x80, isFormat2: Bool) -> [UInt8] {
        (1 ... 25).flatMap { place in
            let number: UInt8 =
                switch place {
                case 1: UInt8(rate >> 7)
                case 2: UInt8(rate & 0x7F)
                case 3, 9: oxygen
                default: 0
                }
            let flags = place == 1 ? status | 1 : status
            let frame: [UInt8] = isFormat2 ? [1, flags, UInt8(place), number] : [flags, 1, UInt8(place), number]
            return frame + [frame.reduce(0, &+)]
        }
    }

    @Test("HR8 and HR7 count 256 and 128", arguments: [72, 127, 128, 203, 256, 321], [true, false])
    func highBitsOfRate(rate: Int, isFormat2: Bool) {
        let bytes = Self.packet(rate: rate, oxygen: 98, isFormat2: isFormat2)
        #expect(Transcript(Nonin.self, [bytes]).values(.pulseRate) == [Double(rate)])
    }

    @Test("frames are found from any place in the stream", arguments: 0 ..< 125)
    func locksFromAnywhere(start: Int) {
        for isFormat2 in [true, false] {
            let one = Self.packet(rate: 203, oxygen: 97, isFormat2: isFormat2)
            let transcript = Transcript(Nonin.self, [Array(one.dropFirst(start)) + one + one])
            #expect(Set(transcript.values(.pulseRate)) == [203])
            #expect(Set(transcript.values(.oxygenSaturation)) == [97])
        }
    }

    @Test(
        "perfusion colours and artefacts are doubts, a sensor alarm leaves no value",
        arguments: [
            (0x80, Quality.valid), (0x82, .valid), (0x84, .questionable(.lowPerfusion)),
            (0x86, .questionable(.lowPerfusion)), (0xA0, .questionable(.artefact)),
            (0x90, .questionable(.artefact)),
            (0x88, .invalid(.sensorOff)), (0xC0, .invalid(.sensorFault)),
        ] as [(UInt8, Quality)])
    func statusBitsGiveQuality(status: UInt8, quality: Quality) {
        let bytes = Self.packet(rate: 72, oxygen: 98, status: status, isFormat2: false)
        #expect(Transcript(Nonin.self, [bytes]).readings.last?.quality == quality)
    }

    @Test(
        "a lone short frame is understood",
        arguments: [
            ([0x80, 0x39, 0x62, 0x20], 57.0), ([0x89, 0x6B, 0x62, 0x00], 235.0), ([0x8A, 0x62, 0x62, 0x00], 354.0),
            ([0x8B, 0x7F, 0x62, 0x00], nil),
        ] as [([UInt8], Double?)])
    func shortFrame(bytes: [UInt8], rate: Double?) {
        #expect(Transcript(Nonin.self, [bytes]).values(.pulseRate) == [rate])
    }

    @Test("a serial number with a wrong sum is not believed")
    func serialNumberNeedsItsSum() {
        let good: [UInt8] = [
            0x02, 0xF4, 0x0B, 0x02, 0x35, 0x30, 0x31, 0x34, 0x39, 0x33, 0x32, 0x30, 0x30, 0xCA, 0x03,
        ]
        var bad = good
        bad[13] = 0xCB
        #expect(Transcript(Nonin.self, [good]).events == ["0.000 @ serial 501493200"])
        #expect(!Transcript(Nonin.self, [bad]).events.contains { $0.contains("serial") })
    }
}
