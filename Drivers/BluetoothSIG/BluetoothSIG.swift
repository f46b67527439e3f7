import Bytes
public import DriverKit
import Vitals

/// Any device with a health service of the Bluetooth SIG: oximeter, heart-rate sensor, cuff, thermometer, scale.
public struct BluetoothSIG: Driver {
    public static let manifest = Manifest(
        id: "bluetooth-sig", family: "BluetoothSIG", vendor: "any",
        models: [
            "pulse oximeters (1822)", "heart-rate sensors (180D)", "blood-pressure cuffs (1810)",
            "thermometers (1809)", "weight scales (181D)",
        ],
        bluetooth: profile,
        metrics: SIGOximeter.metrics + HeartRateService.metrics + SIGBloodPressure.metrics + SIGThermometer.metrics
            + SIGWeightScale.metrics + SIGBodyComposition.metrics + [.batteryLevel],
        canFetchStored: true, canSetClock: true,
        // A cuff or a scale speaks when somebody uses it.
        silenceSecondsMax: 600,
        evidence: .vendorDocumentAndCaptures,
        sources: [
            "Bluetooth SIG, characteristics 2A1C 2A2B 2A35 2A37 2A52 2A5E 2A5F 2A9C 2A9D (oesmith/gatt-xml)",
            "Stack Overflow 71264072", "polarofficial/polar-ble-sdk", "dotintent/react-native-ble-plx",
            "oliexdev/openScale#635",
            "derdilla/blood-pressure-monitor-fl", "andengineering/AndroidSampleCode",
        ])

    private static let profile = BluetoothProfile(
        recognition: [
            recognition(SIGOximeter.service, "pulse oximeter"),
            recognition(HeartRateService.service, "heart-rate sensor"),
            recognition(SIGBloodPressure.service, "blood-pressure cuff"),
            recognition(SIGThermometer.service, "thermometer"),
            recognition(SIGWeightScale.service, "weight scale"),
        ],
        // The clocks first: by them the age of what is stored is told.
        characteristics: StandardServices.uses + SIGClock.uses + HeartRateService.uses(isRequired: false)
            + SIGOximeter.uses + SIGBloodPressure.uses + SIGThermometer.uses + SIGWeightScale.uses
            + SIGBodyComposition.uses)

    /// HealthyPi boards use 2A37 and 2A5E with layouts of their own.
    private static func recognition(_ service: BluetoothUUID, _ model: String) -> BluetoothProfile.Recognition {
        BluetoothProfile.Recognition(
            services: [service], excludedNamePrefixes: ["healthypi", "HealthyPi", "Healthypi"], model: model)
    }

    private var standard = StandardServices()
    private var heart = HeartRateService()
    private var clock: SIGClock
    private var oximeter: SIGOximeter
    private var cuff = SIGBloodPressure()
    private var thermometer = SIGThermometer()
    private var scale = SIGWeightScale()
    private var composition = SIGBodyComposition()

    public init(settings: DriverSettings) {
        clock = SIGClock(sets: settings.setsClock)
        oximeter = SIGOximeter(fetchesStored: settings.fetchesStored)
    }

    public mutating func begin(_ turn: inout Turn) {
        oximeter.begin(&turn)
        turn.wake(at: oximeter.deadline)
    }

    public mutating func receive(_ bytes: Span<UInt8>, from channel: Channel, _ turn: inout Turn) {
        do throws(Truncated) {
            if try !take(bytes, from: channel, &turn) { turn.report(.unknown(channel.name)) }
        } catch {
            turn.report(.malformed(channel.name))
        }
        turn.wake(at: oximeter.deadline)
    }

    /// Whose channel it is takes the bytes; `false`: nobody's.
    private mutating func take(
        _ bytes: Span<UInt8>, from channel: Channel, _ turn: inout Turn
    ) throws(Truncated) -> Bool {
        if standard.receive(bytes, from: channel, &turn) || heart.receive(bytes, from: channel, &turn) {
            return true
        }
        if try clock.receive(bytes, from: channel, &turn) { return true }
        if try oximeter.receive(bytes, from: channel, clock, &turn) { return true }
        if try cuff.receive(bytes, from: channel, clock, &turn) { return true }
        if try thermometer.receive(bytes, from: channel, clock, &turn) { return true }
        if try scale.receive(bytes, from: channel, clock, &turn) { return true }
        return try composition.receive(bytes, from: channel, clock, &turn)
    }

    public mutating func wake(_ turn: inout Turn) {
        oximeter.wake(&turn)
        turn.wake(at: oximeter.deadline)
    }
}
