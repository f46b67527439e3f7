import DriverKit
import Vitals

/// What the device measures now (03): 20 bytes of numbers, then the ECG since the last request.
///
///     0–1    heart rate, 0: none          8      state, the one before in the high nibble
///     2      1 R peak, 2 weak, 4 poor     20–21  number of samples
///     3      battery                      22…    samples, signed, 7FFF: none
///     4–7    seconds recorded
///
/// Low byte first. A sample is 1.0035 × 1800 ÷ (4096 × 178.74) mV, 125 a second.
struct ER1Live: Sendable {
    private var rate = LiveNumber(
        .heartRate, valid: 1 ... 400, missing: [0, 0xFFFF], framesPerSecond: pollsPerSecond)
    private var battery = LiveNumber(
        .batteryLevel, valid: 0 ... 100, missing: [], framesPerSecond: 60 * pollsPerSecond)
    private var status = Cadence(framesPerSecond: pollsPerSecond)
    private let reportsWaveforms: Bool
    /// Samples marked as missing since the last wave told.
    private var missing = 0

    static let samplesPerSecond = 125.0
    private static let pollsPerSecond = 2
    static let millivolts = 0.002467
    private static let noSample: Int32 = 0x7FFF
    static let waveStart = 22

    init(reportsWaveforms: Bool) { self.reportsWaveforms = reportsWaveforms }

    static func fits(_ reply: ER1Reply) -> Bool {
        reply.count >= waveStart && waveStart + 2 * Int(reply.littleEndian16(20)) <= reply.count
    }

    mutating func tell(_ reply: ER1Reply, _ turn: inout Turn) {
        let state = reply[8] & 0x0F
        let beats = reply.littleEndian16(0)
        let isOff = state == 7 || state == 0 && beats == 0
        let doubts: QualityReasons = reply[2] & 0x06 != 0 ? .noise : []
        let flags = UInt32(reply[2] & 0xC6) | (isOff ? 1 : 0) | UInt32(state) << 8
        if rate.isDue(beats, flags: flags) {
            turn.report(rate.reading(beats, unusable: isOff ? .leadOff : [], doubts: doubts))
        }
        if battery.isDue(UInt16(reply[3]), flags: 0) {
            turn.report(battery.reading(UInt16(reply[3]), unusable: []))
        }
        if status.isDue(UInt64(flags)) { turn.report(Self.status(reply, isOff: isOff)) }
        if reportsWaveforms { tellWave(reply, isOff ? doubts.union(.leadOff) : doubts, &turn) }
    }

    private static func status(_ reply: ER1Reply, isOff: Bool) -> DeviceStatus {
        DeviceStatus([
            .init("state", Int(reply[8] & 0x0F)), .init("lead-off", isOff ? 1 : 0),
            .init("weak-signal", Int(reply[2] >> 1 & 1)), .init("poor-signal", Int(reply[2] >> 2 & 1)),
            .init("battery-state", Int(reply[2] >> 6)), .init("recording-seconds", reply.littleEndian32(4)),
        ])
    }

    /// A missing sample ends a block.
    private mutating func tellWave(_ reply: ER1Reply, _ doubts: QualityReasons, _ turn: inout Turn) {
        var samples: [Int32] = []
        for index in 0 ..< Int(reply.littleEndian16(20)) {
            let sample = Int32(Int16(truncatingIfNeeded: Int(reply.littleEndian16(Self.waveStart + 2 * index))))
            if sample == Self.noSample {
                flush(&samples, doubts, &turn)
                missing &+= 1
                continue
            }
            samples.append(sample)
            if samples.count == Waveform.samplesMax { flush(&samples, doubts, &turn) }
        }
        flush(&samples, doubts, &turn)
    }

    private mutating func flush(_ samples: inout [Int32], _ doubts: QualityReasons, _ turn: inout Turn) {
        guard !samples.isEmpty else { return }
        turn.report(
            Waveform(
                .ecgLead, sampleRateHz: Self.samplesPerSecond, scale: Self.millivolts, samples: samples,
                quality: Quality(doubts: doubts), lostBefore: missing))
        samples = []
        missing = 0
    }
}
