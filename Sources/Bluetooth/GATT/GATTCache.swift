public import DriverKit
public import Loop

/// What was found out of a device's attributes, kept for its next connection. One file for each device.
///
/// It is believed only as long as the device's database hash is the same, or, for a device without one, when it is
/// bonded and tells of changes (Service Changed): then the specification makes it tell also of those that came
/// while it was away (Core 5.4, Vol 3, Part G, 2.5.2). Everything else is discovered anew at each connection.
public struct GATTCache {
    private let folder: any StateFolder
    private let device: BluetoothAddress
    private let log: BoundedLog

    /// A longer file is not ours.
    private static let bytesMax = 65_536

    init(_ folder: any StateFolder, device: BluetoothAddress, log: BoundedLog) {
        self.folder = folder
        self.device = device
        self.log = log
    }

    /// The device's file in the folder: `gatt-c4b500112233-random`.
    public static func name(of device: BluetoothAddress) -> String {
        let digits = device.description.filter { $0 != ":" }.lowercased()
        return "gatt-\(digits)-\(device.kind.rawValue)"
    }

    /// What is known of the device is forgotten: its bond is a new one, or it belongs to nobody any more.
    public static func forget(_ device: BluetoothAddress, in folder: any StateFolder) async throws(StateError) {
        try await folder.remove(name(of: device))
    }

    /// `nil`: nothing is known, or it was for a driver that wants something else.
    func load(for interest: GATTInterest) async -> GATTTable? {
        do throws(StateError) {
            guard let bytes = try await folder.read(Self.name(of: device)) else { return nil }
            guard bytes.count <= Self.bytesMax, let text = GATTCacheText(bytes), text.device == device else {
                log("what was kept of the device's services is damaged, and is found out again")
                return nil
            }
            return text.interest == GATTCacheText.sum(of: interest) ? text.table : nil
        } catch {
            log("what was kept of the device's services cannot be read: \(error)")
            return nil
        }
    }

    func store(_ table: GATTTable, for interest: GATTInterest) async {
        let text = GATTCacheText(device: device, interest: GATTCacheText.sum(of: interest), table: table)
        do throws(StateError) {
            try await folder.write(text.bytes, to: Self.name(of: device))
        } catch {
            log("the device's services cannot be kept: \(error)")
        }
    }

    func remove() async {
        do throws(StateError) {
            try await Self.forget(device, in: folder)
        } catch {
            log("what was kept of the device's services cannot be removed: \(error)")
        }
    }
}
