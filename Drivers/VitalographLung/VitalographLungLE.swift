public import DriverKit
import Vitals

/// The same family over Bluetooth LE: the messages go through the Terminal I/O service, a serial line with credits.
///
/// Nothing flows before we have granted notifications; what we may write, the device grants. `GVCM` and `GVRD`
/// erase and are never sent, and no other command either: the one client that sets the clock sends the eraser for
/// it.
public struct VitalographLungLE: Driver {
    public static let manifest = Manifest(
        id: "vitalograph-lung-le", family: "VitalographLung", vendor: "Vitalograph",
        models: ["Lung Monitor (Bluetooth LE)"],
        bluetooth: BluetoothProfile(
            recognition: [
                BluetoothProfile.Recognition(namePrefixes: names, services: [service]),
                BluetoothProfile.Recognition(namePrefixes: names),
            ],
            characteristics: [
                CharacteristicUse(
                    creditsIn, service: service, characteristic: uuid(4), access: .subscribe, framing: .message),
                CharacteristicUse(dataIn, service: service, characteristic: uuid(2), access: .subscribe),
                CharacteristicUse(
                    dataOut, service: service, characteristic: uuid(1), access: .writeWithoutResponse),
                CharacteristicUse(creditsOut, service: service, characteristic: uuid(3), access: .write),
            ] + StandardServices.uses),
        metrics: VitalographLung.metrics + [.batteryLevel], silenceSecondsMax: 86_400, evidence: .implementations,
        sources: ["eViaHealthSystem/eviahealth-app", "Terminal I/O as three independent bridges use it"])

    static let dataIn = Channel("uart-in")
    static let dataOut = Channel("uart-out")
    static let creditsIn = Channel("credits-in")
    static let creditsOut = Channel("credits-out")
    private static let service = BluetoothUUID(0xFEFB)
    private static let names = ["LUNG"]

    private static func uuid(_ number: UInt64) -> BluetoothUUID {
        BluetoothUUID(high: number << 32 | 0x1000, low: 0x8000_0080_2500_0000)
    }

    /// Notifications that the device may send without hearing from us, and where more are granted.
    static let creditsMax: UInt8 = 64
    static let creditsLow: UInt8 = 32
    /// Answers that wait for the device's leave.
    static let waitingMax = 8

    private var framer = LungFramer()
    private var standard = StandardServices()
    private var granted: UInt8 = 0
    private var mayWrite = 0
    private var waiting: [UInt8] = []

    public init(settings: DriverSettings) {}

    public mutating func begin(_ turn: inout Turn) { grant(&turn) }

    public mutating func receive(_ bytes: Span<UInt8>, from channel: Channel, _ turn: inout Turn) {
        if standard.receive(bytes, from: channel, &turn) { return }
        if channel == Self.creditsIn {
            guard bytes.count == 1 else { return turn.report(.malformed("credits of \(bytes.count) bytes")) }
            mayWrite = min(mayWrite + Int(bytes[0]), 255)
        } else {
            for index in bytes.indices {
                let found = framer.take(bytes[index], &turn)
                guard let answer = VitalographLung.answer(to: found, &turn) else { continue }
                if waiting.count < Self.waitingMax { waiting.append(answer) }
            }
            granted = granted > 0 ? granted - 1 : 0
            if granted <= Self.creditsLow { grant(&turn) }
        }
        while mayWrite > 0, !waiting.isEmpty {
            mayWrite -= 1
            turn.send([waiting.removeFirst()], to: Self.dataOut)
        }
    }

    public mutating func end(_ turn: inout Turn) { framer.close(&turn) }

    private mutating func grant(_ turn: inout Turn) {
        turn.send([Self.creditsMax - granted], to: Self.creditsOut)
        granted = Self.creditsMax
    }
}
