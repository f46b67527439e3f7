import DriverKit
import Drivers
import Testing
import Vitals

@Suite struct `Jumper oximeters` {
    static func play(_ bytes: [UInt8]) -> Transcript {
        Transcript(
            JumperOximeter.self,
            Capture(lines: [.init(at: .boot, direction: .fromDevice, channel: Channel("oximetry"), bytes: bytes)]),
            DriverSettings())
    }

    @Test(
        arguments: [
            ([0x81, 56, 99, 50], 99, 56, 5), ([0x81, 255, 127, 0], nil, nil, nil),
            ([0x81, 200, 101, 1], nil, 200, 0.1),
            ([0x81, 0, 0, 0], nil, nil, nil),
        ] as [([UInt8], Double?, Double?, Double?)])
    func `numbers and their marks`(_ bytes: [UInt8], _ oxygen: Double?, _ pulse: Double?, _ perfusion: Double?) {
        let told = Self.play(bytes)
        #expect(told.values(.oxygenSaturation) == [oxygen])
        #expect(told.values(.pulseRate) == [pulse])
        #expect(told.values(.perfusionIndex) == [perfusion])
    }

    @Test(arguments: [[0x81], [0x81, 56, 99], [0x81, 56, 99, 68, 0], [0x80], [0x80, 1, 2], [0x00]] as [[UInt8]])
    func `anything else gives no number`(bytes: [UInt8]) { #expect(Self.play(bytes).readings.isEmpty) }
}

/// Several families have the same services; the name tells them apart.
@Suite struct `Bluetooth recognition` {
    static let shared = BluetoothUUID(high: 0x1483_9AC4_7D7E_415C, low: 0x9A42_1673_40CF_2339)
    static let uart = BluetoothUUID(high: 0x6E40_0001_B5A3_F393, low: 0xE0A9_E50E_24DC_CA9E)

    @Test(
        arguments: [
            ("O2Ring 1234", shared, ["viatom-oxy"]), ("O2M 1234", shared, ["viatom-oxy"]),
            ("SleepU 0001", shared, ["viatom-oxy"]), ("ER1 2345", shared, ["viatom-er1"]),
            ("ER2-S 2345", shared, ["viatom-er1"]), ("DuoEK 1", shared, ["viatom-er1"]),
            ("VBeat 0001", shared, ["viatom-er1"]), ("ER3 1", shared, []), ("BP2 1", shared, []),
            ("PC-60F_SN123456", uart, ["creative-aa55"]), ("OxySmart 1", uart, ["creative-aa55"]),
            ("PC-80B", BluetoothUUID(0xFFF0), []), ("My Thermometer", BluetoothUUID(0xFFF0), []),
            ("My Oximeter", shared, ["jumper-oximeter"]), ("BerryMed", uart, ["berrymed-bci"]),
            ("", shared, []),
        ] as [(String, BluetoothUUID, [String])])
    func `a service alone decides nothing`(_ name: String, _ service: BluetoothUUID, _ ids: [String]) {
        let families: Set = [
            "viatom-oxy", "viatom-er1", "creative-aa55", "jumper-oximeter", "berrymed-bci", "nonin-ble",
        ]
        let found = Catalogue.drivers.map { $0.manifest }
            .filter { $0.bluetooth?.recognise(name: name, services: [service]) != nil }.map(\.id)
        #expect(found.filter(families.contains) == ids)
    }
}
