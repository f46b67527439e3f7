import DriverKit
import Drivers
import Testing
import Vitals

@Suite struct `A Polar strap` {
    /// An ECG frame whose samples are all `value`.
    static func frame(at nanoseconds: UInt64, samples: Int, value: UInt8 = 1) -> [UInt8] {
        [0] + (0 ..< 8).map { UInt8(truncatingIfNeeded: nanoseconds >> (8 * $0)) } + [0]
            + (0 ..< samples).flatMap { _ in [value, 0, 0] }
    }

    struct Told {
        var waves: [Waveform] = []
        var features: [String: [String]] = [:]
    }

    /// Plays frames: when they arrive in ms, what the strap's clock shows in ns, how many samples.
    static func play(_ frames: [(milliseconds: Int64, nanoseconds: UInt64, samples: Int)]) -> Told {
        final class Notes { var told = Told() }
        let notes = Notes()
        var playback = Playback(PolarH10(settings: .init())) { _, turn in
            for event in turn.events {
                switch event {
                case .waveform(let wave): notes.told.waves.append(wave)
                case .notice(.feature(let name, let value)): notes.told.features[name, default: []].append(value)
                default: break
                }
            }
        }
        playback.begin()
        for (milliseconds, nanoseconds, samples) in frames {
            playback.receive(
                frame(at: nanoseconds, samples: samples).span, from: Channel("pmd-data"),
                at: Instant(nanoseconds: milliseconds * 1_000_000))
        }
        playback.end()
        return notes.told
    }

    /// 73 samples in 560.81 ms, as has been seen: 130.17 Hz.
    static let stepNanoseconds: UInt64 = 560_810_000

    @Test func `sends blocks of a second in microvolts`() {
        let told = Self.play((0 ..< 10).map { (Int64($0) * 561, 1_000 + UInt64($0) * Self.stepNanoseconds, 73) })
        #expect(told.waves.map(\.samples.count) == [130, 130, 130, 130, 130, 80])
        #expect(told.waves.allSatisfy { $0.scale == 0.001 && $0.sampleRateHz == 130 && $0.lostBefore == 0 })
    }

    @Test("loses notifications, and it is told how many samples", arguments: [1, 2, 10, 100])
    func losses(missing: Int) {
        let places = [0, 1, 2, 3 + missing, 4 + missing]
        let told = Self.play(places.map { (Int64($0) * 561, UInt64($0 + 1) * Self.stepNanoseconds, 73) })
        let lost = told.waves.map(\.lostBefore).reduce(0, +)
        // By the rate that was asked for: 0.13 % off.
        #expect(abs(lost - missing * 73) <= 1 + missing / 10)
        #expect(told.waves.map(\.samples.count).reduce(0, +) == 5 * 73)
    }

    @Test func `is late now and then without losing anything`() {
        let late: [Int64] = [0, 0, 900, 340, 0, 0, 1500, 940, 380, 0]
        let told = Self.play(
            late.enumerated().map { place, delay in
                (Int64(place) * 561 + delay, UInt64(place + 1) * Self.stepNanoseconds, 73)
            })
        #expect(told.waves.allSatisfy { $0.lostBefore == 0 })
        #expect(told.features["device-clock"] == nil)
    }

    @Test("drifts, which is told once a minute", arguments: [0, 100, -250])
    func drift(partsPerMillion: Int) throws {
        // Every second frame is 30 ms late.
        let told = Self.play(
            (0 ..< 600).map { place in
                let device = UInt64(place) * Self.stepNanoseconds
                let arrival = Double(device) / (1 + Double(partsPerMillion) / 1e6) / 1e6
                return (Int64(arrival) + (place % 2 == 0 ? 0 : 30), device + 1, 73)
            })
        let drifts = try #require(told.features["clock-drift-ppm"]).compactMap { Int($0) }
        #expect(drifts.count == 4)
        let last = try #require(drifts.last)
        // A millisecond in four minutes is 4 ppm.
        #expect(abs(last - partsPerMillion) <= 8, "\(drifts)")
        let rates = try #require(told.features["ecg-rate-millihertz"]).compactMap { Int($0) }
        #expect(rates.allSatisfy { abs($0 - 130_169) <= 1 }, "\(rates)")
    }

    @Test(
        "has set its clock when its time goes back, or leaps ahead of the arrival",
        arguments: [1, 5_561_000_000_001, 946_684_800_000_000_000, .max] as [UInt64])
    func jumps(next: UInt64) {
        let told = Self.play([(0, 1_000_000_000, 73), (561, 1_560_810_000, 73), (1122, next, 73)])
        #expect(told.features["device-clock"] == ["jumped"])
        #expect(told.waves.allSatisfy { $0.lostBefore == 0 })
    }

    @Test func `is not asked to stream when nobody wants waves, or when it has no control point`() {
        let features: [UInt8] = [0x0F, 0x05]
        for (wants, channels) in [(false, nil), (true, [HeartRateService.measurement, PolarH10Tests.data])]
            as [(Bool, [Channel]?)]
        {
            var requests = 0
            var playback = Playback(PolarH10(settings: .init(reportsWaveforms: wants)), channels: channels) {
                requests += $1.requests.count
            }
            playback.begin()
            playback.receive(features.span, from: Channel("pmd-control"), at: .boot)
            playback.advance(to: Instant(nanoseconds: 60_000_000_000))
            playback.end()
            #expect(requests == 0)
        }
    }

    @Test(
        arguments: [
            ("Polar H10 9EF6E824", "Polar H10"), ("Polar H9 12345678", "Polar H9"), ("Polar OH1 1", "Polar OH1"),
            ("Polar Sense B0", "Polar Verity Sense"), ("Polar Vantage", nil), (nil, nil),
        ] as [(String?, String?)])
    func `is recognised by its name`(name: String?, model: String?) {
        #expect(PolarH10.manifest.bluetooth?.recognise(name: name, services: [])?.model == model)
    }
}

private enum PolarH10Tests { static let data = Channel("pmd-data") }
