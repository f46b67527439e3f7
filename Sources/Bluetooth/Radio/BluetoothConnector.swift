public import DriverKit
public import Loop
public import Vitals

/// Opens links to Bluetooth devices: the radio's attribute channel, and GATT over it.
public final class BluetoothConnector: Connector {
    private let radio: Radio
    private let cache: any StateFolder
    private let localTime: () -> CivilTime?
    private let loop: EventLoop
    private let log: @Sendable (String) -> Void

    /// A device that is not heard for so long is told as such; the caller asks again at once.
    public static let patience: Duration = .seconds(30)

    public init(
        radio: Radio, cache: any StateFolder, localTime: @escaping () -> CivilTime?, on loop: EventLoop,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.radio = radio
        self.cache = cache
        self.localTime = localTime
        self.loop = loop
        self.log = log
    }

    public func connect(to address: Address) async throws(LinkError) -> any Link {
        guard case .bluetooth(let device, let profile) = address else { throw .gone(address.description) }
        radio.prefer(profile.pace, for: device)
        let link = try await radio.openAttributes(of: device, before: loop.now + Self.patience)
        return try await GATTLink.open(
            over: link, profile: profile, device: device, cache: cache, localTime: localTime, on: loop, log: log)
    }
}
