import Bytes
import DriverKit
import Vitals

/// One conversation with one driver: bad bytes in random cuts, then good frames that must be understood.
struct Trial {
    static let framesMax = 50

    private(set) var tally = Tally()
    private var random: SplitMix64
    private let driver: any Driver.Type
    private let kind: Frames
    private let pool: [Piece]
    private let settings: DriverSettings
    private let watch = Watch()
    private var played: [(milliseconds: Int64, piece: Piece)] = []

    init(_ driver: any Driver.Type, kind: Frames, pool: [Piece], seed: UInt64) {
        self.driver = driver
        self.kind = kind
        self.pool = pool
        random = SplitMix64(seed: seed)
        settings = DriverSettings(
            reportsWaveforms: random.below(2) == 0, fetchesStored: random.below(2) == 0,
            setsClock: random.below(2) == 0, format: driver.manifest.formats.randomElement(using: &random))
    }

    /// `nil` when every rule was kept.
    mutating func run(frames: Int) -> String? {
        let watch = watch
        var playback = Playback(
            driver.init(settings: settings),
            localTimeAtStart: CivilTime(year: 2026, month: 2, day: 28, hour: 23, minute: 59)
        ) { _, turn in watch.check(turn) }
        playback.begin()
        for _ in 0 ..< frames {
            play(
                kind == .random ? random.randomFrame(on: driver.manifest.channels) : random.mutatedFrame(pool),
                &playback)
            guard watch.broken == nil else { return watch.broken }
        }
        expectNextValues(&playback)
        playback.end()
        tally.events = watch.events
        tally.bytes = watch.bytes
        return watch.broken
    }

    /// What was played, as a capture.
    var transcript: String {
        played.map { milliseconds, piece in
            let line = Capture.Line(
                at: Instant(nanoseconds: milliseconds * 1_000_000), direction: .fromDevice, channel: piece.channel,
                bytes: piece.bytes)
            return line.text + "\n"
        }.joined()
    }

    private mutating func play(_ piece: Piece, _ playback: inout Playback) {
        let pause: Int64 =
            switch random.below(100) {
            case 0: 6_000
            case 1 ... 10: 100
            default: Int64(random.below(20))
            }
        let milliseconds = playback.now.nanoseconds / 1_000_000 + pause
        let (channel, bytes) = (piece.channel, piece.bytes)
        played.append((milliseconds, piece))
        watch.bytes += bytes.count
        var start = 0
        while start < bytes.count {
            let isWhole = driver.manifest.framing(of: channel) == .message
            let stop = isWhole ? bytes.count : min(bytes.count, start + 1 + random.below(bytes.count))
            playback.receive(
                bytes.span.extracting(start ..< stop), from: channel,
                at: Instant(nanoseconds: milliseconds * 1_000_000))
            start = stop
        }
    }

    /// Two good frames, then silence: the last values told must be theirs.
    private mutating func expectNextValues(_ playback: inout Playback) {
        guard let good = GoodFrames.of(driver.manifest.id, variant: random.below(2)) else { return }
        if settings.fetchesStored { playback.advance(to: playback.now + .seconds(30)) }
        for piece in good.pieces { play(piece, &playback) }
        playback.advance(to: playback.now + .milliseconds(60))
        for (metric, value) in good.values where watch.last[metric] != value {
            watch.broken = "after bad bytes, two good frames did not give \(metric.rawValue) \(value)"
        }
        tally.resynchronised = 1
    }
}

/// Looks at every turn.
final class Watch {
    var broken: String?
    var bytes = 0
    var events = 0
    var last: [Metric: Double] = [:]
    private var turns = 0

    /// Every rule that holds for any bytes.
    func check(_ turn: Turn) {
        turns += 1
        events += turn.events.count
        if turn.lost > 0 { broken = "a turn overflowed" }
        if events > 64 + 4 * bytes + 2 * turns { broken = "\(events) events for \(bytes) bytes" }
        for event in turn.events {
            switch event {
            case .reading(let reading): check(reading)
            case .session(let session): check(session)
            default: break
            }
        }
    }

    private func check(_ session: Session) {
        if session.manoeuvres.isEmpty || session.manoeuvres.count > Session.manoeuvresMax {
            broken = "a session of \(session.manoeuvres.count) manoeuvres"
        }
        for manoeuvre in session.manoeuvres {
            if manoeuvre.curves.count > Curve.perManoeuvreMax { broken = "too many curves" }
            if manoeuvre.curves.contains(where: { $0.sampleCount > Curve.samplesMax }) {
                broken = "too many samples"
            }
            for result in manoeuvre.results {
                if !result.isPossible { broken = "\(result) is impossible" }
                last[result.metric] = result.value
            }
        }
    }

    private func check(_ reading: Reading) {
        if let value = reading.value {
            if !reading.metric.definition.possible.contains(value) { broken = "\(reading) is impossible" }
            if case .invalid = reading.quality { broken = "\(reading) has a value and is invalid" }
        } else if reading.quality.reasons.isEmpty {
            broken = "\(reading) has no value and no reason"
        }
        if reading.source == .live { last[reading.metric] = reading.value }
    }
}

/// What two good frames of a driver are, and what they mean; one where a message is a frame. The replies of
/// `viatom-oxy` do not name their request, so what one means depends on what was asked: it has none.
struct GoodFrames {
    /// A stream comes in one piece, messages each in their own.
    var pieces: [Piece]
    var values: [(Metric, Double)]

    init(channel: Channel = .serial, bytes: [UInt8], values: [(Metric, Double)]) {
        pieces = [Piece(channel: channel, bytes: bytes)]
        self.values = values
    }

    init(messages: [(Channel, [UInt8])], values: [(Metric, Double)]) {
        pieces = messages.map { Piece(channel: $0.0, bytes: $0.1) }
        self.values = values
    }

    static func of(_ id: String, variant: Int) -> GoodFrames? {
        let oximeter: [(Metric, Double)] = [(.oxygenSaturation, 97), (.pulseRate, 131)]
        switch id {
        case "contec-cms50-v5": return GoodFrames(bytes: twice([0x85, 0x3C, 0x44, 0x03, 0x61]), values: oximeter)
        case "contec-cms50-v7":
            return GoodFrames(
                bytes: twice([0x01, 0xE8, 0x85, 0xD5, 0x9A, 0x83, 0xE1, 0xFF, 0xFF]), values: oximeter)
        case "berrymed-bci":
            return GoodFrames(
                bytes: twice([
                    0xFF, 0xAA, 0x07, 0x08, 0x61, 0x61, 0x83, 0x49, 0xA0, 0x00, 0x23, 0x22, 0x3C, 0x2E, 0xFB, 0xFF,
                    0xFF, 0x55, 0x64, 0x47,
                ]), values: oximeter)
        case "creative-aa55":
            return GoodFrames(
                channel: Channel("uart-data"),
                // A check of 8 bits lets a wrong packet through now and then: more than the longest one holds.
                bytes: [[UInt8]](
                    repeating: [0xAA, 0x55, 0x0F, 0x08, 0x01, 0x61, 0x83, 0x00, 0x50, 0x00, 0xC0, 0x9C], count: 7
                ).flatMap { $0 }, values: oximeter)
        case "jumper-oximeter":
            return GoodFrames(channel: Channel("oximetry"), bytes: [0x81, 0x83, 0x61, 0x44], values: oximeter)
        case "nonin-ble":
            return GoodFrames(
                channel: Channel("continuous-oximetry"),
                bytes: [0x0A, 0x15, 0x1D, 0x01, 0x2C, 0x00, 0x05, 0x61, 0x00, 0x83], values: oximeter)
        case "viatom-er1":
            // As above.
            return GoodFrames(
                channel: Channel("er1-reply"), bytes: (0 ..< 7).flatMap { _ in er1Live },
                values: [(.heartRate, 131)])
        case "nonin-serial": return GoodFrames(bytes: twice(noninPacket(isFormat2: variant == 1)), values: oximeter)
        case "template":
            return GoodFrames(bytes: twice([0xA5, 0x74, 0x0E, 0x27]), values: [(.bodyTemperature, 37)])
        case "bluetooth-sig":
            let beats: (Channel, [UInt8]) = (HeartRateService.measurement, [0x00, 0x83])
            let saturation: (Channel, [UInt8]) = (Channel("spo2-continuous"), [0x00, 0x61, 0x00, 0x83, 0x00])
            return GoodFrames(
                messages: [beats, saturation, beats, saturation], values: oximeter + [(.heartRate, 131)])
        case "polar-h10":
            let beats: (Channel, [UInt8]) = (HeartRateService.measurement, [0x00, 0x83])
            return GoodFrames(messages: [beats, beats], values: [(.heartRate, 131)])
        case "vitalograph-lung": return GoodFrames(bytes: twice(classicBlow), values: [(.fev1OverFEV6, 91)])
        case "vitalograph-lung-le":
            let blow: (Channel, [UInt8]) = (Channel("uart-in"), classicBlow)
            return GoodFrames(messages: [blow, blow], values: [(.fev1OverFEV6, 91)])
        case "open-ecg": return GoodFrames(bytes: twice(openHeader), values: [(.batteryLevel, 88)])
        case "open-spirometer":
            return GoodFrames(bytes: twice(openSession), values: [(.peakExpiratoryFlow, 6.5)])
        default: return nil
        }
    }

    /// The real message of a Lung Monitor.
    private static let classicBlow: [UInt8] =
        [0x02] + Array("FTD00001294063633990914040000000950900001305281044180923".utf8) + [0x03, 0x6A]

    /// One lead, 250 Hz, 88 % of the battery.
    private static let openHeader: [UInt8] = {
        let checked: [UInt8] = [
            0x48, 0x0D, 0x01, 0x01, 0xFA, 0x00, 0xF4, 0x01, 0x00, 0x00, 0x58, 0x02, 0x00, 0x00, 0x00,
        ]
        let check = Checksum.crc16(checked.span)
        return [0xEC, 0x47] + checked
            + [UInt8(truncatingIfNeeded: check), UInt8(truncatingIfNeeded: check >> 8)]
    }()

    private static let openSession: [UInt8] =
        [0x0A]
        + ["session id=424242", "blow number=1", "done verdict=good pef=6.5", "end blows=1"].flatMap { text in
            let bytes = Array("osp1 \(text)".utf8)
            let check = String(Checksum.crc16(bytes.span), radix: 16)
            return bytes + Array("*\(String(repeating: "0", count: 4 - check.count))\(check)\n".utf8)
        }

    /// A reply to 03: 131 beats, recording, one sample.
    private static let er1Live: [UInt8] =
        [0xA5, 0x03, 0xFC, 0x01, 0x00, 0x18, 0x00, 0x83, 0x00, 0x00, 0x50, 0x0A, 0x00, 0x00, 0x00, 0x02]
        + Array(repeating: 0x00, count: 11) + [0x01, 0x00, 0x10, 0x00, 0x4C]

    private static func twice(_ bytes: [UInt8]) -> [UInt8] { bytes + bytes }

    /// 25 frames of data format 2 or 7.
    private static func noninPacket(isFormat2: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        for place in 1 ... 25 {
            let number: UInt8 = place == 1 ? 1 : place == 2 ? 3 : place == 3 ? 97 : 0
            let status: UInt8 = place == 1 ? 0x81 : 0x80
            let frame: [UInt8] =
                isFormat2 ? [1, status, UInt8(place), number] : [status, 0x40, UInt8(place), number]
            bytes += frame + [frame.reduce(0, &+)]
        }
        return bytes
    }
}
