public import DriverKit
public import Loop
public import Vitals

/// A Bluetooth device that a test holds in its hand.
public final class SimulatedBluetoothDevice {
    /// How it is paired.
    public enum Way: Hashable, Sendable {
        case justWorks
        /// Both show this number.
        case comparison(UInt32)
        /// It shows this one, which is typed on the box.
        case passkeyEntry(UInt32)
        /// The box shows this one, which is typed on it.
        case passkeyDisplay(UInt32)
        /// It wants no pairing.
        case refusing
        /// It begins, and says nothing more.
        case silent
    }

    public let address: BluetoothAddress
    public var name: String
    public var services: [UInt16]
    public var rssiDBm: Int8 = -60
    public var isAdvertising = true
    public var isConnectable = true
    /// `false`: hears that it is to be connected and does not come, as a device that another central holds.
    public var answersConnections = true
    /// It asks to be paired as soon as it is connected.
    public var wantsPairing = false
    /// Changes its address, and tells its identity in the pairing.
    public var identity: BluetoothAddress?
    public var way: Way
    /// The key that it keeps for the box; `nil`: it knows of no bond.
    public var key: [UInt8]?
    public var makeLink: (EventLoop) -> any Link
    /// It has a new key.
    public var whenPaired: (() -> Void)?

    public internal(set) var isConnected = false
    var channel: SimulatedAttributeChannel?
    /// Connections so far, with their times.
    public internal(set) var connections: [Instant] = []

    public init(
        _ address: BluetoothAddress, name: String, services: [UInt16] = [], way: Way = .justWorks,
        makeLink: @escaping (EventLoop) -> any Link = { ScriptedLink(path: "simulated", on: $0, script: []) }
    ) {
        self.address = address
        self.name = name
        self.services = services
        self.way = way
        self.makeLink = makeLink
    }

    /// Flags, the name, the services, as they are advertised.
    var data: [UInt8] {
        let text = Array(name.utf8.prefix(20))
        let list = services.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
        return [2, 0x01, 0x06, UInt8(text.count + 1), 0x09] + text
            + (list.isEmpty ? [] : [UInt8(list.count + 1), 0x03] + list)
    }

    /// By which the kernel speaks of it once it is paired.
    var knownAs: BluetoothAddress { key != nil ? identity ?? address : address }
}

/// The attribute channel of a simulated device, which ends with the connection.
final class SimulatedAttributeChannel: Link {
    private let link: any Link
    private let name: String
    private var isGone = false

    init(_ link: any Link, of device: BluetoothAddress) {
        self.link = link
        name = device.description
    }

    func receive(before deadline: Instant) async throws(LinkError) -> Chunk? {
        do { return try await link.receive(before: deadline) } catch { throw isGone ? lost("read") : error }
    }

    func send(_ bytes: [UInt8], to channel: Channel) async throws(LinkError) {
        do { try await link.send(bytes, to: channel) } catch { throw isGone ? lost("send") : error }
    }

    /// As the kernel's sockets say it, whatever was the cause.
    private func lost(_ call: String) -> LinkError { .bluetooth(.linkLost, "\(name): \(call)") }

    func close() { link.close() }

    func hangUp() {
        isGone = true
        link.close()
    }

    var channels: [Channel] { link.channels }
}
