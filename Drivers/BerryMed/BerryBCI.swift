import DriverKit
import Vitals

/// The frame of the BCI protocol V1.2, 100 a second.
///
///     byte  bit 7     6          5          4          3   2   1   0
///     0     1         beep       unplugged  no signal  signal strength
///     1     0         pulse wave 0-100, 0: none
///     2     0         PR bit 7   searching  no finger  bar graph
///     3     0         pulse rate, bits 6-0; with bit 7, FFh: none
///     4     0         SpO2; 7Fh: none
struct BerryBCI: Sendable {
    static let framesPerSecond = 100

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

    mutating func decode(
        _ bytes: Span<UInt8>, at index: inout Int, stoppingBefore mark: Int, _ turn: inout Turn
    ) {
        while let frame = framer.next(in: bytes, at: &index, stoppingBefore: mark, &turn) { tell(frame, &turn) }
    }

    mutating func take(_ byte: UInt8, _ turn: inout Turn) {
        if let frame = framer.take(byte, &turn) { tell(frame, &turn) }
    }

    mutating func flush(_ turn: inout Turn) {
        if let frame = framer.flush(&turn) { tell(frame, &turn) }
    }

    /// The other protocol was heard in between: every value counts as new.
    mutating func restart() {
        oxygen.cadence.restart()
        pulse.cadence.restart()
        status.restart()
    }

    /// The device speaks the other protocol: what was collected here was part of a packet.
    mutating func abandon(_ turn: inout Turn) {
        framer.abandon(&turn)
        wave.flush(&turn)
    }

    mutating func end(_ turn: inout Turn) {
        flush(&turn)
        framer.end(&turn)
        wave.flush(&turn)
    }

    @inline(__always)
    private mutating func tell(_ frame: SyncFrame, _ turn: inout Turn) {
        let rate = UInt16(frame.byte2 & 0x40) << 1 | UInt16(frame.byte3)
        let flags = UInt32(frame.byte0 & 0x30) | UInt32(frame.byte2 & 0x30) << 4
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

    @inline(__always)
    private static func hasWave(_ frame: SyncFrame) -> Bool {
        frame.byte0 & 0x30 == 0 && frame.byte2 & 0x10 == 0 && frame.byte1 != 0
    }

    private static func unusable(_ frame: SyncFrame) -> QualityReasons {
        var reasons: QualityReasons = []
        if frame.byte2 & 0x10 != 0 { reasons.insert(.sensorOff) }
        if frame.byte0 & 0x20 != 0 { reasons.insert(.sensorFault) }
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
            .init("probe-unplugged", Int(frame.byte0 >> 5 & 1)),
            .init("no-signal", Int(frame.byte0 >> 4 & 1)),
            .init("searching", Int(frame.byte2 >> 5 & 1)),
            .init("no-finger", Int(frame.byte2 >> 4 & 1)),
        ])
    }
}
