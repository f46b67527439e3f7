import DriverKit

/// The keys of the devices that were paired, by the adapter they were paired with.
struct Bonds: Hashable, Sendable {
    /// Far beyond any home; a file that says more is damaged.
    static let devicesMax = 128
    /// Two in legacy pairing, one in Secure Connections.
    static let keysEachMax = 4

    struct Bond: Hashable, Sendable {
        var keys: [LongTermKey] = []
        var identity: IdentityKey?
    }

    /// Adapter, then the device's identity address.
    private(set) var byAdapter: [BluetoothAddress: [BluetoothAddress: Bond]] = [:]

    var count: Int { byAdapter.values.reduce(0) { $0 + $1.count } }

    func has(_ device: BluetoothAddress, on adapter: BluetoothAddress?) -> Bool {
        guard let adapter else { return byAdapter.values.contains { $0[device]?.keys.isEmpty == false } }
        return byAdapter[adapter]?[device]?.keys.isEmpty == false
    }

    func keys(on adapter: BluetoothAddress) -> [LongTermKey] {
        bonds(on: adapter).flatMap(\.keys)
    }

    func identities(on adapter: BluetoothAddress) -> [IdentityKey] {
        bonds(on: adapter).compactMap(\.identity)
    }

    private func bonds(on adapter: BluetoothAddress) -> [Bond] {
        (byAdapter[adapter] ?? [:]).sorted { $0.key < $1.key }.map(\.value)
    }

    /// A newer key of the same kind and side takes the place of the older. `false`: there is no room.
    mutating func keep(_ key: LongTermKey, on adapter: BluetoothAddress) -> Bool {
        var bond = byAdapter[adapter]?[key.address] ?? Bond()
        guard byAdapter[adapter]?[key.address] != nil || count < Self.devicesMax else { return false }
        // One of Secure Connections replaces all, for there is only one.
        bond.keys.removeAll { key.kind >= 2 || $0.kind >= 2 || $0.isInitiator == key.isInitiator }
        bond.keys.append(key)
        byAdapter[adapter, default: [:]][key.address] = bond
        return true
    }

    mutating func keep(_ identity: IdentityKey, on adapter: BluetoothAddress) -> Bool {
        guard byAdapter[adapter]?[identity.address] != nil || count < Self.devicesMax else { return false }
        byAdapter[adapter, default: [:]][identity.address, default: Bond()].identity = identity
        return true
    }

    func identity(of device: BluetoothAddress, on adapter: BluetoothAddress) -> IdentityKey? {
        byAdapter[adapter]?[device]?.identity
    }

    /// The identity stays: without it the device is not found again under its changing addresses.
    mutating func forgetKeys(of device: BluetoothAddress, on adapter: BluetoothAddress) {
        byAdapter[adapter]?[device]?.keys = []
    }

    /// `true`: there was something to forget.
    mutating func forget(_ device: BluetoothAddress, on adapter: BluetoothAddress?) -> Bool {
        var isChanged = false
        for one in adapter.map({ [$0] }) ?? Array(byAdapter.keys) {
            if byAdapter[one]?.removeValue(forKey: device) != nil { isChanged = true }
            if byAdapter[one]?.isEmpty == true { byAdapter[one] = nil }
        }
        return isChanged
    }
}
