import DriverKit
import Vitals

/// A message of "Continuous Oximetry", once a second, high byte first.
///
///     0 length   1 status   2 battery × 0.1 V   3–4 PAI × 0.01 %   5–6 seconds   7 SpO2   8–9 pulse rate
///
/// Missing: SpO2 127, pulse rate 511. Status: 0 the display has the same, 1 weak signal, 2 SmartPoint, 3 searching,
/// 4 the finger is well placed, 5 battery low, 6 encrypted.
enum NoninNumbers {
    private static let oxygen = LiveNumber(.oxygenSaturation, valid: 1 ... 100, missing: [127], framesPerSecond: 1)
    private static let pulse = LiveNumber(.pulseRate, valid: 1 ... 510, missing: [511], framesPerSecond: 1)
    private static let perfusion = LiveNumber(
        .perfusionIndex, valid: 1 ... 4000, missing: [0], scale: 0.01, framesPerSecond: 1)

    /// There are at least ten bytes.
    static func tell(_ bytes: Span<UInt8>, _ turn: inout Turn) {
        let status = bytes[1]
        var doubts: QualityReasons = []
        if status & 0x02 != 0 { doubts.insert(.lowPerfusion) }
        if status & 0x08 != 0 { doubts.insert(.searching) }
        if status & 0x10 == 0 { doubts.insert(.sensorOff) }
        turn.report(oxygen.reading(UInt16(bytes[7]), unusable: [], doubts: doubts))
        turn.report(pulse.reading(bytes.bigEndian16(8), unusable: [], doubts: doubts))
        turn.report(perfusion.reading(bytes.bigEndian16(3), unusable: [], doubts: doubts))
        turn.report(
            DeviceStatus([
                .init("display-sync", Int(status & 1)), .init("weak-signal", Int(status >> 1 & 1)),
                .init("smart-point", Int(status >> 2 & 1)), .init("searching", Int(status >> 3 & 1)),
                .init("finger-placed", Int(status >> 4 & 1)), .init("low-battery", Int(status >> 5 & 1)),
                .init("encrypted", Int(status >> 6 & 1)), .init("battery-decivolts", Int(bytes[2])),
                .init("seconds", Int(bytes.bigEndian16(5))),
            ]))
    }
}

/// A message of "Pulse Interval Time", high byte first.
///
///     0 length   1–2 counter   3 status: 0 invalid, 1 rate too high   then for each of 0–6 pulses:
///     0 bit 6: bad pulse, bits 0–3 with 1: PAI × 0.01 %   2–3 interval × 0.1 ms
enum NoninIntervals {
    private static let interval = LiveNumber(
        .rrInterval, valid: 1 ... 65_535, missing: [0], scale: 0.1, framesPerSecond: 1)
    private static let pulseBytes = 4
    private static let pulsesMax = 6

    /// There are at least four bytes.
    static func tell(_ bytes: Span<UInt8>, _ turn: inout Turn) {
        let doubts: QualityReasons = bytes[3] & 0x02 != 0 ? .outOfRange : []
        for index in 0 ..< min(pulsesMax, (bytes.count - 4) / pulseBytes) {
            let place = 4 + index * pulseBytes
            let isBad = bytes[3] & 0x01 != 0 || bytes[place] & 0x40 != 0
            turn.report(
                interval.reading(
                    bytes.bigEndian16(place + 2), unusable: isBad ? .artefact : [], doubts: doubts, subindex: index)
            )
        }
    }
}
