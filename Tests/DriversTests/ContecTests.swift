import DriverKit
import Drivers
import Testing
import Vitals

@Suite("Contec CMS50")
struct ContecTests {
    @Test(
        "a frame of the first protocol gives the pulse rate in eight bits",
        arguments: [
            (0x00, 0x7F, 127.0), (0x40, 0x00, 128.0), (0x40, 0x03, 131.0), (0x40, 0x7E, 254.0),
        ] as [(UInt8, UInt8, Double)])
    func pulseRateHasEightBits(high: UInt8, low: UInt8, rate: Double) {
        #expect(Transcript(ContecV5.self, [[0x85, 0x3C, high, low, 0x62]]).values(.pulseRate) == [rate])
    }

    @Test(
        "what is not five bytes between two sync bytes is no frame",
        arguments: [
            [0x00, 0x00, 0x00, 0x00, 0x00], [0x00, 0x80, 0x00, 0x00, 0x00], [0x85, 0x3C, 0x04, 0x48],
            [0x85, 0x3C, 0x04, 0x48, 0x62, 0x00], [0x85, 0x3C, 0x04, 0x48, 0x85],
        ] as [[UInt8]])
    func rejectsOtherLengths(bytes: [UInt8]) {
        #expect(Transcript(ContecV5.self, [bytes]).readings.isEmpty)
    }

    @Test(
        "a value outside 1 to 100 percent is no saturation",
        arguments: [
            (0x00, QualityReasons.noValue), (0x7F, .noValue), (0x65, .outOfRange), (0x7E, .outOfRange),
        ] as [(UInt8, QualityReasons)])
    func missingIsNeverZero(raw: UInt8, reason: QualityReasons) {
        let reading = Transcript(ContecV5.self, [[0x85, 0x3C, 0x04, 0x48, raw]]).readings.first
        #expect(reading?.value == nil)
        #expect(reading?.quality == .invalid(reason))
    }

    @Test("a steady value is told once for every sixty frames")
    func steadyValueIsToldOnceASecond() {
        let frames = Array(repeating: [0x85, 0x3C, 0x04, 0x48, 0x62] as [UInt8], count: 181).flatMap { $0 }
        let transcript = Transcript(ContecV5.self, [frames])
        #expect(transcript.values(.oxygenSaturation).count == 4)
        #expect(transcript.values(.pulseRate).count == 4)
        #expect(transcript.events.count { $0.contains("~ plethysmogram") } == 4)
    }

    @Test("after garbage the second good frame is understood at the latest", arguments: 0 ..< 12)
    func resynchronisesWithinTwoFrames(garbage: Int) {
        let bad = (0 ..< garbage).map { UInt8(truncatingIfNeeded: $0 &* 83) }
        let good: [UInt8] = [0x85, 0x3C, 0x04, 0x48, 0x62]
        #expect(Transcript(ContecV5.self, [bad + good + good]).values(.pulseRate).last == 72)
    }

    @Test(
        "the announced bytes are two for each second, three records in a package",
        arguments: [
            ([0x08, 0x80, 0x80, 0x80, 0xD2, 0x80, 0x80, 0x80], 14),
            ([0x08, 0x80, 0x80, 0x80, 0xC8, 0x80, 0x80, 0x80], 12),
            ([0x08, 0x84, 0x80, 0x80, 0xCA, 0x80, 0x80, 0x80], 34),
            ([0x08, 0x80, 0x80, 0x80, 0xA2, 0x80, 0x80, 0x80], 6),
            ([0x08, 0x84, 0x80, 0x80, 0xC2, 0x80, 0x80, 0x80], 33),
            ([0x08, 0x84, 0x80, 0x80, 0xD2, 0x84, 0x80, 0x80], 206),
            ([0x08, 0x84, 0x80, 0x80, 0xAA, 0x81, 0x80, 0x80], 71),
            ([0x08, 0x80, 0x80, 0x80, 0x90, 0x80, 0x80, 0x80], 3),
            ([0x08, 0x84, 0x80, 0x80, 0x84, 0x80, 0x80, 0x80], 22),
            ([0x08, 0x84, 0x80, 0x80, 0xC0, 0x93, 0x80, 0x80], 843),
            ([0x08, 0x80, 0x80, 0x80, 0xA4, 0x81, 0x80, 0x80], 49),
        ] as [([UInt8], Int)])
    func lengthAgreesWithPackages(length: [UInt8], packages: Int) {
        let data = Array(repeating: [0x0F, 0x80, 0xE2, 0xC6, 0xE2, 0xC6, 0xE2, 0xC6] as [UInt8], count: packages)
        let all = Transcript(ContecV7.self, [length] + data)
        #expect(all.events.contains { $0.hasSuffix("missing 0") })
        let short = Transcript(ContecV7.self, [length] + data.dropLast())
        #expect(!short.events.contains { $0.hasSuffix("missing 0") })
    }

    @Test("every record of a stored package counts, and zeros at its end are padding")
    func takesAllThreeRecords() {
        let transcript = Transcript(ContecV7.self, [[0x0F, 0x80, 0xE2, 0xC6, 0xE1, 0xC7, 0x80, 0x80]])
        #expect(transcript.values(.oxygenSaturation) == [98, 97])
        #expect(transcript.readings.map(\.subindex) == [0, 0, 1, 1])
    }

    @Test("a pulse rate above 127 takes its highest bit from the high byte")
    func unpacksHighBits() {
        let transcript = Transcript(ContecV7.self, [[0x01, 0xE8, 0x85, 0xD5, 0x9A, 0x83, 0xE3, 0xFF, 0xFF]])
        #expect(transcript.values(.pulseRate) == [131])
    }

    @Test(
        "the perfusion index is told only when the device vouches for it",
        arguments: [
            ([0x01, 0x80, 0x85, 0xD5, 0x8A, 0xBD, 0xE3, 0xB8, 0x81], [3.12]),
            ([0x01, 0x80, 0x85, 0xD5, 0x9A, 0xBD, 0xE3, 0xB8, 0x81], []),
            ([0x01, 0xE0, 0x85, 0xD5, 0x8A, 0xBD, 0xE3, 0xFF, 0xFF], []),
        ] as [([UInt8], [Double?])])
    func perfusionIndexNeedsItsBit(frame: [UInt8], values: [Double?]) {
        #expect(Transcript(ContecV7.self, [frame]).values(.perfusionIndex) == values)
    }

    @Test("no request deletes anything, whatever the device answers")
    func neverDeletes() {
        var random = SmallRandom(state: 7)
        let settings = DriverSettings(fetchesStored: true, setsClock: true)
        let pieces = (0 ..< 400).map { _ in (0 ..< 9).map { _ in UInt8(random.below(256)) } }
        let transcript = Transcript(ContecV7.self, pieces, pauseMilliseconds: 200, settings)
        #expect(!transcript.requests.isEmpty)
        #expect(!transcript.requests.contains { $0.contains("> 7D 81 AE") })
    }
}
