import Bytes
import DriverKit
import Vitals

/// What an oximeter says of its measurement and its sensor.
///
///     measurement   5 ongoing, 6 early estimate, 7 validated, 8 fully qualified, 9 from memory, 10 demonstration,
///                   11 test, 12 calibrating, 13 unavailable, 14 questionable, 15 invalid
///     sensor        0 display held, 1 device broken, 2 processing irregular, 3 signal inadequate, 4 signal poor,
///                   5 low perfusion, 6 erratic, 7 no pulse in it, 8 pulse questionable, 9 analysing,
///                   10 interference, 11 not on the patient, 12 sensor unknown, 13 displaced, 14 broken,
///                   15 unplugged
///
/// - Source: Bluetooth SIG, PLX Spot-Check Measurement.
struct SIGOximeterStatus: Sendable {
    private let measurement: UInt16?
    private let sensor: UInt32?

    init(
        _ reader: inout ByteReader, hasMeasurement: Bool, hasSensor: Bool
    ) throws(Truncated) {
        measurement = hasMeasurement ? try reader.littleEndianUInt16() : nil
        if hasSensor {
            let low = UInt32(try reader.littleEndianUInt16())
            sensor = low | UInt32(try reader.uint8()) << 16
        } else {
            sensor = nil
        }
    }

    var isFromMemory: Bool { has(9) }

    /// Early estimate, or calibrating.
    var isProvisional: Bool { has(6) || has(12) }

    var unusable: QualityReasons {
        // A demonstration or a test is of no patient.
        var reasons: QualityReasons = has(10) || has(11) || has(13) || has(15) ? .noValue : []
        for (bit, reason) in Self.unusable where hasSensor(bit) { reasons.formUnion(reason) }
        return reasons
    }

    var doubts: QualityReasons {
        var reasons: QualityReasons = has(14) ? .artefact : []
        for (bit, reason) in Self.doubts where hasSensor(bit) { reasons.formUnion(reason) }
        return reasons
    }

    /// The bits as numbers, those that the message had.
    var fields: [DeviceStatus.Field] {
        (measurement.map { [.init("measurement-status", Int($0))] } ?? [])
            + (sensor.map { [.init("sensor-status", Int($0))] } ?? [])
    }

    var key: UInt64 { UInt64(measurement ?? 0) | UInt64(sensor ?? 0) << 16 }

    private static let unusable: [(UInt32, QualityReasons)] = [
        (1, .sensorFault), (7, .noSignal), (11, .sensorOff), (14, .sensorFault), (15, .sensorFault),
    ]

    private static let doubts: [(UInt32, QualityReasons)] = [
        (0, .held), (2, .artefact), (3, .noSignal), (4, .noise), (5, .lowPerfusion), (6, .artefact),
        (8, .artefact), (9, .searching), (10, .noise), (12, .sensorFault), (13, .sensorOff),
    ]

    private func has(_ bit: UInt16) -> Bool { (measurement ?? 0) >> bit & 1 != 0 }

    private func hasSensor(_ bit: UInt32) -> Bool { (sensor ?? 0) >> bit & 1 != 0 }
}
