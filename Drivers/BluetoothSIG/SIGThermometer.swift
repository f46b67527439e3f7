import Bytes
import DriverKit
import Vitals

/// Health Thermometer (1809). Intermediate values (2A1E) have the same layout.
///
///     2A1C  0   flags: 01 Fahrenheit, 02 time, 04 type
///           1   temperature, FLOAT
///           …   [time, 7 bytes], [type]
///     2A1D  0   type: where it is measured, when the measurement does not say
///
/// - Source: Bluetooth SIG, Temperature Measurement, Intermediate Temperature, Temperature Type.
struct SIGThermometer: Sendable {
    /// 0 until the device has told it.
    private var type: UInt8 = 0

    static let service = BluetoothUUID(0x1809)
    static let measurement = Channel("temperature-measurement")
    static let intermediate = Channel("intermediate-temperature")
    static let typeChannel = Channel("temperature-type")

    static let metrics: [Metric] = [
        .bodyTemperature, .bodyTemperatureAxillary, .bodyTemperatureEar, .bodyTemperatureOral,
        .bodyTemperatureRectal, .bodyTemperatureTympanic, .bodyTemperatureSkin,
    ]

    static let uses: [CharacteristicUse] = [
        use(typeChannel, 0x2A1D, .read), use(intermediate, 0x2A1E, .subscribe),
        use(measurement, 0x2A1C, .subscribe),
    ]

    private static func use(
        _ channel: Channel, _ characteristic: UInt16, _ access: CharacteristicUse.Access
    ) -> CharacteristicUse {
        CharacteristicUse(
            channel, service: service, characteristic: BluetoothUUID(characteristic), access: access,
            isRequired: false)
    }

    mutating func receive(
        _ bytes: Span<UInt8>, from channel: Channel, _ clock: SIGClock, _ turn: inout Turn
    ) throws(Truncated) -> Bool {
        var reader = ByteReader(bytes)
        switch channel {
        case Self.measurement: try receive(&reader, isProvisional: false, clock, &turn)
        case Self.intermediate: try receive(&reader, isProvisional: true, clock, &turn)
        case Self.typeChannel: type = try reader.uint8()
        default: return false
        }
        return true
    }

    private func receive(
        _ reader: inout ByteReader, isProvisional: Bool, _ clock: SIGClock, _ turn: inout Turn
    ) throws(Truncated) {
        let flags = try reader.uint8()
        let temperature = try reader.float()
        let time = flags & 0x02 != 0 ? try reader.dateTime() : nil
        let type = flags & 0x04 != 0 ? try reader.uint8() : self.type
        var circumstances = clock.circumstances(of: time, isTimed: flags & 0x02 != 0, turn)
        circumstances.isProvisional = isProvisional
        let isFahrenheit = flags & 0x01 != 0
        turn.report(
            MedicalNumber(Self.metric(type), valid: 10 ... 50).reading(temperature, circumstances) { value in
                isFahrenheit ? (value - 32) / 1.8 : value
            })
    }

    /// 1 armpit, 2 body, 3 ear, 4 finger, 5 gastro-intestinal, 6 mouth, 7 rectum, 8 toe, 9 ear drum.
    private static func metric(_ type: UInt8) -> Metric {
        switch type {
        case 1: .bodyTemperatureAxillary
        case 3: .bodyTemperatureEar
        case 4, 8: .bodyTemperatureSkin
        case 6: .bodyTemperatureOral
        case 7: .bodyTemperatureRectal
        case 9: .bodyTemperatureTympanic
        default: .bodyTemperature
        }
    }
}
