import Agent
import DriverKit
import Foundation
import Loop
import Simulation
import Vitals

/// An ECG patch that exists only here. Each packet is a second of one lead:
///
///     E0 flags 250 samples of 16 bits, in units of 5 µV    flags 1: the electrode is off
struct Patch: Driver {
    static let manifest = Manifest(
        id: "patch", family: "Patch", vendor: "Nobody", models: ["Patch"], serial: SerialSettings(baud: 115_200),
        metrics: [.ecgLeadII, .batteryLevel], evidence: .example, sources: [])
    static let samplesPerSecond = 250
    static let length = 2 + 2 * samplesPerSecond

    private let reportsWaveforms: Bool
    private var rest: [UInt8] = []

    init(settings: DriverSettings) { reportsWaveforms = settings.reportsWaveforms }

    mutating func begin(_ turn: inout Turn) {}
    mutating func end(_ turn: inout Turn) {}

    mutating func receive(_ bytes: Span<UInt8>, from channel: Channel, _ turn: inout Turn) {
        for index in bytes.indices { rest.append(bytes[index]) }
        while rest.count >= Self.length {
            let packet = Array(rest.prefix(Self.length))
            rest.removeFirst(Self.length)
            guard reportsWaveforms else { continue }
            let samples = (0 ..< Self.samplesPerSecond).map { index in
                Int32(Int16(bitPattern: UInt16(packet[2 + 2 * index]) | UInt16(packet[3 + 2 * index]) << 8))
            }
            turn.report(
                Waveform(
                    .ecgLeadII, sampleRateHz: Double(Self.samplesPerSecond), scale: 0.005, samples: samples,
                    quality: packet[1] == 1 ? .questionable(.leadOff) : .valid))
        }
    }
}

/// What the heart does from a second on.
enum Heart: Hashable, Sendable {
    /// Narrow beats at a rate (/min).
    case sinus(Double)
    /// Broad beats at a rate (/min).
    case ventricular(Double)
    case still
    case electrodeOff
}

/// The ECG of a heart that does one thing after the other, in samples of 5 µV.
struct HeartScript: Sendable {
    private let samples: [Int16]
    private let off: [Bool]

    init(_ stretches: [(seconds: Int, heart: Heart)]) {
        let rate = Double(Patch.samplesPerSecond)
        var values: [Double] = []
        var off: [Bool] = []
        var beats: [(seconds: Double, isBroad: Bool)] = []
        var start = 0.0
        var next = 0.4
        for (seconds, heart) in stretches {
            let end = start + Double(seconds)
            next = max(next, start + 0.2)
            while next < end, let (beatsPerMinute, isBroad) = heart.beating {
                beats.append((next, isBroad))
                next += 60 / beatsPerMinute * (isBroad ? 1 : 1 + 0.03 * sin(next * 1.5))
            }
            off += [Bool](repeating: heart == .electrodeOff, count: seconds)
            start = end
        }
        var dice = Dice(seed: 5)
        for index in 0 ..< Int(start * rate) {
            let noise = Double(dice.next() % 1000) / 1000 - 0.5
            values.append(0.02 * noise + 0.05 * sin(Double(index) / rate * 1.7))
        }
        for beat in beats { Self.draw(beat.seconds, isBroad: beat.isBroad, rate, &values) }
        for index in values.indices where off[index / Patch.samplesPerSecond] { values[index] = 0 }
        samples = values.map { Int16(clamping: Int(($0 / 0.005).rounded())) }
        self.off = off
    }

    var seconds: Int { off.count }

    /// The packet that is complete after `second` seconds.
    func packet(_ second: Int) -> [UInt8] {
        guard second >= 1, second <= off.count else { return [] }
        let first = (second - 1) * Patch.samplesPerSecond
        return [0xE0, off[second - 1] ? 1 : 0]
            + samples[first ..< first + Patch.samplesPerSecond].flatMap { sample -> [UInt8] in
                let bits = UInt16(bitPattern: sample)
                return [UInt8(truncatingIfNeeded: bits), UInt8(bits >> 8)]
            }
    }

    private static func draw(_ beat: Double, isBroad: Bool, _ rate: Double, _ values: inout [Double]) {
        let narrow = [
            (0.12, -0.17, 0.022), (-0.1, -0.028, 0.009), (1.1, 0.0, 0.011), (-0.22, 0.03, 0.011),
            (0.28, 0.27, 0.045),
        ]
        let broad = [(1.6, 0.0, 0.035), (-0.9, 0.07, 0.03), (-0.5, 0.2, 0.04)]
        let first = max(0, Int((beat - 0.4) * rate))
        for index in first ..< min(values.count, first + Int(0.9 * rate)) {
            let time = Double(index) / rate - beat
            for (height, place, width) in isBroad ? broad : narrow {
                let share = (time - place) / width
                values[index] += height * exp(-share * share / 2)
            }
        }
    }
}

extension Heart {
    fileprivate var beating: (beatsPerMinute: Double, isBroad: Bool)? {
        switch self {
        case .sinus(let rate): (rate, false)
        case .ventricular(let rate): (rate, true)
        case .still, .electrodeOff: nil
        }
    }
}

extension Stage {
    /// A patch on one patient.
    static func patch(
        patient: String? = "p-17", isTest: Bool = false, _ stretches: [(seconds: Int, heart: Heart)]
    ) -> Stage {
        let script = HeartScript(stretches)
        var stage = Stage()
        stage.seconds = script.seconds
        stage.drivers = [Patch.self]
        stage.devices = [
            DeviceSetup(
                id: name("patch"), driver: Patch.self,
                address: .serial(path: "/dev/patch", SerialSettings(baud: 115_200)),
                patient: patient.map { name($0) },
                settings: DriverSettings(reportsWaveforms: false), isTest: isTest)
        ]
        stage.plug = { connector, loop in
            connector.add("/dev/patch") {
                var second = 0
                return ScriptedLink(
                    path: "/dev/patch", on: loop,
                    next: {
                        second += 1
                        guard second <= script.seconds else { return nil }
                        return .bytes(script.packet(second), at: .boot + .seconds(second))
                    })
            }
        }
        return stage
    }
}
