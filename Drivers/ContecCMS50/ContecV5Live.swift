import DriverKit
import Vitals

/// The live frame of protocol V5.0A, 60 a second.
///
///     byte  bit 7     6          5          4         3   2   1   0
///     0     1         beep       dropping   too long  signal strength
///     1     0         pulse wave, 7 bits
///     2     0         PR bit 7   searching  probe     bar graph
///     3     0         pulse rate, bits 6-0
///     4     0         SpO2, 7 bits
struct ContecV5Live: Sendable {
    static let framesPerSecond = 60

    var framer = SyncFramer()
    private var oxygen = LiveNumber(
        .oxygenSaturation, valid: 1 ... 100, missing: [0, 0x7F], framesPerSecond: framesPerSecond)
    private var pulse = LiveNumber(
        .pulseRate, valid: 1 ... 254, missing: [0, 0xFF], framesPerSecond: framesPerSecond)
    private var status = Cadence(framesPerSecond: framesPerSecond)
    private var wave: SampleBlock

    init(reportsWaveforms: Bool) {
        wave = SampleBlock(.plethysmogram, samplesPerSecond: Self.framesPerSecond, isOn: reportsWaveforms)
    }

    mutating func decode(_ bytes: Span<UInt8>, from start: Int, _ turn: inout Turn) {
        var index = start
        while let frame = framer.next(in: bytes, at: &index, &turn) { tell(frame, &turn) }
    }

    /// One byte, while a download is expected and its bytes are sorted out one by one.
    mutating func take(_ byte: UInt8, _ turn: inout Turn) {
        if let frame = framer.take(byte, &turn) { tell(frame, &turn) }
    }

    mutating func flush(_ turn: inout Turn) {
        if let frame = framer.flush(&turn) { tell(frame, &turn) }
    }

    mutating func end(_ turn: inout Turn) {
        flush(&turn)
        framer.end(&turn)
        wave.flush(&turn)
    }

    @inline(__always)
    private mutating func tell(_ frame: SyncFrame, _ turn: inout Turn) {
        let rate = UInt16(frame.byte2 & 0x40) << 1 | UInt16(frame.byte3)
        let flags = UInt32(frame.byte0 & 0x10) | UInt32(frame.byte2 & 0x30) << 4
        if oxygen.isDue(UInt16(frame.byte4), flags: flags) { tellOxygen(frame, &turn) }
        if pulse.isDue(rate, flags: flags) { tellPulse(rate, frame, &turn) }
        if status.isDue(UInt64(frame.byte0 & 0xBF) | UInt64(frame.byte2 & 0x30) << 8) {
            turn.report(Self.status(frame))
        }
        if frame.lostBytesBefore > 0 { wave.interrupt(lost: frame.lostFramesBefore, &turn) }
        if Self.hasWave(frame) {
            wave.append(Int32(frame.byte1), &turn)
        } else {
            wave.interrupt(lost: 1, &turn)
        }
    }

    @inline(never)
    private func tellOxygen(_ frame: SyncFrame, _ turn: inout Turn) {
        turn.report(
            oxygen.reading(UInt16(frame.byte4), unusable: Self.unusable(frame), doubts: Self.doubts(frame)))
    }

    @inline(never)
    private func tellPulse(_ rate: UInt16, _ frame: SyncFrame, _ turn: inout Turn) {
        turn.report(pulse.reading(rate, unusable: Self.unusable(frame), doubts: Self.doubts(frame)))
    }

    /// Finger in place, and the search for its pulse not given up.
    @inline(__always)
    private static func hasWave(_ frame: SyncFrame) -> Bool { (frame.byte0 | frame.byte2) & 0x10 == 0 }

    private static func unusable(_ frame: SyncFrame) -> QualityReasons {
        var reasons: QualityReasons = []
        if frame.byte2 & 0x10 != 0 { reasons.insert(.sensorOff) }
        if frame.byte0 & 0x10 != 0 { reasons.insert(.noSignal) }
        return reasons
    }

    private static func doubts(_ frame: SyncFrame) -> QualityReasons {
        frame.byte2 & 0x20 != 0 ? .searching : []
    }

    @inline(never)
    private static func status(_ frame: SyncFrame) -> DeviceStatus {
        DeviceStatus([
            .init("signal-strength", Int(frame.byte0 & 0x0F)),
            .init("bar-graph", Int(frame.byte2 & 0x0F)),
            .init("pulse-beep", Int(frame.byte0 >> 6 & 1)),
            .init("oxygen-dropping", Int(frame.byte0 >> 5 & 1)),
            .init("searching", Int(frame.byte2 >> 5 & 1)),
            .init("searching-too-long", Int(frame.byte0 >> 4 & 1)),
            .init("probe-error", Int(frame.byte2 >> 4 & 1)),
        ])
    }
}
