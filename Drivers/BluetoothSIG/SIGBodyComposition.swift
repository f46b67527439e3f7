import Bytes
import DriverKit
import Vitals

/// Body Composition (181B), which scales have beside their weight.
///
///     2A9C  0   flags, 2 bytes: 0 pounds, 1 time, 2 user, 3–9 a field each, not used, 10 weight, 11 height
///           2   body fat, 0.1 %; FFFF: no success
///           …   [time, 7 bytes], [user, not used], [seven fields of 2 bytes], [weight], [height, not used]
///
/// - Source: Bluetooth SIG, Body Composition Measurement.
struct SIGBodyComposition: Sendable {
    static let service = BluetoothUUID(0x181B)
    static let measurement = Channel("body-composition-measurement")

    static let metrics: [Metric] = [.bodyFat]

    static let uses: [CharacteristicUse] = [
        CharacteristicUse(
            measurement, service: service, characteristic: BluetoothUUID(0x2A9C), access: .subscribe,
            isRequired: false)
    ]

    private static let fat = MedicalNumber(.bodyFat, valid: 0.1 ... 100)

    func receive(
        _ bytes: Span<UInt8>, from channel: Channel, _ clock: SIGClock, _ turn: inout Turn
    ) throws(Truncated) -> Bool {
        guard channel == Self.measurement else { return false }
        var reader = ByteReader(bytes)
        let flags = try reader.littleEndianUInt16()
        let fat = try reader.littleEndianUInt16()
        let time = flags & 0x02 != 0 ? try reader.dateTime() : nil
        if flags & 0x04 != 0 { try reader.skip(1) }
        for bit in 3 ... 9 as ClosedRange<UInt16> where flags >> bit & 1 != 0 { try reader.skip(2) }
        let weight = flags & 0x0400 != 0 ? try reader.littleEndianUInt16() : nil
        if flags & 0x0800 != 0 { try reader.skip(2) }
        let circumstances = clock.circumstances(of: time, isTimed: flags & 0x02 != 0, turn)
        turn.report(Self.fat.reading(fat == 0xFFFF ? nil : Double(fat) / 10, circumstances))
        if let weight {
            turn.report(SIGWeightScale.reading(weight, isPounds: flags & 0x01 != 0, circumstances))
        }
        return true
    }
}
