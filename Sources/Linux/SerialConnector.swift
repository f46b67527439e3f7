public import DriverKit
public import Loop

/// Opens real ports, each on the loop it was made for.
public final class SerialConnector: Connector {
    private let loop: EventLoop

    public init(on loop: EventLoop) { self.loop = loop }

    public func connect(to address: Address) async throws(LinkError) -> any Link {
        switch address {
        case .serial(let path, let settings): try SerialPort(path: path, settings, on: loop)
        case .bluetooth(let address, _): throw .bluetooth(.adapterMissing, "\(address)")
        }
    }
}
