import DriverKit
import Vitals

/// Which devices are known, paired or plugged in by a person, and whose each is and was.
///
/// Nothing of it is deleted by an unassignment; only what exceeds ``assignmentsMax`` is, the oldest first.
struct Registry: Hashable, Sendable {
    private(set) var devices: [RegisteredDevice] = []
    /// In the order of time. Devices of the configuration may have some too.
    private(set) var assignments: [Identifier: [Assignment]] = [:]

    static let devicesMax = 64
    /// Kept for each device.
    static let assignmentsMax = 32

    subscript(id: Identifier) -> RegisteredDevice? { devices.first { $0.id == id } }

    func device(at address: BluetoothAddress) -> RegisteredDevice? { devices.first { $0.address == address } }

    /// The remembered device that this is, by its number, or by its socket where the number is none or is shared.
    ///
    /// - Parameter present: devices that are plugged in already; it is none of them.
    func plugged(driver: String, _ plug: Plug, present: Set<Identifier>) -> RegisteredDevice? {
        let alike = devices.filter { $0.driver == driver && $0.plug?.isLike(plug) ?? false }
        let absent = alike.filter { !present.contains($0.id) }
        if let here = absent.first(where: { $0.plug?.socket == plug.socket }) { return here }
        return plug.serialNumber != nil && alike.count == 1 ? absent.first : nil
    }

    /// As ``register(_:)``; where there is no room, the oldest plugged device makes some that is nobody's.
    mutating func registerPlugged(_ device: RegisteredDevice, present: Set<Identifier>) -> Bool {
        if register(device) { return true }
        guard
            let oldest = devices.first(where: {
                $0.plug != nil && assignments[$0.id] == nil && !present.contains($0.id)
            })
        else { return false }
        remove(oldest.id)
        return register(device)
    }

    /// `nil`: it belongs to nobody now.
    func current(_ device: Identifier) -> Assignment? {
        assignments[device]?.last.flatMap { $0.to == nil ? $0 : nil }
    }

    /// Adds it, or takes the place of the one with its id. `false`: there are ``devicesMax``.
    mutating func register(_ device: RegisteredDevice) -> Bool {
        if let index = devices.firstIndex(where: { $0.id == device.id }) {
            devices[index] = device
            return true
        }
        guard devices.count < Self.devicesMax else { return false }
        devices.append(device)
        return true
    }

    /// Whose it was goes with it: another device may have that name some day.
    mutating func remove(_ id: Identifier) {
        devices.removeAll { $0.id == id }
        assignments[id] = nil
    }

    mutating func assign(_ device: Identifier, _ assignment: Assignment) {
        unassign(device, at: assignment.from)
        add(assignment, to: device)
    }

    mutating func unassign(_ device: Identifier, at utcNanoseconds: Int64) {
        guard var history = assignments[device], var last = history.popLast(), last.to == nil else { return }
        // A clock that was set back does not make an assignment end before it began.
        last.to = max(last.from, utcNanoseconds)
        history.append(last)
        assignments[device] = history
    }

    mutating func add(_ assignment: Assignment, to device: Identifier) {
        assignments[device, default: []].append(assignment)
        let surplus = (assignments[device]?.count ?? 0) - Self.assignmentsMax
        if surplus > 0 { assignments[device]?.removeFirst(surplus) }
    }
}
