import Bluetooth
import DriverKit
import Testing

@Suite struct `An address` {
    @Test func `is printed as it is read`() throws {
        let address = try #require(BluetoothAddress("c4:B5:00:01:22:F3", kind: .random))
        #expect(address.description == "C4:B5:00:01:22:F3")
        #expect(address.littleEndian == [0xF3, 0x22, 0x01, 0x00, 0xB5, 0xC4])
        #expect(BluetoothAddress(littleEndian: address.littleEndian, kind: .random) == address)
        #expect(address.isStaticRandom)
        #expect(!address.isResolvablePrivate)
    }

    @Test(arguments: ["", "C4:B5:00:01:22", "C4:B5:00:01:22:F3:00", "C4-B5-00-01-22-F3", "+1:B5:00:01:22:F3"])
    func `is nothing else`(_ text: String) { #expect(BluetoothAddress(text, kind: .random) == nil) }

    @Test func `tells a private one by its two highest bits`() throws {
        #expect(try #require(BluetoothAddress("4A:00:00:00:00:01", kind: .random)).isResolvablePrivate)
        #expect(!(try #require(BluetoothAddress("4A:00:00:00:00:01", kind: .publicAddress)).isResolvablePrivate))
    }
}

@Suite struct `A UUID` {
    @Test(arguments: ["180d", "6e400001-b5a3-f393-e0a9-e50e24dcca9e", "cdeacb80-5235-4c07-8846-93a37ee6b86d"])
    func `is printed as it is read, and comes back from a PDU`(_ text: String) throws {
        let uuid = try #require(BluetoothUUID(text))
        #expect(uuid.description == text)
        #expect(BluetoothUUID(littleEndian: uuid.littleEndian) == uuid)
    }

    @Test func `of the SIG is the same in its long form`() {
        #expect(BluetoothUUID("0000180D-0000-1000-8000-00805F9B34FB") == BluetoothUUID(0x180D))
    }
}
