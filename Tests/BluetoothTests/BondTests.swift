import DriverKit
import Simulation
import Testing

@testable import Bluetooth

@Suite struct `The file of bonds` {
    static let adapter = BluetoothAddress(bits: 0x001A_7DDA_7113, kind: .publicAddress)
    static let device = BluetoothAddress(bits: 0xC400_0000_0001, kind: .random)

    static func key(_ device: BluetoothAddress, kind: UInt8 = 3, side: UInt8 = 1, value: UInt8 = 0) -> LongTermKey {
        LongTermKey(
            address: device, kind: kind, isInitiator: side, sizeBytes: 16, diversifier: 0xFFFF, random: .max,
            value: (0 ..< 16).map { $0 ^ value })
    }

    private static func bonds() -> Bonds {
        var bonds = Bonds()
        let other = BluetoothAddress(bits: 0x00A0_5000_0001, kind: .publicAddress)
        _ = bonds.keep(key(device), on: adapter)
        _ = bonds.keep(IdentityKey(address: device, value: Array(repeating: 0xAB, count: 16)), on: adapter)
        _ = bonds.keep(key(other, kind: 1, side: 0), on: adapter)
        _ = bonds.keep(key(other, kind: 1, side: 1), on: adapter)
        _ = bonds.keep(key(device, value: 1), on: BluetoothAddress(bits: 2, kind: .publicAddress))
        return bonds
    }

    @Test func `comes back as it was written`() throws {
        let bonds = Self.bonds()
        #expect(try BondFile.read(BondFile.write(bonds)) == bonds)
        #expect(try BondFile.read(BondFile.write(Bonds())) == Bonds())
    }

    @Test func `is noticed to be damaged, wherever`() {
        let bytes = BondFile.write(Self.bonds())
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 0x04
            #expect(throws: BondFileError.self) { try BondFile.read(damaged) }
        }
        for length in bytes.indices {
            #expect(throws: BondFileError.self) { try BondFile.read(Array(bytes.prefix(length))) }
        }
    }

    @Test func `of any bytes does no harm`() {
        var seed = Seed(5)
        for _ in 0 ..< 2_000 {
            let bytes = (0 ..< 80).map { _ in UInt8.random(in: 0 ... 255, using: &seed) }
            #expect(throws: BondFileError.self) { try BondFile.read(bytes) }
        }
    }
}

@Suite struct Bonding {
    private let adapter = `The file of bonds`.adapter
    private let device = `The file of bonds`.device

    @Test func `again replaces the keys`() {
        var bonds = Bonds()
        _ = bonds.keep(`The file of bonds`.key(device, kind: 1, side: 0), on: adapter)
        _ = bonds.keep(`The file of bonds`.key(device, kind: 1, side: 1), on: adapter)
        #expect(bonds.keys(on: adapter).count == 2)
        _ = bonds.keep(`The file of bonds`.key(device, value: 9), on: adapter)
        #expect(bonds.keys(on: adapter) == [`The file of bonds`.key(device, value: 9)])
    }

    @Test func `counts for the adapter that it was made with`() {
        var bonds = Bonds()
        _ = bonds.keep(`The file of bonds`.key(device), on: adapter)
        #expect(bonds.has(device, on: adapter))
        #expect(bonds.has(device, on: nil))
        #expect(!bonds.has(device, on: BluetoothAddress(bits: 1, kind: .publicAddress)))
    }

    @Test func `has an end`() {
        var bonds = Bonds()
        for number in 0 ..< UInt64(Bonds.devicesMax) {
            let isKept = bonds.keep(
                `The file of bonds`.key(BluetoothAddress(bits: number, kind: .random)), on: adapter)
            #expect(isKept)
        }
        let isKeptBeyond = bonds.keep(`The file of bonds`.key(device), on: adapter)
        #expect(!isKeptBeyond)
        let isForgotten = bonds.forget(BluetoothAddress(bits: 0, kind: .random), on: adapter)
        #expect(isForgotten)
        let isKept = bonds.keep(`The file of bonds`.key(device), on: adapter)
        #expect(isKept)
    }
}
