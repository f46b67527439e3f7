import Bytes
import DriverKit
import Vitals

/// Blood Pressure (1810). Intermediate values (2A36) carry the pressure of the cuff in the first number.
///
///     2A35  0   flags: 01 kPa, 02 time, 04 pulse rate, 08 user, 10 status
///           1   systolic, diastolic, mean: SFLOAT, mmHg or kPa
///           …   [time, 7 bytes], [pulse rate /min, SFLOAT], [user, not used], [status, 2 bytes]
///
/// - Source: Bluetooth SIG, Blood Pressure Measurement, Intermediate Cuff Pressure, Blood Pressure Feature.
struct SIGBloodPressure: Sendable {
    static let service = BluetoothUUID(0x1810)
    static let measurement = Channel("blood-pressure-measurement")
    static let intermediate = Channel("intermediate-cuff-pressure")
    static let features = Channel("blood-pressure-features")

    static let metrics: [Metric] = [
        .bloodPressureSystolic, .bloodPressureDiastolic, .bloodPressureMean, .pulseRateCuff, .cuffPressure,
    ]

    static let uses: [CharacteristicUse] = [
        use(features, 0x2A49, .read), use(intermediate, 0x2A36, .subscribe), use(measurement, 0x2A35, .subscribe),
    ]

    private static func use(
        _ channel: Channel, _ characteristic: UInt16, _ access: CharacteristicUse.Access
    ) -> CharacteristicUse {
        CharacteristicUse(
            channel, service: service, characteristic: BluetoothUUID(characteristic), access: access,
            isRequired: false)
    }

    private static let systolic = MedicalNumber(.bloodPressureSystolic, valid: 1 ... 350)
    private static let diastolic = MedicalNumber(.bloodPressureDiastolic, valid: 1 ... 300)
    private static let mean = MedicalNumber(.bloodPressureMean, valid: 1 ... 320)
    private static let pulse = MedicalNumber(.pulseRateCuff, valid: 1 ... 300)
    private static let cuff = MedicalNumber(.cuffPressure, valid: 0 ... 350)
    private static let featureNames = [
        "body-movement", "cuff-fit", "irregular-pulse", "pulse-range", "position", "multiple-bonds",
    ]

    /// 1 kPa, by the conventional millimetre of mercury of 133.322387415 Pa.
    private static let mmHgPerKilopascal = 7.500_615_758

    func receive(
        _ bytes: Span<UInt8>, from channel: Channel, _ clock: SIGClock, _ turn: inout Turn
    ) throws(Truncated) -> Bool {
        switch channel {
        case Self.measurement: report(try Message(bytes), clock, &turn)
        case Self.intermediate:
            let message = try Message(bytes)
            turn.report(Self.cuff.reading(message.systolic, convert: message.convert))
        case Self.features:
            var reader = ByteReader(bytes)
            let bits = try reader.littleEndianUInt16()
            turn.report(.feature("blood-pressure-features", Self.featureNames.named(by: bits)))
        default: return false
        }
        return true
    }

    private func report(_ message: Message, _ clock: SIGClock, _ turn: inout Turn) {
        var circumstances = clock.circumstances(of: message.time, isTimed: message.isTimed, turn)
        let status = message.status ?? 0
        if status & 0x01 != 0 { circumstances.doubts.insert(.motion) }
        // A loose cuff and a wrong position make a wrong number.
        if status & 0x22 != 0 { circumstances.doubts.insert(.artefact) }
        turn.report(Self.systolic.reading(message.systolic, circumstances, convert: message.convert))
        turn.report(Self.diastolic.reading(message.diastolic, circumstances, convert: message.convert))
        // Many cuffs send 0 or nothing here.
        if let value = message.mean.value, value != 0 {
            turn.report(Self.mean.reading(message.mean, circumstances, convert: message.convert))
        }
        if let pulse = message.pulse {
            if status >> 3 & 3 != 0 { circumstances.doubts.insert(.outOfRange) }
            turn.report(Self.pulse.reading(pulse, circumstances))
        }
        guard message.status != nil else { return }
        turn.report(
            DeviceStatus([
                .init("body-movement", Int(status & 1)), .init("cuff-loose", Int(status >> 1 & 1)),
                .init("irregular-pulse", Int(status >> 2 & 1)), .init("pulse-range", Int(status >> 3 & 3)),
                .init("improper-position", Int(status >> 5 & 1)),
            ]))
    }

    private struct Message {
        let systolic: MedicalFloat
        let diastolic: MedicalFloat
        let mean: MedicalFloat
        let isTimed: Bool
        let time: CivilTime?
        let pulse: MedicalFloat?
        let status: UInt16?
        private let isKilopascal: Bool

        /// The Beurer BM85 sends flags 56 and 19 bytes: pulse rate and status high byte first, and a user although
        /// its flag is clear (27 recorded messages).
        private static let beurerFlags: UInt8 = 0x56
        private static let beurerLength = 19

        init(_ bytes: Span<UInt8>) throws(Truncated) {
            var reader = ByteReader(bytes)
            let flags = try reader.uint8()
            let isBeurer = flags == Self.beurerFlags && bytes.count == Self.beurerLength
            isKilopascal = flags & 0x01 != 0
            systolic = try reader.sfloat()
            diastolic = try reader.sfloat()
            mean = try reader.sfloat()
            isTimed = flags & 0x02 != 0
            time = isTimed ? try reader.dateTime() : nil
            pulse =
                flags & 0x04 == 0
                ? nil : isBeurer ? MedicalFloat(sfloat: try reader.bigEndianUInt16()) : try reader.sfloat()
            if flags & 0x08 != 0 || isBeurer { try reader.skip(1) }
            status =
                flags & 0x10 == 0
                ? nil : isBeurer ? try reader.bigEndianUInt16() : try reader.littleEndianUInt16()
        }

        func convert(_ pressure: Double) -> Double {
            isKilopascal ? pressure * SIGBloodPressure.mmHgPerKilopascal : pressure
        }
    }
}
