import Vitals

/// What of a lane goes to the broker next: a value that knows neither the store nor the broker.
///
/// Rows go in the order of their numbers. When the broker refuses one, the lane halts and tries it alone; when it
/// refuses it for too many rounds, the row's topic is held and the rest of the lane goes on.
struct LaneFlow {
    struct Limits {
        /// Times that a row is refused before its topic is held.
        var deniedRoundsMax = 6
        var retryFirst: Duration = .seconds(1)
        var retryLongest: Duration = .seconds(30)
        var heldPause: Duration = .seconds(60)
        /// Topics held at most; beyond that the lane halts.
        var heldTopicsMax = 64
    }

    let lane: Lane
    let limits: Limits
    /// Where the next page of the store begins.
    private(set) var last: MessageKey
    private(set) var inFlight: Set<MessageKey> = []
    /// The topics held, and when each is tried again.
    private(set) var held: [String: Instant] = [:]
    private var fetched: [StoredMessage] = []
    private var refused: [StoredMessage] = []
    private var rounds = 0
    private var retryAt = Instant.boot
    private var probe: MessageKey?
    private var mayHaveMore = true

    init(_ lane: Lane, limits: Limits = Limits()) {
        self.lane = lane
        self.limits = limits
        last = MessageKey(lane, 0)
    }

    /// Everything that was not delivered goes again, from the first; what is held is tried once.
    mutating func restart(now: Instant) {
        last = MessageKey(lane, 0, generation: last.generation)
        inFlight = []
        fetched = []
        refused = []
        rounds = 0
        probe = nil
        mayHaveMore = true
        for topic in held.keys { held[topic] = now }
    }

    mutating func workArrived() { mayHaveMore = true }

    /// Nothing is left that could be sent, not even later.
    var isDrained: Bool { inFlight.isEmpty && fetched.isEmpty && refused.isEmpty && !mayHaveMore }

    var skipped: Set<String> { Set(held.keys) }

    /// A page of the store is wanted.
    var wantsPage: Bool { refused.isEmpty && fetched.isEmpty && mayHaveMore }

    /// `isCurrent`: nothing was committed since the page was asked for.
    mutating func take(_ page: LanePage, isCurrent: Bool) {
        if page.last.generation != last.generation { inFlight = [] }
        last = page.last
        fetched = page.messages.filter { !inFlight.contains($0.key) }
        if page.isEnd, isCurrent { mayHaveMore = false }
    }

    /// The next one to send, which is in flight from now on.
    mutating func next(now: Instant) -> StoredMessage? {
        if let message = refused.first {
            guard now >= retryAt, inFlight.isEmpty else { return nil }
            refused.removeFirst()
            inFlight.insert(message.key)
            return message
        }
        guard !fetched.isEmpty else { return nil }
        let message = fetched.removeFirst()
        inFlight.insert(message.key)
        return message
    }

    /// When ``next(now:)`` or ``probeDue(now:)`` may have something without anything else happening.
    var nextDeadline: Instant {
        let retry = refused.isEmpty || !inFlight.isEmpty ? Instant.never : retryAt
        return min(retry, probe == nil ? held.values.min() ?? .never : .never)
    }

    // MARK: Answers

    mutating func delivered(_ message: StoredMessage) {
        inFlight.remove(message.key)
        rounds = 0
        guard probe == message.key else { return }
        probe = nil
        release(message.topic, from: message.key)
    }

    mutating func refused(_ message: StoredMessage, now: Instant) {
        inFlight.remove(message.key)
        if probe == message.key {
            probe = nil
            held[message.topic] = now + limits.heldPause
        }
        guard held[message.topic] == nil else { return }
        let isFirst = message.key.seq < (refused.first?.key.seq ?? .max)
        let index = refused.firstIndex { $0.key.seq > message.key.seq } ?? refused.endIndex
        refused.insert(message, at: index)
        guard isFirst else { return }
        rounds += 1
        let doublings = min(rounds - 1, 16)
        retryAt = now + min(limits.retryFirst * (1 << doublings), limits.retryLongest)
        if rounds >= limits.deniedRoundsMax { hold(message.topic, now: now) }
    }

    private mutating func hold(_ topic: String, now: Instant) {
        guard held.count < limits.heldTopicsMax else { return }
        held[topic] = now + limits.heldPause
        refused.removeAll { $0.topic == topic }
        fetched.removeAll { $0.topic == topic }
        rounds = 0
        retryAt = now
        mayHaveMore = true
    }

    // MARK: Held topics

    /// A held topic that is to be tried now. One at a time.
    func probeDue(now: Instant) -> String? {
        guard probe == nil else { return nil }
        return held.filter { $0.value <= now }.min { ($0.value, $0.key) < ($1.value, $1.key) }?.key
    }

    /// The oldest row of the held topic, or `nil` when there is none any more.
    mutating func beginProbe(_ topic: String, with message: StoredMessage?) {
        guard let message else {
            held[topic] = nil
            return
        }
        probe = message.key
        inFlight.insert(message.key)
    }

    private mutating func release(_ topic: String, from key: MessageKey) {
        held[topic] = nil
        last = min(last.seq, key.seq) == last.seq ? last : key
        fetched = []
        mayHaveMore = true
    }
}
