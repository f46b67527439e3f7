/// The conversation with one kind of device, as a value: bytes and time in, readings and requests out.
///
/// A driver has no clock, socket, task or log. It sees the world only through the bytes it receives and
/// the ``Turn`` it is lent, so it can be fuzzed, replayed, copied and compared. Whatever the bytes, it
/// does not trap, and what it reports is bounded by what it receives.
public protocol Driver: Sendable {
    static var manifest: Manifest { get }

    init(settings: DriverSettings)

    /// The link is open.
    mutating func begin(_ turn: inout Turn)
    /// Bytes came, cut anywhere.
    mutating func receive(_ bytes: Span<UInt8>, from channel: Channel, _ turn: inout Turn)
    /// The moment asked for with ``Turn/wake(after:)`` has come.
    mutating func wake(_ turn: inout Turn)
    /// The link is about to close, or has closed: report what is complete, say goodbye.
    mutating func end(_ turn: inout Turn)
}

extension Driver {
    public mutating func begin(_ turn: inout Turn) {}
    public mutating func wake(_ turn: inout Turn) {}
    public mutating func end(_ turn: inout Turn) {}
}

/// What the configuration asks of a driver.
public struct DriverSettings: Hashable, Sendable {
    /// Report the signal's samples beside the numbers.
    public var reportsWaveforms: Bool
    /// Fetch what the device has stored, when it can.
    public var fetchesStored: Bool
    /// Set the device's clock from the box's, when it can and the box's clock is trusted.
    public var setsClock: Bool
    /// A data format, where the family has several and the driver shall not choose by itself.
    public var format: String?

    public init(
        reportsWaveforms: Bool = true, fetchesStored: Bool = false, setsClock: Bool = false, format: String? = nil
    ) {
        self.reportsWaveforms = reportsWaveforms
        self.fetchesStored = fetchesStored
        self.setsClock = setsClock
        self.format = format
    }
}

/// One of the pipes of a link: a serial line has one, a GATT connection one for each characteristic.
public struct Channel: Hashable, Sendable, CustomStringConvertible {
    public var name: String
    public init(_ name: String) { self.name = name }

    /// The only pipe of a serial line.
    public static let serial = Channel("serial")

    public var description: String { name }
}
