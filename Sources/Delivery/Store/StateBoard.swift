/// The latest state of each topic, in memory.
struct StateBoard {
    private struct Entry {
        let schema: String
        let body: [UInt8]
        /// Of the last change, so that what changes while it is being sent is sent again.
        let change: UInt64
        var isDue: Bool
    }

    /// Topics that are kept. A new one beyond that takes the place of the one changed longest ago.
    static let topicsMax = 512
    static let lane = "state"

    private let epoch: String
    private var entries: [String: Entry] = [:]
    private var due: [String] = []
    private var changes: UInt64 = 0
    private var seq: Int64 = 0
    private(set) var dropped: UInt64 = 0

    /// `epoch` names this run of the program: the numbers begin anew with it.
    init(epoch: String) { self.epoch = epoch }

    var count: Int { entries.count }

    mutating func set(_ topic: String, schema: String, body: [UInt8]) {
        if entries[topic] == nil, entries.count >= Self.topicsMax { dropOldest() }
        changes += 1
        if entries[topic]?.isDue != true { due.append(topic) }
        entries[topic] = Entry(schema: schema, body: body, change: changes, isDue: true)
    }

    /// Every topic has to be sent again, in the order of the last changes.
    mutating func makeAllDue() {
        due = entries.sorted { $0.value.change < $1.value.change }.map(\.key)
        for topic in due { entries[topic]?.isDue = true }
    }

    mutating func makeDue(_ topic: String) {
        guard entries[topic]?.isDue == false else { return }
        entries[topic]?.isDue = true
        due.append(topic)
    }

    /// The next ones to send, numbered. They are not due any more.
    mutating func take(_ limit: Int) -> [StateMessage] {
        let topics = due.prefix(limit)
        due.removeFirst(topics.count)
        return topics.compactMap { topic in
            guard let entry = entries[topic] else { return nil }
            entries[topic]?.isDue = false
            seq += 1
            let payload = Envelope.payload(
                schema: entry.schema, epoch: epoch, lane: Self.lane, seq: seq, isLive: true, body: entry.body)
            return StateMessage(topic: topic, payload: payload, change: entry.change)
        }
    }

    /// The broker has it: a topic that was cleared is forgotten, unless it was set again meanwhile.
    mutating func delivered(_ message: StateMessage) {
        guard message.payload.isEmpty, entries[message.topic]?.change == message.change else { return }
        entries[message.topic] = nil
    }

    private mutating func dropOldest() {
        guard let oldest = entries.min(by: { $0.value.change < $1.value.change })?.key else { return }
        entries[oldest] = nil
        due.removeAll { $0 == oldest }
        dropped += 1
    }
}

/// A state as it is sent once, retained.
public struct StateMessage: Hashable, Sendable {
    /// Below the gateway's root.
    public var topic: String
    public var payload: [UInt8]
    var change: UInt64
}
