import DriverKit
import Vitals

/// What the device measures now: numbers (17) and pulse wave (1B).
///
///     17   0 SpO2   1–2 pulse rate   3–6 steps   7 battery   8 charging   9 motion   10 PI × 10   11 worn
///     1B   0 SpO2   1–2 pulse rate   3 battery   4 charging   5 PI × 10   6 worn   10–11 count   12… wave
///
/// Numbers of two bytes are low byte first. Missing: SpO2 FF, pulse rate FFFF, and 0 while it is still searching.
struct OxyLive: Sendable {
    private let oxygen = LiveNumber(.oxygenSaturation, valid: 1 ... 100, missing: [0, 0xFF], framesPerSecond: 1)
    private let pulse = LiveNumber(.pulseRate, valid: 1 ... 300, missing: [0, 0xFFFF], framesPerSecond: 1)
    private let perfusion = LiveNumber(
        .perfusionIndex, valid: 1 ... 255, missing: [0], scale: 0.1, framesPerSecond: 1)
    private var battery = LiveNumber(.batteryLevel, valid: 0 ... 100, missing: [], framesPerSecond: 60)
    /// Firmware before 1.4.1 sends 0 always.
    private var hasPerfusion = false
    private var isWorn = false

    static let waveHz = 125.0
    /// Marks in the wave, for a beat or a glitch; they are no samples.
    private static let marks: [UInt8] = [156, 246]
    private static let waveStart = 12

    static func isNumbers(_ reply: OxyReply) -> Bool { (12 ... 16).contains(reply.count) }

    static func isWave(_ reply: OxyReply) -> Bool {
        reply.count >= waveStart && waveStart + Int(reply.littleEndian16(10)) <= reply.count
    }

    mutating func tellNumbers(_ reply: OxyReply, _ turn: inout Turn) {
        isWorn = reply[11] & 1 != 0
        let (saturation, rate) = (UInt16(reply[0]), reply.littleEndian16(1))
        var unusable: QualityReasons = isWorn ? [] : .sensorOff
        if isWorn, saturation == 0, rate == 0 { unusable.insert(.searching) }
        turn.report(oxygen.reading(saturation, unusable: unusable))
        turn.report(pulse.reading(rate, unusable: unusable))
        hasPerfusion = hasPerfusion || reply[10] != 0
        if hasPerfusion { turn.report(perfusion.reading(UInt16(reply[10]), unusable: unusable)) }
        if battery.isDue(UInt16(reply[7]), flags: 0) {
            turn.report(battery.reading(UInt16(reply[7]), unusable: []))
        }
        turn.report(
            DeviceStatus([
                .init("worn", isWorn ? 1 : 0), .init("lead-off-countdown", Int(reply[11] >> 4)),
                .init("charging", Int(reply[8])), .init("motion", Int(reply[9])),
                .init("steps", reply.littleEndian32(3)),
            ]))
    }

    /// The display's wave is 100 − sample ÷ 2. A wave without a finger is none.
    func tellWave(_ reply: OxyReply, _ turn: inout Turn) {
        guard reply[6] & 1 != 0 else { return }
        let samples = Self.withoutMarks(
            reply.payload.dropFirst(Self.waveStart).prefix(Int(reply.littleEndian16(10))))
        for start in stride(from: 0, to: samples.count, by: Waveform.samplesMax) {
            turn.report(
                Waveform(
                    .plethysmogram, sampleRateHz: Self.waveHz, scale: -0.5, offset: 100,
                    samples: Array(samples[start ..< min(samples.count, start + Waveform.samplesMax)])))
        }
    }

    /// In the place of marks stands the mean of the samples beside them, as at the vendor. Marks only: nothing.
    static func withoutMarks(_ wave: ArraySlice<UInt8>) -> [Int32] {
        let wave = Array(wave)
        guard wave.contains(where: { !marks.contains($0) }) else { return [] }
        var samples: [Int32] = []
        samples.reserveCapacity(wave.count)
        var before: Int32?
        var index = 0
        while index < wave.count {
            guard marks.contains(wave[index]) else {
                before = Int32(wave[index])
                samples.append(Int32(wave[index]))
                index += 1
                continue
            }
            var stop = index
            while stop < wave.count, marks.contains(wave[stop]) { stop += 1 }
            let after = stop < wave.count ? Int32(wave[stop]) : nil
            let mean = ((before ?? after ?? 0) + (after ?? before ?? 0)) / 2
            samples += Array(repeating: mean, count: stop - index)
            index = stop
        }
        return samples
    }
}
