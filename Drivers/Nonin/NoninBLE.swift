public import DriverKit
import Vitals

/// Nonin oximeters over Bluetooth LE: numbers, pulse intervals, wave and state, each by its own characteristic.
public struct NoninBLE: Driver {
    public static let manifest = Manifest(
        id: "nonin-ble", family: "Nonin", vendor: "Nonin Medical",
        models: ["Onyx Vantage 3230", "3231 USB", "WristOx2 3150 BLE"],
        bluetooth: BluetoothProfile(
            recognition: [
                BluetoothProfile.Recognition(namePrefixes: ["Nonin3230"], model: "Onyx Vantage 3230"),
                BluetoothProfile.Recognition(namePrefixes: ["Nonin3231"], model: "3231 USB"),
                BluetoothProfile.Recognition(namePrefixes: ["Nonin3150"], model: "WristOx2 3150 BLE"),
                BluetoothProfile.Recognition(namePrefixes: ["Nonin"], services: [service]),
            ],
            characteristics: [
                use(numbers, high: 0x0AAD_7EA0_0D60_11E2, low: 0x8E3C_0002_A5D5_C51B, isRequired: true),
                use(intervals, high: 0x34E2_7863_76FF_4F8E, low: 0x96F1_9E39_93AA_6199),
                use(wave, high: 0xEC0A_883A_4D24_11E7, low: 0xB114_B2F9_33D5_FE66),
                use(state, high: 0xEC0A_9302_4D24_11E7, low: 0xB114_B2F9_33D5_FE66),
            ] + StandardServices.uses,
            // The wave's 53 bytes and the head of a notification.
            mtuMin: 56, pace: .stream),
        metrics: [
            .oxygenSaturation, .pulseRate, .perfusionIndex, .rrInterval, .plethysmogram, .batteryLevel,
        ],
        evidence: .vendorDocument,
        sources: [
            "Nonin, NONIN3230 Mini iOS Application (vendor's sample)",
            "Mauricio Villarroel, decoders after Nonin 113142-000-02",
            "andreasdri/nonin-3230-ble",
        ])

    static let numbers = Channel("continuous-oximetry")
    static let intervals = Channel("pulse-interval")
    static let wave = Channel("ppg")
    static let state = Channel("device-status")
    private static let service = BluetoothUUID(high: 0x46A9_70E0_0D5F_11E2, low: 0x8B5E_0002_A5D5_C51B)

    private static func use(
        _ channel: Channel, high: UInt64, low: UInt64, isRequired: Bool = false
    ) -> CharacteristicUse {
        CharacteristicUse(
            channel, service: service, characteristic: BluetoothUUID(high: high, low: low), access: .subscribe,
            isRequired: isRequired)
    }

    private var standard = StandardServices()
    private var block: SampleBlock
    private var waveCounter = NoninCounter()
    private var battery = LiveNumber(.batteryLevel, valid: 0 ... 100, missing: [], framesPerSecond: 60)

    public init(settings: DriverSettings) {
        block = SampleBlock(.plethysmogram, samplesPerSecond: 75, isOn: settings.reportsWaveforms)
    }

    public mutating func receive(_ bytes: Span<UInt8>, from channel: Channel, _ turn: inout Turn) {
        if standard.receive(bytes, from: channel, &turn) { return }
        guard bytes.count > 0, Int(bytes[0]) == bytes.count, bytes.count >= Self.lengthMin(channel) else {
            turn.report(.malformed("\(channel.name) of \(bytes.count) bytes"))
            return
        }
        switch channel {
        case Self.numbers: NoninNumbers.tell(bytes, &turn)
        case Self.intervals: NoninIntervals.tell(bytes, &turn)
        case Self.wave: tellWave(bytes, &turn)
        case Self.state: tellState(bytes, &turn)
        default: break
        }
    }

    public mutating func end(_ turn: inout Turn) { block.flush(&turn) }

    private static func lengthMin(_ channel: Channel) -> Int {
        switch channel {
        case numbers: 10
        case intervals: 4
        case wave: 53
        case state: 7
        default: 1
        }
    }

    /// 25 samples of two bytes behind the length, then a counter.
    private mutating func tellWave(_ bytes: Span<UInt8>, _ turn: inout Turn) {
        if !waveCounter.follows(bytes.bigEndian16(51)) { block.interrupt(lost: 0, &turn) }
        for index in 0 ..< 25 { block.append(Int32(bytes.bigEndian16(1 + 2 * index)), &turn) }
    }

    /// 1 sensor, 2 error, 3 battery × 0.1 V, 4 battery %, 5–6 counter.
    private mutating func tellState(_ bytes: Span<UInt8>, _ turn: inout Turn) {
        if battery.isDue(UInt16(bytes[4]), flags: 0) {
            turn.report(battery.reading(UInt16(bytes[4]), unusable: []))
        }
        turn.report(
            DeviceStatus([
                .init("sensor-type", Int(bytes[1])), .init("error", Int(bytes[2])),
                .init("battery-decivolts", Int(bytes[3])),
            ]))
    }
}

/// Tells whether a message follows the one before it. By how much the counter goes on is taken from the first two.
struct NoninCounter: Hashable, Sendable {
    private var last: UInt16?
    private var step: UInt16?

    mutating func follows(_ counter: UInt16) -> Bool {
        defer { last = counter }
        guard let last else { return true }
        guard let step else {
            step = counter &- last
            return true
        }
        return counter &- last == step
    }
}

extension Span<UInt8> {
    /// High byte first; both bytes lie within.
    func bigEndian16(_ offset: Int) -> UInt16 { UInt16(self[offset]) << 8 | UInt16(self[offset + 1]) }
}
