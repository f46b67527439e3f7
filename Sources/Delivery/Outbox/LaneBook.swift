public import Vitals

/// What is known of a lane without reading it.
struct LaneBook: Hashable, Sendable {
    let lane: Lane
    /// The number of the next message. Numbers are never used twice, also when everything was delivered.
    var nextSeq: Int64 = 1
    var rows: Int64 = 0
    /// Of payload.
    var bytes: Int64 = 0
    /// Messages that left without having been delivered.
    var evicted: Int64 = 0
    /// The first number of this start of the box: older ones were committed on another monotonic clock.
    var bootSeq: Int64 = 1

    /// Messages that were ever accepted.
    var committed: Int64 { nextSeq - 1 }
    var delivered: Int64 { committed - rows - evicted }
}

extension Lane {
    static let seqMax: Int64 = 1 << 55
    /// Every key of the lane is in here.
    var keys: Range<Int64> { Int64(rawValue) << 56 ..< Int64(rawValue + 1) << 56 }
    func key(_ seq: Int64) -> Int64 { keys.lowerBound | seq }
}

/// Which message of which lane.
public struct MessageKey: Hashable, Sendable {
    public var lane: Lane
    public var seq: Int64
    /// Counts the stores of this run: it grows when a damaged one is replaced, and the numbers begin anew.
    public var generation: UInt32

    public init(_ lane: Lane, _ seq: Int64, generation: UInt32 = 0) {
        self.lane = lane
        self.seq = seq
        self.generation = generation
    }
}

/// A message as it is sent, every time the same.
public struct StoredMessage: Hashable, Sendable {
    public var key: MessageKey
    /// Below the gateway's root.
    public var topic: String
    public var isRetained: Bool
    public var payload: [UInt8]
    /// `nil` when it was committed before this start of the box.
    public var committedAt: Instant?
    public var receivedAt: Instant?

    public init(
        key: MessageKey, topic: String, isRetained: Bool, payload: [UInt8], committedAt: Instant? = nil,
        receivedAt: Instant? = nil
    ) {
        self.key = key
        self.topic = topic
        self.isRetained = isRetained
        self.payload = payload
        self.committedAt = committedAt
        self.receivedAt = receivedAt
    }
}

/// Some messages of a lane in the order of their numbers.
public struct LanePage: Hashable, Sendable {
    public var messages: [StoredMessage] = []
    /// Where the next page begins: everything up to here was looked at.
    public var last: MessageKey
    /// Nothing was left beyond ``last``.
    public var isEnd = false
}
