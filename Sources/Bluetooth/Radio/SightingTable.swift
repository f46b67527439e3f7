import DriverKit
import Vitals

/// Who has been heard, bounded: in a town ten thousand changing addresses pass by in a night.
struct SightingTable {
    /// Foreign devices beyond the known ones; the one heard longest ago gives way.
    static let foreignMax = 256
    /// What has not been heard for so long is not shown.
    static let lately: Duration = .seconds(60)

    private var heard: [BluetoothAddress: Sighting] = [:]
    private var foreignCount = 0
    /// They are never thrown out.
    var known: Set<BluetoothAddress> = [] {
        didSet { foreignCount = heard.keys.count { !known.contains($0) } }
    }

    var count: Int { heard.count }

    subscript(_ address: BluetoothAddress) -> Sighting? { heard[address] }

    mutating func note(_ advertiser: ManagementEvent.Advertiser, at now: Instant) {
        let said = Advertisement(advertiser.data)
        let rssi = advertiser.rssiDBm == 127 ? nil : Int(advertiser.rssiDBm)
        if var sighting = heard[advertiser.address] {
            sighting.lastHeard = now
            if let rssi { sighting.rssiDBm = rssi }
            if let name = said.name { sighting.name = name }
            for service in said.services
            where sighting.services.count < Advertisement.servicesMax && !sighting.services.contains(service) {
                sighting.services.append(service)
            }
            // A scan response says nothing about it.
            if !advertiser.isScanResponse { sighting.isConnectable = advertiser.isConnectable }
            heard[advertiser.address] = sighting
        } else {
            makeRoom(for: advertiser.address)
            heard[advertiser.address] = Sighting(
                address: advertiser.address, name: said.name, services: said.services, rssiDBm: rssi,
                lastHeard: now, isConnectable: advertiser.isConnectable)
        }
    }

    /// Heard lately, strongest first; equal ones by address.
    func lately(at now: Instant) -> [Sighting] {
        heard.values.filter { now - $0.lastHeard <= Self.lately }.sorted {
            let (one, other) = ($0.rssiDBm ?? -128, $1.rssiDBm ?? -128)
            return one != other ? one > other : $0.address < $1.address
        }
    }

    mutating func removeAll() {
        heard = [:]
        foreignCount = 0
    }

    private mutating func makeRoom(for address: BluetoothAddress) {
        guard !known.contains(address) else { return }
        foreignCount += 1
        guard foreignCount > Self.foreignMax else { return }
        let oldest = heard.values.filter { !known.contains($0.address) }.min { $0.lastHeard < $1.lastHeard }
        guard let oldest else { return }
        heard[oldest.address] = nil
        foreignCount -= 1
    }
}
