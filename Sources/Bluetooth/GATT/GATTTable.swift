import DriverKit

/// What is known of a device's attributes: all its services, and the characteristics that a driver uses.
struct GATTTable: Hashable {
    struct Service: Hashable {
        var type: BluetoothUUID
        var range: ATTRange
    }

    struct Characteristic: Hashable {
        var service: BluetoothUUID
        var type: BluetoothUUID
        var properties: GATTProperties
        /// Of the value.
        var handle: UInt16
        /// Of the switch of notifications and indications.
        var configuration: UInt16?
    }

    /// The device's own sum over its attributes, 16 bytes; `nil`: it has none.
    var hash: [UInt8]?
    var services: [Service] = []
    var characteristics: [Characteristic] = []

    /// Of several with that name the first.
    func characteristic(_ type: BluetoothUUID, of service: BluetoothUUID) -> Characteristic? {
        characteristics.first { $0.type == type && $0.service == service }
    }

    var serviceChanged: Characteristic? { characteristic(GATTType.serviceChanged, of: GATTType.genericAttribute) }
}

/// What a driver wants to know of a device, as far as discovery is concerned.
struct GATTInterest: Hashable {
    struct Wanted: Hashable {
        var service: BluetoothUUID
        var type: BluetoothUUID
        var isSubscribed: Bool
    }

    var wanted: [Wanted]

    init(_ profile: BluetoothProfile) {
        wanted = profile.characteristics.map {
            Wanted(service: $0.service, type: $0.characteristic, isSubscribed: $0.access.contains(.subscribe))
        }
        wanted.append(
            Wanted(service: GATTType.genericAttribute, type: GATTType.serviceChanged, isSubscribed: true))
    }

    func wants(service: BluetoothUUID) -> Bool { wanted.contains { $0.service == service } }

    func wants(_ type: BluetoothUUID, of service: BluetoothUUID) -> Bool {
        wanted.contains { $0.type == type && $0.service == service }
    }

    func subscribes(_ type: BluetoothUUID, of service: BluetoothUUID) -> Bool {
        wanted.contains { $0.type == type && $0.service == service && $0.isSubscribed }
    }
}
