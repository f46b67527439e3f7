import Agent
import DriverKit
import Linux
import Loop

/// The outside world as the daemon hands it to the agent: ports, radio, socket and the folder of what persons have
/// decided. The one place where they are made.
struct Outside: Sendable {
    let configuration: Configuration
    let loop: EventLoop
    let journal: Journal

    /// What persons have decided is kept below the data directory.
    ///
    /// - Parameter loop: may block.
    static func state(_ configuration: Configuration, on loop: EventLoop) throws(CommandError) -> (any StateFolder)?
    {
        nil
    }

    /// Called on the device loop; what it makes stays there.
    func connections() -> Connections {
        let radio: (any Connector)? = nil
        return Connections(
            connector: PlaceConnector(serial: SerialConnector(on: loop), radio: radio), radio: nil, listener: nil)
    }
}

/// Each device by the way that leads to it.
final class PlaceConnector: Connector {
    private let serial: any Connector
    private let radio: (any Connector)?

    init(serial: any Connector, radio: (any Connector)?) {
        self.serial = serial
        self.radio = radio
    }

    func connect(to address: Address) async throws(LinkError) -> any Link {
        switch address {
        case .serial: return try await serial.connect(to: address)
        case .bluetooth:
            guard let radio else {
                throw .bluetooth(.adapterMissing, "Bluetooth is switched off in the configuration")
            }
            return try await radio.connect(to: address)
        }
    }
}
