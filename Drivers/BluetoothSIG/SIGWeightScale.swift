import Bytes
import DriverKit
import Vitals

/// Weight Scale (181D).
///
///     2A9D  0   flags: 01 pounds and inches, 02 time, 04 user, 08 body mass index and height
///           1   weight, 0.005 kg or 0.01 lb; FFFF: no success
///           …   [time, 7 bytes], [user, not used], [index, 0.1 kg/m²], [height, not used]
///     2A9E      bits 3–6: the resolution of the weight
///
/// - Source: Bluetooth SIG, Weight Measurement, Weight Scale Feature.
struct SIGWeightScale: Sendable {
    static let service = BluetoothUUID(0x181D)
    static let measurement = Channel("weight-measurement")
    static let features = Channel("weight-scale-features")

    static let metrics: [Metric] = [.bodyWeight, .bodyMassIndex]

    static let uses: [CharacteristicUse] = [
        CharacteristicUse(
            features, service: service, characteristic: BluetoothUUID(0x2A9E), access: .read, isRequired: false),
        CharacteristicUse(
            measurement, service: service, characteristic: BluetoothUUID(0x2A9D), access: .subscribe,
            isRequired: false),
    ]

    private static let weight = MedicalNumber(.bodyWeight, valid: 0.1 ... 500)
    private static let index = MedicalNumber(.bodyMassIndex, valid: 1 ... 150)
    private static let resolutions = [
        "not-told", "0.5-kg-1-lb", "0.2-kg-0.5-lb", "0.1-kg-0.2-lb", "0.05-kg-0.1-lb", "0.02-kg-0.05-lb",
        "0.01-kg-0.02-lb", "0.005-kg-0.01-lb",
    ]

    /// One count: 0.005 kg, or 0.01 lb of 0.45359237 kg.
    private static let countsPerKilogram = 200.0
    private static let kilogramsPerPound = 0.453_592_37

    func receive(
        _ bytes: Span<UInt8>, from channel: Channel, _ clock: SIGClock, _ turn: inout Turn
    ) throws(Truncated) -> Bool {
        var reader = ByteReader(bytes)
        switch channel {
        case Self.measurement: try receiveMeasurement(&reader, clock, &turn)
        case Self.features:
            let place = Int(try reader.littleEndianUInt32() >> 3 & 15)
            turn.report(
                .feature("weight-resolution", place < Self.resolutions.count ? Self.resolutions[place] : "unknown"))
        default: return false
        }
        return true
    }

    private func receiveMeasurement(
        _ reader: inout ByteReader, _ clock: SIGClock, _ turn: inout Turn
    ) throws(Truncated) {
        let flags = try reader.uint8()
        let raw = try reader.littleEndianUInt16()
        let time = flags & 0x02 != 0 ? try reader.dateTime() : nil
        if flags & 0x04 != 0 { try reader.skip(1) }
        let index = flags & 0x08 != 0 ? try reader.littleEndianUInt16() : nil
        if index != nil { try reader.skip(2) }
        let circumstances = clock.circumstances(of: time, isTimed: flags & 0x02 != 0, turn)
        turn.report(Self.reading(raw, isPounds: flags & 0x01 != 0, circumstances))
        // Without a height in its user the scale sends 0.
        if let index, index != 0, raw != 0xFFFF {
            turn.report(Self.index.reading(Double(index) / 10, circumstances))
        }
    }
    static func reading(_ raw: UInt16, isPounds: Bool, _ circumstances: Circumstances) -> Reading {
        let counts = Double(raw)
        let kilograms = isPounds ? counts / 100 * kilogramsPerPound : counts / countsPerKilogram
        return weight.reading(raw == 0xFFFF ? nil : kilograms, circumstances)
    }
}
