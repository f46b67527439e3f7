public import DriverKit
import Vitals

/// Jumper's fingertip oximeters, which tell pulse rate, saturation and perfusion in a notification of four bytes.
///
///     81   pulse rate (FF: none)   SpO2 (7F: none)   PI × 10
///     80   wave samples, at a rate that nobody has described: passed over
public struct JumperOximeter: Driver {
    public static let manifest = Manifest(
        id: "jumper-oximeter", family: "Jumper", vendor: "Shenzhen Jumper Medical",
        models: ["JPD-500F", "JPD-500G"],
        bluetooth: BluetoothProfile(
            recognition: [
                BluetoothProfile.Recognition(namePrefixes: names, services: [service]),
                BluetoothProfile.Recognition(namePrefixes: names),
            ],
            characteristics: [
                CharacteristicUse(oximetry, service: service, characteristic: characteristic, access: .subscribe)
            ] + StandardServices.uses),
        metrics: [.oxygenSaturation, .pulseRate, .perfusionIndex, .batteryLevel], evidence: .implementations,
        sources: ["vandungbk92/jumper-ble", "two further decoders and a telephone app that agree"])

    private static let oximetry = Channel("oximetry")
    private static let service = BluetoothUUID(high: 0xCDEA_CB80_5235_4C07, low: 0x8846_93A3_7EE6_B86D)
    private static let characteristic = BluetoothUUID(high: 0xCDEA_CB81_5235_4C07, low: 0x8846_93A3_7EE6_B86D)
    /// Jumper's thermometers have the same service: the name decides.
    private static let names = ["My Oximeter", "JPD-500"]

    private static let oxygen = LiveNumber(
        .oxygenSaturation, valid: 1 ... 100, missing: [0, 127], framesPerSecond: 1)
    private static let pulse = LiveNumber(.pulseRate, valid: 1 ... 254, missing: [0, 255], framesPerSecond: 1)
    private static let perfusion = LiveNumber(
        .perfusionIndex, valid: 1 ... 255, missing: [0], scale: 0.1, framesPerSecond: 1)

    private var standard = StandardServices()
    private var hasToldUnknown = false

    public init(settings: DriverSettings) {}

    public mutating func receive(_ bytes: Span<UInt8>, from channel: Channel, _ turn: inout Turn) {
        if standard.receive(bytes, from: channel, &turn) { return }
        guard bytes.count > 0 else { return }
        switch bytes[0] {
        case 0x80: break
        case 0x81 where bytes.count == 4:
            turn.report(Self.oxygen.reading(UInt16(bytes[2]), unusable: []))
            turn.report(Self.pulse.reading(UInt16(bytes[1]), unusable: []))
            turn.report(Self.perfusion.reading(UInt16(bytes[3]), unusable: []))
        case 0x81: turn.report(.malformed("numbers of \(bytes.count) bytes"))
        default:
            if !hasToldUnknown { turn.report(.unknown("kind of notification")) }
            hasToldUnknown = true
        }
    }
}
