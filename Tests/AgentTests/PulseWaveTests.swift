import Agent
import Delivery
import DriverKit
import Simulation
import Testing
import Vitals

/// An oximeter with a wave that exists only here. Each packet is a second of 60 samples, whatever it shows:
///
///     D0 shown beats flags    the rate shown, that of the wave (0: it is flat), and
///                             1 every second pulse is early, 2 movement, 4 only 40 of the samples come,
///                             8 each pulse has a second wave as high as itself
private struct Waver: Driver {
    static let manifest = Manifest(
        id: "waver", family: "Waver", vendor: "Nobody", models: ["Waver"], serial: SerialSettings(baud: 9600),
        metrics: [.oxygenSaturation, .pulseRate, .plethysmogram], evidence: .example, sources: [])
    static let samplesPerSecond = 60

    private let reportsWaveforms: Bool
    /// Of the pulse under way, 0–1, and which it is.
    private var phase = 0.0
    private var number = 0

    init(settings: DriverSettings) { reportsWaveforms = settings.reportsWaveforms }

    mutating func receive(_ bytes: Span<UInt8>, from channel: Channel, _ turn: inout Turn) {
        guard bytes.count == 4, bytes[0] == 0xD0 else { return }
        turn.report(Reading(.oxygenSaturation, 96))
        turn.report(Reading(.pulseRate, Double(bytes[1])))
        guard reportsWaveforms else { return }
        let flags = bytes[3]
        let samples = (0 ..< Self.samplesPerSecond).map { _ in sample(Double(bytes[2]), flags) }
        turn.report(
            Waveform(
                .plethysmogram, sampleRateHz: Double(Self.samplesPerSecond),
                samples: flags & 4 != 0 ? Array(samples.prefix(40)) : samples,
                quality: flags & 2 != 0 ? .questionable(.motion) : .valid))
    }

    /// A steep rise in the first sixth of the pulse, and a long fall.
    private mutating func sample(_ rate: Double, _ flags: UInt8) -> Int32 {
        guard rate > 0 else { return 50 }
        let isEarly = flags & 1 != 0 && number % 2 == 1
        phase += rate / 60 / Double(Self.samplesPerSecond) * (flags & 1 == 0 ? 1 : isEarly ? 2 : 0.67)
        if phase >= 1 {
            phase -= 1
            number += 1
        }
        let place = flags & 8 != 0 ? (phase * 2).truncatingRemainder(dividingBy: 1) : phase
        return Int32(20 + 60 * (place < 1.0 / 6 ? place * 6 : (1 - place) * 1.2))
    }
}

@Suite struct `The pulse wave of an oximeter` {
    /// So many seconds of each.
    private func play(
        _ stretches: [(seconds: Int, shown: UInt8, beats: UInt8, flags: UInt8)], isOn: Bool = true,
        patient: String? = "p-17"
    ) throws -> [String] {
        var packets: [[UInt8]] = []
        for stretch in stretches {
            let packet = [0xD0, stretch.shown, stretch.beats, stretch.flags]
            packets += Array(repeating: packet, count: stretch.seconds)
        }
        let script = packets.enumerated().map { (at: Instant.boot + .seconds(1 + $0), bytes: $1) }
        var stage = Stage()
        stage.seconds = packets.count + 5
        stage.drivers = [Waver.self]
        stage.devices = [
            DeviceSetup(
                id: name("waver-1"), driver: Waver.self,
                address: .serial(path: "/dev/waver", SerialSettings(baud: 9600)), patient: patient.map { name($0) },
                settings: DriverSettings(reportsWaveforms: isOn))
        ]
        stage.plug = { connector, _ in
            connector.add("/dev/waver", script: script)
        }
        return try stage.play().drafts.filter { $0.schema == "alert" }.map(\.text)
            .filter { $0.contains("pulse-wave-disagrees-waver-1") }
    }

    @Test(arguments: [45, 72, 110, 150] as [UInt8])
    func `that has the rate shown says nothing`(_ rate: UInt8) throws {
        #expect(try play([(180, rate, rate, 0)]).isEmpty)
    }

    @Test(arguments: [(72, 110), (110, 72), (150, 75), (48, 66)] as [(UInt8, UInt8)])
    func `that has another rate is a technical alarm with both`(_ shown: UInt8, _ beats: UInt8) throws {
        let alerts = try play([(60, beats, beats, 0), (120, shown, beats, 0), (120, beats, beats, 0)])
        let start = try #require(alerts.first)
        #expect(field("phase", in: start) == "start")
        #expect(field("kind", in: start) == "technical" && field("priority", in: start) == "low")
        #expect(start.contains(#"{"name":"pulse-rate","value":\#(shown),"#))
        let wave = try #require(start.firstRange(of: #"{"name":"pulse-wave-rate","#)?.upperBound)
        let rate = try #require(Double(number("value", in: "," + String(start[wave...]))))
        #expect(abs(rate - Double(beats)) <= 2)
        #expect(field("phase", in: try #require(alerts.last)) == "end")
    }

    @Test func `that is flat while a rate is shown is one too`() throws {
        let alerts = try play([(60, 72, 72, 0), (120, 72, 0, 0)])
        let start = try #require(alerts.first)
        #expect(start.contains(#"{"name":"pulse-wave-rate","value":null"#))
    }

    static let unsure: [(String, UInt8, UInt8, UInt8)] = [
        ("an irregular rhythm", 72, 100, 1), ("movement", 72, 110, 2), ("samples that are missing", 72, 72, 4),
        ("a second wave in each pulse", 72, 72, 8), ("a device that averages otherwise", 72, 84, 0),
        ("a pulse too slow for the meter", 30, 60, 0),
    ]

    @Test(arguments: unsure)
    func `is not compared where it is not sure`(
        _ why: String, _ shown: UInt8, _ beats: UInt8, _ flags: UInt8
    ) throws {
        #expect(try play([(30, shown, shown, 0), (240, shown, beats, flags)]).isEmpty, "\(why)")
    }

    @Test func `is not looked for where it is not read, or is nobody's`() throws {
        #expect(try play([(180, 72, 110, 0)], isOn: false).isEmpty)
        #expect(try play([(180, 72, 110, 0)], patient: nil).isEmpty)
    }
}
