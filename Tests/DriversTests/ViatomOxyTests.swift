import Bytes
import DriverKit
import Drivers
import Testing
import Vitals

@Suite struct `The Oxy protocol` {
    static let numbers: [UInt8] = [0x62, 0x42, 0, 0, 0, 0, 0, 0x61, 0, 0x92, 0x0A, 0x01, 0]

    /// `55 status ~status 00 00 length payload check`
    static func reply(_ payload: [UInt8], status: UInt8 = 0) -> [UInt8] {
        let bytes =
            [0x55, status, ~status, 0, 0, UInt8(payload.count & 0xFF), UInt8(payload.count >> 8)] + payload
        return bytes + [Checksum.crc8(bytes.span)]
    }

    /// Answers in their order, 10 ms apart, then `seconds` of silence.
    static func talk(_ answers: [[UInt8]], silence seconds: Int64 = 0, _ settings: DriverSettings) -> Transcript {
        var capture = Capture()
        for (index, answer) in answers.enumerated() {
            let at = Instant(nanoseconds: Int64(index + 1) * 10_000_000)
            capture.lines.append(
                .init(at: at, direction: .fromDevice, channel: Channel("oxy-reply"), bytes: answer))
        }
        let end = Instant(nanoseconds: Int64(answers.count) * 10_000_000 + seconds * 1_000_000_000)
        capture.lines.append(.init(at: end, direction: .fromDevice, channel: Channel("oxy-reply"), bytes: []))
        return Transcript(ViatomOxy.self, capture, settings)
    }

    static let noWaves = DriverSettings(reportsWaveforms: false)
    static let fetching = DriverSettings(reportsWaveforms: false, fetchesStored: true)

    static func information(_ text: String) -> [UInt8] { reply(Array(text.utf8)) }

    @Test(
        arguments: [
            ("{\"SN\":\"1\",\"CurBAT\":\"75%\"}", 75), ("{\"CurBAT\":75}", 75), ("{ \"CurBAT\" : \"75\" }", 75),
            ("{\"A\":\"x\\\"CurBAT\\\":9\",\"CurBAT\":\"75%\"}", 75), ("{\"CurBAT\":\"101%\"}", nil),
            ("{\"CurBAT\"}", nil), ("{\"CurBAT\":\"\"}", nil), ("{\"CurBAT\":\"75%", 75), ("{", nil),
            ("{\"B\":[1,2],\"CurBAT\":\"75%\"}", 75), ("{\"CurBAT\\u0000", nil),
        ] as [(String, Double?)])
    func `what the device says of itself is read whatever its form`(_ text: String, _ battery: Double?) {
        let told = Self.talk([Self.information(text)], Self.noWaves).values(.batteryLevel)
        #expect(told == (battery.map { [$0] } ?? []))
    }

    @Test(
        arguments: [
            (0x62, 0x0042, 1, 98, 66), (0xFF, 0x0042, 1, nil, 66), (0x62, 0xFFFF, 1, 98, nil),
            (0x62, 0x0042, 0, nil, nil),
            (0, 0, 1, nil, nil), (101, 301, 1, nil, nil), (100, 300, 1, 100, 300),
        ] as [(UInt8, Int, UInt8, Double?, Double?)])
    func `marks and impossible numbers are no values`(
        _ oxygen: UInt8, _ rate: Int, _ worn: UInt8, _ saturation: Double?, _ pulse: Double?
    ) {
        var numbers = Self.numbers
        numbers[0] = oxygen
        numbers[1] = UInt8(rate & 0xFF)
        numbers[2] = UInt8(rate >> 8)
        numbers[11] = worn
        let told = Self.talk([Self.information("{}"), Self.reply(numbers)], Self.noWaves)
        #expect(told.values(.oxygenSaturation) == [saturation])
        #expect(told.values(.pulseRate) == [pulse])
    }

    @Test func `a device without a perfusion index is not said to have lost it`() {
        var numbers = Self.numbers
        numbers[10] = 0
        #expect(
            Self.talk([Self.information("{}"), Self.reply(numbers)], Self.noWaves).values(.perfusionIndex).isEmpty)
    }

    @Test(
        arguments: [
            ([156, 100, 80], [100, 100, 80]), ([100, 246, 156, 80], [100, 90, 90, 80]), ([100, 156], [100, 100]),
            ([156, 246], nil), ([], nil), ([0, 255], [0, 255]),
        ] as [([UInt8], [Int32]?)])
    func `marks in the wave are replaced by the mean of their neighbours`(_ wave: [UInt8], _ samples: [Int32]?) {
        let head: [UInt8] = [0x62, 0x42, 0, 0x61, 0, 10, 1, 0, 0, 0, UInt8(wave.count), 0]
        let told = Self.talk(
            [Self.information("{}"), Self.reply(Self.numbers), Self.reply(head + wave)], DriverSettings())
        let waves = told.reported.compactMap { if case .waveform(let wave) = $0 { wave } else { nil } }
        #expect(waves.map(\.samples) == (samples.map { [$0] } ?? []))
        #expect(waves.allSatisfy { $0.scale == -0.5 && $0.offset == 100 && $0.sampleRateHz == 125 })
    }

    @Test(
        arguments: [
            [0x55], [0x55, 0x00], [0x55, 0x00, 0xFF], [0x55, 0x00, 0xFF, 0, 0, 0xFF, 0x0F], [0xAA, 0x17, 0xE8],
            [0x55, 0x55, 0xAA, 0x55],
        ] as [[UInt8]])
    func `a good packet is found behind any garbage once it is quiet`(garbage: [UInt8]) {
        let told = Self.talk(
            [Self.information("{}"), garbage + Self.reply(Self.numbers)], silence: 1, Self.noWaves)
        #expect(told.values(.oxygenSaturation) == [98])
        #expect(told.faults.contains(.dropped(bytes: garbage.count)))
    }

    @Test func `the numbers are asked for once a second and silence is told once`() {
        let told = Self.talk([Self.information("{}"), Self.reply(Self.numbers)], silence: 9, Self.noWaves)
        let asked = told.requests.filter { $0.hasSuffix("AA 17 E8 00 00 00 00 1B") }.map { $0.prefix { $0 != " " } }
        #expect(asked == ["0.010", "1.010", "3.010", "5.010", "7.010", "9.010"])
        #expect(told.faults == [.noAnswer("17 live numbers")])
    }
}

/// Stored nights.
extension `The Oxy protocol` {
    /// A file of that version with those records, made at 2024-01-02T03:04:05.
    static func file(_ version: UInt8, seconds: Int, _ records: [[UInt8]]) -> [UInt8] {
        var head = [UInt8](repeating: 0, count: 40)
        head.replaceSubrange(0 ..< 9, with: [version, 0, 0xE8, 0x07, 1, 2, 3, 4, 5])
        head[13] = UInt8(seconds & 0xFF)
        head[14] = UInt8(seconds >> 8)
        return head + records.flatMap { $0 }
    }

    static func download(_ file: [UInt8], name: String = "night") -> Transcript {
        let size = (0 ..< 4).map { UInt8(truncatingIfNeeded: file.count >> ($0 * 8)) }
        let blocks = stride(from: 0, to: file.count, by: 4000).map { reply(Array(file[$0...].prefix(4000))) }
        return talk(
            [information("{\"FileList\":\"\(name)\"}"), reply(size)] + blocks + [reply([])], silence: 1, fetching)
    }

    static func record(_ oxygen: UInt8, _ rate: Int) -> [UInt8] {
        [oxygen, UInt8(rate & 0xFF), UInt8(rate >> 8), 0, 0]
    }

    static func times(_ transcript: Transcript) -> [String] {
        transcript.readings.filter { $0.metric == .pulseRate && $0.source == .stored }
            .map { $0.deviceTime.map { String($0.description.suffix(8)) } ?? "-" }
    }

    @Test(
        arguments: [
            // version, seconds, records, times of the records told
            (3, 8, [60, 60, 61, 61], ["03:04:05", "03:04:09"]),
            (3, 8, [60, 60, 61, 62], ["03:04:05", "03:04:07", "03:04:09", "03:04:11"]),
            (3, 16, [60, 60, 61, 61], ["03:04:05", "03:04:09", "03:04:13", "03:04:17"]),
            (5, 8, [60, 60, 61, 61], ["03:04:05", "03:04:07", "03:04:09", "03:04:11"]),
        ] as [(UInt8, Int, [Int], [String])])
    func `only a file of version 3 with every record twice is taken for half as long`(
        _ version: UInt8, _ seconds: Int, _ rates: [Int], _ times: [String]
    ) {
        let told = Self.download(Self.file(version, seconds: seconds, rates.map { Self.record(97, $0) }))
        #expect(Self.times(told) == times)
        #expect(told.events.contains { $0.hasSuffix("stored-complete records \(times.count) missing 0") })
    }

    @Test func `a version that nobody has described is not guessed at`() {
        let told = Self.download(Self.file(9, seconds: 8, [Self.record(97, 60)]))
        #expect(told.faults.first == .unknown("stored file of version 9"))
        #expect(told.values(.pulseRate).isEmpty)
    }

    @Test func `an interval that cannot be makes the times uncertain`() {
        let told = Self.download(Self.file(5, seconds: 100, [Self.record(97, 60)]))
        #expect(told.readings.contains { $0.quality == .questionable(.clockUncertain) && $0.value == 97 })
    }

    @Test func `a whole night is told in turns that hold it`() {
        let told = Self.download(Self.file(5, seconds: 36_000, (0 ..< 9000).map { Self.record(97, 60 + $0 % 2) }))
        #expect(told.values(.pulseRate).count == 9000)
        #expect(told.lost == 0)
        #expect(Self.times(told).last == "13:04:01")
    }

    @Test func `a file beyond any night is not held`() {
        let told = Self.talk(
            [Self.information("{\"FileList\":\"a\"}"), Self.reply([0, 0, 0, 0x7F]), Self.reply([])], Self.fetching)
        #expect(told.faults == [.malformed("stored file of 2130706432 bytes")])
        #expect(told.requests.count == 4)
    }

    @Test func `a device that gives no blocks is left in peace`() {
        let told = Self.talk(
            [Self.information("{\"FileList\":\"a\"}"), Self.reply([100, 0, 0, 0])], silence: 60, Self.fetching)
        #expect(told.requests.filter { $0.contains("AA 04") }.count <= 3)
        #expect(told.requests.last?.contains("AA 17") == true)
    }

    @Test func `nothing that deletes is ever sent`() {
        let night = Self.file(5, seconds: 8, [Self.record(97, 60), Self.record(97, 61)])
        let codes = Set(Self.download(night).requests.compactMap { $0.split(separator: " ").dropFirst(3).first })
        #expect(codes.isSubset(of: ["03", "04", "05", "14", "16", "17", "1B"]))
        #expect(codes.contains("03"))
    }
}
