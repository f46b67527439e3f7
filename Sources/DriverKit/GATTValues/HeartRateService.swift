import Bytes
public import Vitals

/// Heart Rate (180D), which chest straps and armbands have beside their own services.
///
/// A driver adds ``uses`` to its characteristics, keeps one of these and hands it what it receives.
///
///     2A37  0   flags: 01 rate in two bytes, 02 skin contact, 04 contact can be told, 08 energy, 10 R-R
///           …   rate, one or two bytes
///           …   energy since reset, kJ, two bytes
///           …   R-R intervals to the end, two bytes each, 1/1024 s, oldest first
///
/// - Source: Bluetooth SIG, Heart Rate Measurement (2A37) and Body Sensor Location (2A38).
public struct HeartRateService: Hashable, Sendable {
    /// Skin contact, as last told; `nil`: the device cannot tell.
    public private(set) var hasContact: Bool?
    private var status = Cadence(framesPerSecond: .max)

    public static let service = BluetoothUUID(0x180D)
    public static let measurement = Channel("heart-rate-measurement")
    public static let location = Channel("body-sensor-location")

    public static let metrics: [Metric] = [.heartRate, .rrInterval]

    public static func uses(isRequired: Bool) -> [CharacteristicUse] {
        [
            CharacteristicUse(
                location, service: service, characteristic: BluetoothUUID(0x2A38), access: .read,
                isRequired: false),
            CharacteristicUse(
                measurement, service: service, characteristic: BluetoothUUID(0x2A37), access: .subscribe,
                isRequired: isRequired),
        ]
    }

    private static let rate = MedicalNumber(.heartRate, valid: 1 ... 400)
    private static let locations = ["other", "chest", "wrist", "finger", "hand", "ear-lobe", "foot"]

    public init() {}

    /// `true` when the channel is one of these, whatever the bytes.
    public mutating func receive(_ bytes: Span<UInt8>, from channel: Channel, _ turn: inout Turn) -> Bool {
        switch channel {
        case Self.measurement:
            do throws(Truncated) { try receiveMeasurement(bytes, &turn) } catch {
                turn.report(.malformed(channel.name))
            }
        case Self.location:
            guard bytes.count >= 1, Int(bytes[0]) < Self.locations.count else {
                turn.report(.malformed(channel.name))
                break
            }
            turn.report(.feature("body-location", Self.locations[Int(bytes[0])]))
        default: return false
        }
        return true
    }

    /// Nothing is told of a message that ends too early: its flags may be wrong too.
    private mutating func receiveMeasurement(_ bytes: Span<UInt8>, _ turn: inout Turn) throws(Truncated) {
        var reader = ByteReader(bytes)
        let flags = try reader.uint8()
        let rate = flags & 0x01 != 0 ? try reader.littleEndianUInt16() : UInt16(try reader.uint8())
        let energy = flags & 0x08 != 0 ? try reader.littleEndianUInt16() : nil
        var intervals: [UInt16] = []
        while flags & 0x10 != 0, !reader.isAtEnd { intervals.append(try reader.littleEndianUInt16()) }
        hasContact = flags & 0x04 != 0 ? flags & 0x02 != 0 : nil
        let isOff = hasContact == false
        turn.report(Self.rate.reading(Double(rate), Circumstances(unusable: isOff ? .sensorOff : [])))
        // Without skin there are no beats.
        if !isOff {
            for (index, interval) in intervals.enumerated() { report(interval: interval, index: index, &turn) }
        }
        reportStatus(energy: energy, &turn)
    }

    private func report(interval: UInt16, index: Int, _ turn: inout Turn) {
        let isMissing = interval == 0
        turn.report(
            Reading(
                .rrInterval, isMissing ? nil : Double(interval) * 1000 / 1024,
                isMissing ? .invalid(.noValue) : .valid, subindex: index))
    }

    private mutating func reportStatus(energy: UInt16?, _ turn: inout Turn) {
        var fields: [DeviceStatus.Field] = []
        if let hasContact { fields.append(.init("contact", hasContact ? 1 : 0)) }
        if let energy { fields.append(.init("energy-kilojoules", Int(energy))) }
        let key =
            UInt64(energy ?? 0) | (energy == nil ? 0 : 1 << 16) | UInt64(hasContact.map { $0 ? 3 : 2 } ?? 0) << 17
        if !fields.isEmpty, status.isDue(key) { turn.report(DeviceStatus(fields)) }
    }
}
