import DriverKit
import Vitals

/// What the frames of data format 8 say. One comes each second, so its numbers are told each time, and its lamps
/// when they change and once a minute.
struct NoninShortLive: Sendable {
    private let oxygen = LiveNumber(.oxygenSaturation, valid: 1 ... 100, missing: [127], framesPerSecond: 1)
    private let pulse = LiveNumber(.pulseRate, valid: 1 ... 510, missing: [511], framesPerSecond: 1)
    private var status = Cadence(framesPerSecond: 60)

    mutating func tell(_ frame: NoninShortFrame, _ turn: inout Turn) {
        var unusable: QualityReasons = []
        if frame.more & 0x08 != 0 { unusable.insert(.sensorOff) }
        if frame.flags & 0x40 != 0 { unusable.insert(.sensorFault) }
        var doubts: QualityReasons = []
        if frame.flags & 0x18 != 0 { doubts.insert(.lowPerfusion) }
        if frame.flags & 0x24 != 0 { doubts.insert(.artefact) }
        turn.report(oxygen.reading(UInt16(frame.oxygen), unusable: unusable, doubts: doubts))
        turn.report(pulse.reading(frame.rate, unusable: unusable, doubts: doubts))
        if status.isDue(UInt64(frame.flags & 0x7C) << 8 | UInt64(frame.more)) { turn.report(Self.status(frame)) }
    }

    private static func status(_ frame: NoninShortFrame) -> DeviceStatus {
        DeviceStatus([
            .init("artefact", Int(frame.flags >> 2 & 1)),
            .init("out-of-track", Int(frame.flags >> 5 & 1)),
            .init("sensor-alarm", Int(frame.more >> 3 & 1)),
            .init("sensor-disconnected", Int(frame.flags >> 6 & 1)),
            .init("smart-point", Int(frame.more >> 5 & 1)),
            .init("low-battery", Int(frame.more & 1)),
        ])
    }
}
