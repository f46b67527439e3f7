public import Vitals

/// What is said to a broker: QoS 1, so that it answers.
public struct BrokerMessage: Hashable, Sendable {
    /// The whole topic, with the gateway's root.
    public var topic: String
    public var payload: [UInt8]
    public var isRetained: Bool

    public init(topic: String, payload: [UInt8], isRetained: Bool) {
        self.topic = topic
        self.payload = payload
        self.isRetained = isRetained
    }
}

/// What a broker says, in the order of its coming.
public enum BrokerEvent: Hashable, Sendable {
    /// The connection is up. No more than `receiveMaximum` messages may be unacknowledged.
    case accepted(receiveMaximum: Int)
    case refused(BrokerRefusal)
    /// The message published with this token was taken, or refused when the reason is 0x80 or more.
    case acknowledged(token: UInt64, reason: UInt8)
    /// The broker's answer to a subscription; refused when the reason is 0x80 or more.
    case subscribed(reason: UInt8)
    /// Somebody published this to a topic that was subscribed to.
    case received(BrokerMessage)
    /// The connection is gone. Nothing comes after it.
    case ended(reason: String)
}

/// One connection after the other to one broker. Lives on the broker loop and is called only there.
///
/// Nothing is carried from one connection to the next.
public protocol BrokerLink: AnyObject {
    /// When ``tick()`` must be called next; never while there is no connection.
    var nextTick: Instant { get }
    /// `MQTT 5`, `MQTT 3.1.1`.
    var protocolName: String { get }

    /// Begins a new connection; one from before is closed. May block in name resolution and connecting.
    /// `handler` is called on the loop, possibly from within these functions.
    func connect(will: BrokerMessage, _ handler: @escaping (BrokerEvent) -> Void) throws(BrokerLinkError)

    func publish(_ message: BrokerMessage, token: UInt64) throws(BrokerLinkError)

    /// Hears what is published below this filter, from now until the connection ends.
    func subscribe(to filter: String) throws(BrokerLinkError)

    func tick()

    /// Takes leave, so that the broker does not publish the will, and closes.
    func disconnect()

    /// Closes without a word. The handler is not called any more.
    func close()
}

/// Why the link could not do it.
public enum BrokerLinkError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A file or a value in the settings cannot be used.
    case settings(String)
    case unreachable(String)
    /// The broker takes no message of this size.
    case tooLarge(bytes: Int)
    case lost(String)

    public var description: String {
        switch self {
        case .settings(let text): text
        case .unreachable(let text): text
        case .tooLarge(let bytes): "the broker takes no message of \(bytes) bytes: raise its maximum packet size"
        case .lost(let text): text
        }
    }
}
