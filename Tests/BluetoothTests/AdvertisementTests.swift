import DriverKit
import Simulation
import Testing
import Vitals

@testable import Bluetooth

@Suite struct `An advertisement` {
    @Test func `tells flags, name, services and maker`() {
        let said = Advertisement(
            [
                2, 0x01, 0x06, 5, 0x09, 0x4F, 0x32, 0x20, 0x31, 5, 0x03, 0x22, 0x18, 0x0F, 0x18, 5, 0xFF, 0x4E,
                0x07, 1, 2,
            ])
        #expect(said.flags == 6)
        #expect(said.name == "O2 1")
        #expect(said.services == [BluetoothUUID(0x1822), BluetoothUUID(0x180F)])
        #expect(said.manufacturer == 0x074E)
    }

    @Test(arguments: [
        ([5, 0x05, 0x0D, 0x18, 0, 0], "180d"),
        (
            [
                17, 0x07, 0x9E, 0xCA, 0xDC, 0x24, 0x0E, 0xE5, 0xA9, 0xE0, 0x93, 0xF3, 0xA3, 0xB5, 0x01, 0x00, 0x40,
                0x6E,
            ],
            "6e400001-b5a3-f393-e0a9-e50e24dcca9e"
        ),
        ([4, 0x16, 0x09, 0x18, 0xFF], "1809"),
    ]) func `tells a service in any of its forms`(_ bytes: [UInt8], _ uuid: String) {
        #expect(Advertisement(bytes).services.map(\.description) == [uuid])
    }

    @Test func `prefers the whole name to a shortened one`() {
        #expect(Advertisement([2, 0x08, 0x41, 3, 0x09, 0x41, 0x42]).name == "AB")
        #expect(Advertisement([3, 0x09, 0x41, 0x42, 2, 0x08, 0x41]).name == "AB")
    }

    @Test func `does not speak to the technician's terminal`() {
        let name: [UInt8] = [0x1B, 0x5B, 0x32, 0x4A, 0xE2, 0x80, 0xAE, 0x41]
        #expect(Advertisement([UInt8(name.count + 1), 0x09] + name).name == "?[2J?A")
    }

    @Test func `counts as far as it is whole`() {
        #expect(Advertisement([2, 0x01, 0x06, 200, 0x09, 0x41]).flags == 6)
        #expect(Advertisement([0, 2, 0x01, 0x06]).flags == nil)
    }

    @Test func `of any bytes does no harm, and stays small`() {
        var seed = Seed(3)
        for _ in 0 ..< 5_000 {
            let length = Int.random(in: 0 ... 255, using: &seed)
            let said = Advertisement((0 ..< length).map { _ in UInt8.random(in: 0 ... 255, using: &seed) })
            #expect(said.services.count <= Advertisement.servicesMax)
            #expect((said.name ?? "").utf8.count <= Advertisement.nameBytesMax * 3)
        }
    }
}

@Suite struct `The table of sightings` {
    @Test func `keeps known devices and the last of the others, whoever passes by`() {
        var table = SightingTable()
        let known = BluetoothAddress(bits: 0xC4, kind: .random)
        table.known = [known]
        table.note(.init(known, rssi: -90), at: .boot)
        for number in 0 ..< 10_000 {
            table.note(
                .init(BluetoothAddress(bits: UInt64(0x1000 + number), kind: .random), rssi: -50),
                at: .boot + .milliseconds(number))
        }
        #expect(table.count == SightingTable.foreignMax + 1)
        #expect(table[known] != nil)
        #expect(table[BluetoothAddress(bits: 0x1000 + 9_999, kind: .random)] != nil)
        #expect(table[BluetoothAddress(bits: 0x1000, kind: .random)] == nil)
    }

    @Test func `shows what was heard lately, strongest first, unknown strength last`() {
        var table = SightingTable()
        for (number, rssi) in [(1, -80), (2, -40), (3, 127), (4, -60)] {
            table.note(
                .init(BluetoothAddress(bits: UInt64(number), kind: .random), rssi: Int8(rssi)),
                at: number == 4 ? .boot : .boot + .seconds(50))
        }
        let shown = table.lately(at: .boot + .seconds(70))
        #expect(shown.map(\.address.bits) == [2, 1, 3])
        #expect(shown.last?.rssiDBm == nil)
    }

    @Test func `adds what a scan response tells`() {
        var table = SightingTable()
        let address = BluetoothAddress(bits: 1, kind: .random)
        table.note(.init(address, rssi: -50, data: [3, 0x03, 0x0D, 0x18]), at: .boot)
        var response = ManagementEvent.Advertiser(address, rssi: -51, data: [2, 0x09, 0x41])
        response.isScanResponse = true
        response.isConnectable = false
        table.note(response, at: .boot + .seconds(1))
        #expect(table[address]?.name == "A")
        #expect(table[address]?.services == [BluetoothUUID(0x180D)])
        #expect(table[address]?.isConnectable == true)
    }
}

extension ManagementEvent.Advertiser {
    fileprivate init(_ address: BluetoothAddress, rssi: Int8, data: [UInt8] = []) {
        self.init(address: address, rssiDBm: rssi, isConnectable: true, isScanResponse: false, data: data)
    }
}
