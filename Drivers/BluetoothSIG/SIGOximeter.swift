import Bytes
import DriverKit
import Vitals

/// Pulse Oximeter (1822).
///
///     2A5E spot check   flags: 01 time, 02 measurement status, 04 sensor status, 08 amplitude, 10 clock not set
///     2A5F continuous   flags: 01 fast, 02 slow, 04 measurement status, 08 sensor status, 10 amplitude
///
///     0   flags
///     1   SpO2 %, SFLOAT; pulse rate /min, SFLOAT
///     …   2A5E: [time, 7 bytes]; 2A5F: [fast SpO2 and rate], [slow SpO2 and rate], which are not used
///     …   [measurement status, 2 bytes], [device and sensor status, 3 bytes], [pulse amplitude index %, SFLOAT]
///
/// - Source: Bluetooth SIG, PLX Spot-Check Measurement, PLX Continuous Measurement, PLX Features.
struct SIGOximeter: Sendable {
    private var records: SIGRecords
    private var status = Cadence(framesPerSecond: .max)

    static let service = BluetoothUUID(0x1822)
    static let spot = Channel("spo2-spot-check")
    static let continuous = Channel("spo2-continuous")
    static let features = Channel("spo2-features")

    static let metrics: [Metric] = [.oxygenSaturation, .pulseRate, .perfusionIndex]

    static let uses: [CharacteristicUse] = [
        use(features, 0x2A60, .read), use(continuous, 0x2A5F, .subscribe), use(spot, 0x2A5E, .subscribe),
        use(SIGRecords.channel, 0x2A52, [.subscribe, .write]),
    ]

    private static func use(
        _ channel: Channel, _ characteristic: UInt16, _ access: CharacteristicUse.Access
    ) -> CharacteristicUse {
        CharacteristicUse(
            channel, service: service, characteristic: BluetoothUUID(characteristic), access: access,
            isRequired: false)
    }

    private static let oxygen = MedicalNumber(.oxygenSaturation, valid: 1 ... 100)
    private static let pulse = MedicalNumber(.pulseRate, valid: 1 ... 511)
    private static let perfusion = MedicalNumber(.perfusionIndex, valid: 0.001 ... 40)
    private static let featureNames = [
        "measurement-status", "sensor-status", "storage", "time", "fast", "slow", "amplitude", "multiple-bonds",
    ]

    init(fetchesStored: Bool) { records = SIGRecords(isWanted: fetchesStored) }

    var deadline: Instant { records.deadline }

    mutating func begin(_ turn: inout Turn) { records.begin(&turn) }

    mutating func wake(_ turn: inout Turn) { records.wake(&turn) }

    mutating func receive(
        _ bytes: Span<UInt8>, from channel: Channel, _ clock: SIGClock, _ turn: inout Turn
    ) throws(Truncated) -> Bool {
        var reader = ByteReader(bytes)
        switch channel {
        case Self.spot: try receiveSpot(&reader, clock, &turn)
        case Self.continuous: try receiveContinuous(&reader, &turn)
        case Self.features:
            let bits = try reader.littleEndianUInt16()
            turn.report(.feature("oximeter-features", Self.featureNames.named(by: bits)))
        case SIGRecords.channel: try records.receive(&reader, &turn)
        default: return false
        }
        return true
    }

    private mutating func receiveSpot(
        _ reader: inout ByteReader, _ clock: SIGClock, _ turn: inout Turn
    ) throws(Truncated) {
        let flags = try reader.uint8()
        let oxygen = try reader.sfloat()
        let pulse = try reader.sfloat()
        let time = flags & 0x01 != 0 ? try reader.dateTime() : nil
        let status = try SIGOximeterStatus(
            &reader, hasMeasurement: flags & 0x02 != 0, hasSensor: flags & 0x04 != 0)
        let amplitude = flags & 0x08 != 0 ? try reader.sfloat() : nil
        var circumstances = clock.circumstances(of: time, isTimed: flags & 0x01 != 0, turn)
        if flags & 0x10 != 0 {
            // What such a clock shows says nothing of the age.
            circumstances.source = .live
            circumstances.doubts.insert(.clockUncertain)
        }
        if status.isFromMemory || records.isReporting { circumstances.source = .stored }
        if records.isReporting {
            records.count(turn)
            // Records without a time would otherwise all be the same one.
            if time == nil { circumstances.subindex = records.received }
        }
        report(oxygen, pulse, amplitude, status, circumstances, &turn)
    }

    private mutating func receiveContinuous(_ reader: inout ByteReader, _ turn: inout Turn) throws(Truncated) {
        let flags = try reader.uint8()
        let oxygen = try reader.sfloat()
        let pulse = try reader.sfloat()
        if flags & 0x01 != 0 { try reader.skip(4) }
        if flags & 0x02 != 0 { try reader.skip(4) }
        let status = try SIGOximeterStatus(
            &reader, hasMeasurement: flags & 0x04 != 0, hasSensor: flags & 0x08 != 0)
        let amplitude = flags & 0x10 != 0 ? try reader.sfloat() : nil
        report(oxygen, pulse, amplitude, status, Circumstances(), &turn)
    }

    private mutating func report(
        _ oxygen: MedicalFloat, _ pulse: MedicalFloat, _ amplitude: MedicalFloat?, _ status: SIGOximeterStatus,
        _ circumstances: Circumstances, _ turn: inout Turn
    ) {
        var circumstances = circumstances
        circumstances.unusable.formUnion(status.unusable)
        circumstances.doubts.formUnion(status.doubts)
        circumstances.isProvisional = status.isProvisional
        turn.report(Self.oxygen.reading(oxygen, circumstances))
        turn.report(Self.pulse.reading(pulse, circumstances))
        if let amplitude { turn.report(Self.perfusion.reading(amplitude, circumstances)) }
        let fields = status.fields
        if !fields.isEmpty, self.status.isDue(status.key) { turn.report(DeviceStatus(fields)) }
    }
}

extension [String] {
    /// The names of the bits that are set, the first for bit 0; `none` when there is none.
    func named(by bits: UInt16) -> String {
        let set = zip(0..., self).filter { bits >> UInt16($0.0) & 1 != 0 }.map(\.1)
        return set.isEmpty ? "none" : set.joined(separator: ",")
    }
}
