import DriverKit
import Drivers
import Testing
import Vitals

@Suite struct `Nonin over Bluetooth` {
    static func play(_ pieces: [(String, [UInt8])]) -> Transcript {
        var capture = Capture()
        for (channel, bytes) in pieces {
            capture.lines.append(
                .init(at: .boot, direction: .fromDevice, channel: Channel(channel), bytes: bytes))
        }
        return Transcript(NoninBLE.self, capture, DriverSettings())
    }

    static func numbers(_ status: UInt8, oxygen: UInt8, rate: Int) -> [UInt8] {
        [10, status, 29, 0x01, 0x2C, 0, 5, oxygen, UInt8(rate >> 8), UInt8(rate & 0xFF)]
    }

    @Test(
        arguments: [
            (0x10, 98, 72, 98, 72, .valid), (0x12, 98, 72, 98, 72, .questionable(.lowPerfusion)),
            (0x18, 98, 72, 98, 72, .questionable(.searching)), (0x00, 98, 72, 98, 72, .questionable(.sensorOff)),
            (0x10, 127, 511, nil, nil, .invalid(.noValue)), (0x10, 0, 0, nil, nil, .invalid(.outOfRange)),
            (0x10, 98, 300, 98, 300, .valid),
        ] as [(UInt8, UInt8, Int, Double?, Double?, Quality)])
    func `missing numbers and doubts are told`(
        _ status: UInt8, _ oxygen: UInt8, _ rate: Int, _ saturation: Double?, _ pulse: Double?, _ quality: Quality
    ) {
        let told = Self.play([("continuous-oximetry", Self.numbers(status, oxygen: oxygen, rate: rate))])
        #expect(told.values(.oxygenSaturation) == [saturation])
        #expect(told.values(.pulseRate) == [pulse])
        #expect(told.readings.first?.quality == quality)
    }

    @Test(
        arguments: [
            ("continuous-oximetry", []), ("continuous-oximetry", [9, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            ("pulse-interval", [3, 0, 0]),
            ("ppg", [2, 0]), ("device-status", [6, 1, 0, 30, 80, 0]),
        ] as [(String, [UInt8])])
    func `a message whose length does not fit is not read`(_ channel: String, _ bytes: [UInt8]) {
        let told = Self.play([(channel, bytes)])
        #expect(told.readings.isEmpty)
        #expect(bytes.isEmpty || told.faults == [.malformed("\(channel) of \(bytes.count) bytes")])
    }

    @Test func `no more than six pulses are taken from one message`() {
        let pulse: [UInt8] = [0x01, 0x2C, 0x20, 0x8D]
        let bytes = [UInt8(4 + 28), 0, 1, 0] + [[UInt8]](repeating: pulse, count: 7).joined()
        let told = Self.play([("pulse-interval", bytes)])
        #expect(told.values(.rrInterval).count == 6)
        #expect(told.readings.map(\.subindex) == [0, 1, 2, 3, 4, 5])
    }

    @Test func `the device is known by its name, and the serial driver stays a serial one`() {
        let profile = NoninBLE.manifest.bluetooth
        #expect(profile?.recognise(name: "Nonin3230_502", services: [])?.model == "Onyx Vantage 3230")
        #expect(profile?.recognise(name: "Nonin_Medical_Inc._123456", services: []) == nil)
        #expect(profile?.recognise(name: nil, services: [BluetoothUUID(0x1822)]) == nil)
        #expect(Nonin.manifest.bluetooth == nil)
    }
}
