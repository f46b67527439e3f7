import DriverKit
import Vitals

/// What the packets of protocol V1.5 say.
struct BerryPackets: Sendable {
    /// Bytes passed over since the last packet.
    var lostBytes = 0

    private var oxygen = LiveNumber(.oxygenSaturation, valid: 35 ... 100, missing: [127], framesPerSecond: 100)
    private var pulse = LiveNumber(.pulseRate, valid: 25 ... 250, missing: [255], framesPerSecond: 100)
    private var perfusion = LiveNumber(
        .perfusionIndex, valid: 1 ... 200, missing: [0], scale: 0.1, framesPerSecond: 100)
    private var interval = LiveNumber(
        .rrInterval, valid: 1 ... 13_107, missing: [0], scale: 5, framesPerSecond: 100)
    private var battery = LiveNumber(.batteryLevel, valid: 0 ... 100, missing: [], framesPerSecond: 100)
    private var status = Cadence(framesPerSecond: 100)
    private var wave: SampleBlock
    private var packetsPerSecond: UInt8 = 100
    private var indexLast: UInt8?

    init(reportsWaveforms: Bool) {
        wave = SampleBlock(.plethysmogram, samplesPerSecond: 100, isOn: reportsWaveforms)
    }

    mutating func tell(_ packet: BerryPacket, _ turn: inout Turn) {
        if packet.packetsPerSecond != packetsPerSecond { change(packet.packetsPerSecond, &turn) }
        tellNumbers(packet, &turn)
        tellWave(packet, &turn)
    }

    mutating func end(_ turn: inout Turn) { wave.flush(&turn) }

    /// The other protocol was heard in between: every value counts as new.
    mutating func restart() {
        oxygen.cadence.restart()
        pulse.cadence.restart()
        perfusion.cadence.restart()
        interval.cadence.restart()
        battery.cadence.restart()
        status.restart()
        indexLast = nil
    }

    @inline(__always)
    private mutating func tellNumbers(_ packet: BerryPacket, _ turn: inout Turn) {
        let flags = UInt32(packet.status & 7)
        if oxygen.isDue(UInt16(packet.oxygenMean), flags: flags) {
            tell(oxygen, UInt16(packet.oxygenMean), packet, &turn)
        }
        if pulse.isDue(UInt16(packet.pulseMean), flags: flags) {
            tell(pulse, UInt16(packet.pulseMean), packet, &turn)
        }
        if perfusion.isDue(UInt16(packet.perfusionMean), flags: flags) {
            tell(perfusion, UInt16(packet.perfusionMean), packet, &turn)
        }
        if interval.isDue(packet.interval, flags: flags) { tell(interval, packet.interval, packet, &turn) }
        if battery.isDue(UInt16(packet.battery), flags: 0) {
            turn.report(battery.reading(UInt16(packet.battery), unusable: []))
        }
        if status.isDue(UInt64(flags)) { turn.report(Self.status(packet)) }
    }

    /// The index counts packets modulo 256, so it tells how many are missing.
    @inline(__always)
    private mutating func tellWave(_ packet: BerryPacket, _ turn: inout Turn) {
        if let last = indexLast, packet.index != last &+ 1 {
            wave.interrupt(lost: Int(packet.index &- last &- 1), &turn)
        } else if lostBytes > 0 {
            wave.interrupt(lost: 0, &turn)
        }
        lostBytes = 0
        indexLast = packet.index
        guard packet.status & 7 == 0, packet.pleth != 0, packetsPerSecond > 1 else {
            return wave.interrupt(lost: 1, &turn)
        }
        wave.append(Int32(packet.pleth), &turn)
    }

    @inline(never)
    private mutating func change(_ rate: UInt8, _ turn: inout Turn) {
        guard rate == 1 || rate == 50 || rate == 100 || rate == 200 else { return }
        packetsPerSecond = rate
        wave.change(samplesPerSecond: Int(rate), &turn)
        oxygen.cadence.framesPerSecond = Int(rate)
        pulse.cadence.framesPerSecond = Int(rate)
        perfusion.cadence.framesPerSecond = Int(rate)
        interval.cadence.framesPerSecond = Int(rate)
        battery.cadence.framesPerSecond = Int(rate)
        status.framesPerSecond = Int(rate)
    }

    @inline(never)
    private func tell(_ number: LiveNumber, _ raw: UInt16, _ packet: BerryPacket, _ turn: inout Turn) {
        turn.report(number.reading(raw, unusable: Self.unusable(packet)))
    }

    private static func unusable(_ packet: BerryPacket) -> QualityReasons {
        var reasons: QualityReasons = []
        if packet.status & 3 != 0 { reasons.insert(.sensorOff) }
        if packet.status & 4 != 0 { reasons.insert(.noSignal) }
        return reasons
    }

    @inline(never)
    private static func status(_ packet: BerryPacket) -> DeviceStatus {
        DeviceStatus([
            .init("sensor-off", Int(packet.status & 1)),
            .init("no-finger", Int(packet.status >> 1 & 1)),
            .init("no-pulse", Int(packet.status >> 2 & 1)),
            .init("pulse-beep", Int(packet.status >> 3 & 1)),
            .init("oxygen-saturation-now", Int(packet.oxygenNow)),
            .init("pulse-rate-now", Int(packet.pulseNow)),
            .init("packets-per-second", Int(packet.packetsPerSecond)),
        ])
    }
}
