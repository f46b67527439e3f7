public import Vitals

/// A message before it has a number: what to say and where, but not yet which of its lane it is.
public struct Draft: Hashable, Sendable {
    public var lane: Lane
    /// Below the gateway's root, such as `patient/p-17/reading/pulse-rate`.
    public var topic: String
    public var isRetained: Bool
    /// The name of the schema in `docs/schemas/`, without its ending.
    public var schema: String
    /// The members of a JSON object, without its braces: `"metric":"pulse-rate","value":72`. Empty only to clear
    /// what the broker retains for the topic.
    public var body: [UInt8]
    /// When the bytes that it tells of came from the device; measures the way from there to the broker.
    public var receivedAt: Instant?

    public init(
        lane: Lane, topic: String, isRetained: Bool = false, schema: String, body: [UInt8],
        receivedAt: Instant? = nil
    ) {
        self.lane = lane
        self.topic = topic
        self.isRetained = isRetained
        self.schema = schema
        self.body = body
        self.receivedAt = receivedAt
    }
}

extension [Draft] {
    /// The same, told of bytes that came then.
    public func received(at instant: Instant?) -> [Draft] {
        map { draft in
            var draft = draft
            draft.receivedAt = instant
            return draft
        }
    }
}

/// A queue of the outbox with an order and a number sequence of its own. Lower goes first.
public enum Lane: Int, Hashable, Comparable, Sendable, CaseIterable {
    case alert, session, reading, waveform

    public static func < (one: Lane, other: Lane) -> Bool { one.rawValue < other.rawValue }

    public var name: String {
        switch self {
        case .alert: "alert"
        case .session: "session"
        case .reading: "reading"
        case .waveform: "waveform"
        }
    }
}

/// Something small that must survive with the messages it belongs to: the state of an alarm, what was covered live.
///
/// Written in the same transaction as the messages of one ``Courier/accept(_:keeping:)``.
public struct Keepsake: Hashable, Sendable {
    public var key: String
    /// `nil` forgets it.
    public var value: [UInt8]?

    public init(_ key: String, _ value: [UInt8]?) {
        self.key = key
        self.value = value
    }
}

/// Takes messages and does not let go of them. The one crossing from the device loop to delivery.
public protocol Courier: AnyObject, Sendable {
    /// Returns when the drafts and the keepsakes are committed to disk, together; bounded, so that waiting here
    /// is the back-pressure on the one device that caused it. An alert is committed at once; readings and
    /// waveforms share a commit with what comes within the commit interval.
    func accept(_ drafts: [Draft], keeping keepsakes: [Keepsake]) async

    /// The latest truth about something, not a history: published retained when there is a connection, and again
    /// after each connection. Kept in memory, one for each topic.
    func publish(state topic: String, schema: String, body: [UInt8]) async

    /// What was kept before this start whose key begins with `prefix`, sorted by key.
    func keepsakes(withPrefix prefix: String) async -> [Keepsake]
}
