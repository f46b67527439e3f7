import DriverKit
import Vitals

/// Package 01 of protocol V7.0, 60 a second. Data bytes, after their bit 7 is put back:
///
///     byte  bit 7        6     5       4           3   2   1   0
///     0     finger out   beep  low     too long    signal strength
///     1     searching    pulse wave
///     2                                PI invalid  bar graph
///     3     pulse rate 1-254; 0, FFh: none
///     4     SpO2 1-100; 0, 7Fh: none
///     5, 6  perfusion index × 100, low byte first; FFFFh: none
struct ContecV7LiveFrame: Sendable {
    static let length = 9

    let state: UInt8
    let wave: UInt8
    let bar: UInt8
    let pulse: UInt8
    let oxygen: UInt8
    let perfusion: UInt16

    /// `nil` when no complete package 01 begins there.
    @inline(__always)
    init?(_ bytes: Span<UInt8>, at start: Int) {
        guard bytes.count &- start >= Self.length, bytes[start] == 0x01 else { return nil }
        let high = bytes[start &+ 1]
        let (b0, b1, b2) = (bytes[start &+ 2], bytes[start &+ 3], bytes[start &+ 4])
        let (b3, b4) = (bytes[start &+ 5], bytes[start &+ 6])
        let (b5, b6) = (bytes[start &+ 7], bytes[start &+ 8])
        guard high & b0 & b1 & b2 & b3 & b4 & b5 & b6 >= 0x80 else { return nil }
        state = b0 & 0x7F | high << 7
        wave = b1 & 0x7F | high << 6 & 0x80
        bar = b2 & 0x7F
        pulse = b3 & 0x7F | high << 4 & 0x80
        oxygen = b4 & 0x7F | high << 3 & 0x80
        perfusion = UInt16(b5 & 0x7F | high << 2 & 0x80) | UInt16(b6 & 0x7F | high << 1 & 0x80) << 8
    }

    /// The device says that its perfusion index can be used, and it can.
    var hasPerfusion: Bool { bar & 0x10 == 0 && perfusion != 0xFFFF }
}

/// What the live packages say.
struct ContecV7Live: Sendable {
    static let framesPerSecond = 60

    private var oxygen = LiveNumber(
        .oxygenSaturation, valid: 1 ... 100, missing: [0, 0x7F], framesPerSecond: framesPerSecond)
    private var pulse = LiveNumber(
        .pulseRate, valid: 1 ... 254, missing: [0, 0xFF], framesPerSecond: framesPerSecond)
    private var perfusion = LiveNumber(
        .perfusionIndex, valid: 1 ... 2200, missing: [0], scale: 0.01, framesPerSecond: framesPerSecond)
    private var status = Cadence(framesPerSecond: framesPerSecond)
    private var wave: SampleBlock

    init(reportsWaveforms: Bool) {
        wave = SampleBlock(.plethysmogram, samplesPerSecond: Self.framesPerSecond, isOn: reportsWaveforms)
    }

    @inline(__always)
    mutating func tell(_ frame: ContecV7LiveFrame, _ turn: inout Turn) {
        let flags = UInt32(frame.state & 0x90) | UInt32(frame.wave & 0x80) << 4
        if oxygen.isDue(UInt16(frame.oxygen), flags: flags) { tell(oxygen, UInt16(frame.oxygen), frame, &turn) }
        if pulse.isDue(UInt16(frame.pulse), flags: flags) { tell(pulse, UInt16(frame.pulse), frame, &turn) }
        if frame.hasPerfusion, perfusion.isDue(frame.perfusion, flags: flags) {
            tell(perfusion, frame.perfusion, frame, &turn)
        }
        if status.isDue(UInt64(frame.state & 0xBF) | UInt64(frame.wave & 0x80) << 1 | UInt64(frame.bar & 0x10) << 8)
        {
            turn.report(Self.status(frame))
        }
        if frame.state & 0x90 == 0 {
            wave.append(Int32(frame.wave & 0x7F), &turn)
        } else {
            wave.interrupt(lost: 1, &turn)
        }
    }

    mutating func interrupt(lostBytes: Int, _ turn: inout Turn) {
        wave.interrupt(lost: (lostBytes &+ ContecV7LiveFrame.length / 2) / ContecV7LiveFrame.length, &turn)
    }

    mutating func end(_ turn: inout Turn) { wave.flush(&turn) }

    @inline(never)
    private func tell(
        _ number: LiveNumber, _ raw: UInt16, _ frame: ContecV7LiveFrame, _ turn: inout Turn
    ) {
        var unusable: QualityReasons = []
        if frame.state & 0x80 != 0 { unusable.insert(.sensorOff) }
        if frame.state & 0x10 != 0 { unusable.insert(.noSignal) }
        let doubts: QualityReasons = frame.wave & 0x80 != 0 ? .searching : []
        turn.report(number.reading(raw, unusable: unusable, doubts: doubts))
    }

    @inline(never)
    private static func status(_ frame: ContecV7LiveFrame) -> DeviceStatus {
        DeviceStatus([
            .init("signal-strength", Int(frame.state & 0x0F)),
            .init("bar-graph", Int(frame.bar & 0x0F)),
            .init("pulse-beep", Int(frame.state >> 6 & 1)),
            .init("oxygen-low", Int(frame.state >> 5 & 1)),
            .init("searching", Int(frame.wave >> 7)),
            .init("searching-too-long", Int(frame.state >> 4 & 1)),
            .init("probe-error", Int(frame.state >> 7)),
            .init("perfusion-invalid", Int(frame.bar >> 4 & 1)),
        ])
    }
}
