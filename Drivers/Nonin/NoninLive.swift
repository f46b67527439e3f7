import DriverKit
import Vitals

/// What the frames of data formats 2 and 7 say.
///
/// The FLOAT byte carries another number in each frame of a packet: 1, 2 the heart rate (`HR8 HR7` in bits 1–0,
/// then seven bits), 3 SpO2, 4 firmware revision, 8 STAT2. The "-D" numbers hold on for 10 s after the finger
/// is gone, so they are not used.
struct NoninLive: Sendable {
    private var oxygen = LiveNumber(
        .oxygenSaturation, valid: 1 ... 100, missing: [127], framesPerSecond: NoninFrame.perSecond)
    private var pulse = LiveNumber(
        .pulseRate, valid: 1 ... 510, missing: [511], framesPerSecond: NoninFrame.perSecond)
    private var status = Cadence(framesPerSecond: NoninFrame.perSecond)
    private var wave: SampleBlock

    /// 1–25 within a packet, 0 while not known.
    private var place = 0
    private var rateHigh: UInt16 = 0
    private var rate: UInt16?
    private var saturation: UInt16?
    private var more: UInt8 = 0
    private var firmware: UInt8?
    /// Frames for which a seen artefact goes on casting doubt: one second.
    private var artefactFrames = 0
    /// The last colour: bit 2 red, bit 1 green, both yellow.
    private var perfusion: UInt8 = 0

    init(reportsWaveforms: Bool) {
        wave = SampleBlock(
            .plethysmogram, samplesPerSecond: NoninFrame.perSecond, isOn: reportsWaveforms)
    }

    @inline(__always)
    mutating func tell(_ frame: NoninFrame, _ turn: inout Turn) {
        place = frame.isFirst ? 1 : place == 0 || place == NoninFrame.perPacket ? 0 : place &+ 1
        if place != 0, place <= 8 { take(frame.number, &turn) }
        note(frame.status)
        let flags = UInt32(frame.status & 0x48) | UInt32(perfusion & 4) << 5 | (artefactFrames > 0 ? 0x100 : 0)
        let isOff = frame.status & 0x48 != 0
        if isOff || saturation != nil {
            let raw = saturation ?? 127
            if oxygen.isDue(raw, flags: flags) { tell(oxygen, raw, frame, &turn) }
        }
        if isOff || rate != nil {
            let raw = rate ?? 511
            if pulse.isDue(raw, flags: flags) { tell(pulse, raw, frame, &turn) }
        }
        if status.isDue(UInt64(frame.status & 0x78) | UInt64(more & 0x21) << 8) { tellStatus(frame, &turn) }
        if isOff {
            wave.interrupt(lost: 1, &turn)
        } else {
            wave.append(Int32(frame.pleth), doubts: artefactFrames > 0 ? .artefact : [], &turn)
        }
    }

    /// Frames were lost: what is not known anew is not known.
    mutating func interrupt(lostBytes: Int, _ turn: inout Turn) {
        wave.interrupt(lost: (lostBytes &+ NoninFrame.length / 2) / NoninFrame.length, &turn)
        place = 0
        rate = nil
        saturation = nil
    }

    /// Another format may have been heard in between: every value counts as new.
    mutating func restart() {
        oxygen.cadence.restart()
        pulse.cadence.restart()
        status.restart()
    }

    mutating func end(_ turn: inout Turn) { wave.flush(&turn) }

    @inline(__always)
    private mutating func note(_ status: UInt8) {
        if status & 0x30 != 0 {
            artefactFrames = NoninFrame.perSecond
        } else if artefactFrames > 0 {
            artefactFrames &-= 1
        }
        if status & 6 != 0 { perfusion = status & 6 }
    }

    private mutating func take(_ number: UInt8, _ turn: inout Turn) {
        switch place {
        case 1: rateHigh = UInt16(number & 3) << 7
        case 2: rate = rateHigh | UInt16(number & 0x7F)
        case 3: saturation = UInt16(number & 0x7F)
        case 4 where firmware != number:
            firmware = number
            turn.report(DeviceInformation(firmware: String(number)))
        case 8: more = number
        default: break
        }
    }

    @inline(never)
    private func tell(_ number: LiveNumber, _ raw: UInt16, _ frame: NoninFrame, _ turn: inout Turn) {
        var unusable: QualityReasons = []
        if frame.status & 0x08 != 0 { unusable.insert(.sensorOff) }
        if frame.status & 0x40 != 0 { unusable.insert(.sensorFault) }
        var doubts: QualityReasons = []
        if artefactFrames > 0 { doubts.insert(.artefact) }
        if perfusion & 4 != 0 { doubts.insert(.lowPerfusion) }
        turn.report(number.reading(raw, unusable: unusable, doubts: doubts))
    }

    @inline(never)
    private func tellStatus(_ frame: NoninFrame, _ turn: inout Turn) {
        turn.report(
            DeviceStatus([
                .init("artefact", Int(frame.status >> 5 & 1)),
                .init("out-of-track", Int(frame.status >> 4 & 1)),
                .init("sensor-alarm", Int(frame.status >> 3 & 1)),
                .init("sensor-disconnected", Int(frame.status >> 6 & 1)),
                .init("smart-point", Int(more >> 5 & 1)),
                .init("low-battery", Int(more & 1)),
            ]))
    }
}
