import Vitals

/// What is in the outbox.
extension Outbox {
    /// Rows looked at for one page when many are skipped.
    private static let pageRowsMax = 2048

    func page(
        after last: MessageKey, limit: Int, isWanted: (MessageKey, String) -> Bool
    ) throws(DatabaseError) -> LanePage {
        let rows = try database.statement(
            "SELECT key, topic, retained, payload, committed, received FROM message "
                + "WHERE key > ? AND key < ? ORDER BY key")
        defer { rows.reset() }
        let lane = last.lane
        let seq = last.generation == generation ? last.seq : 0
        rows.bind(1, lane.key(seq))
        rows.bind(2, lane.keys.upperBound)
        var page = LanePage(last: MessageKey(lane, seq, generation: generation))
        for _ in 0 ..< Self.pageRowsMax where page.messages.count < limit {
            guard try rows.step() else {
                page.isEnd = true
                return page
            }
            let message = key(lane, rows)
            page.last = message
            let topic = rows.text(1)
            if isWanted(message, topic) { page.messages.append(read(rows, message, topic)) }
        }
        return page
    }

    /// The first message of a topic that is wanted.
    func first(
        _ lane: Lane, topic: String, isWanted: (MessageKey) -> Bool
    ) throws(DatabaseError) -> StoredMessage? {
        let rows = try database.statement(
            "SELECT key, topic, retained, payload, committed, received FROM message "
                + "WHERE key > ? AND key < ? AND topic = ? ORDER BY key")
        defer { rows.reset() }
        rows.bind(1, lane.keys.lowerBound)
        rows.bind(2, lane.keys.upperBound)
        rows.bind(3, topic)
        while try rows.step() {
            let message = key(lane, rows)
            if isWanted(message) { return read(rows, message, topic) }
        }
        return nil
    }

    /// When the oldest message of the lane was committed: `nil` when the lane is empty, the start of the box when
    /// that was before it.
    func oldest(_ lane: Lane) throws(DatabaseError) -> Instant? {
        guard books[lane.rawValue].rows > 0 else { return nil }
        let rows = try database.statement(
            "SELECT key, committed FROM message WHERE key > ? AND key < ? ORDER BY key LIMIT 1")
        defer { rows.reset() }
        rows.bind(1, lane.keys.lowerBound)
        rows.bind(2, lane.keys.upperBound)
        guard try rows.step() else { return nil }
        let isOfThisBoot = rows.integer(0) >= lane.key(books[lane.rawValue].bootSeq)
        return isOfThisBoot ? Instant(nanoseconds: rows.integer(1)) : .boot
    }

    func keepsakes(withPrefix prefix: String) throws(DatabaseError) -> [Keepsake] {
        let rows = try database.statement("SELECT key, value FROM keepsake WHERE key >= ? ORDER BY key")
        defer { rows.reset() }
        rows.bind(1, prefix)
        var found: [Keepsake] = []
        while try rows.step() {
            let key = rows.text(0)
            guard key.utf8.starts(with: prefix.utf8) else { break }
            found.append(Keepsake(key, rows.bytes(1)))
        }
        return found
    }

    private func key(_ lane: Lane, _ rows: Statement) -> MessageKey {
        MessageKey(lane, rows.integer(0) - lane.keys.lowerBound, generation: generation)
    }

    private func read(_ rows: Statement, _ key: MessageKey, _ topic: String) -> StoredMessage {
        let isOfThisBoot = key.seq >= books[key.lane.rawValue].bootSeq
        return StoredMessage(
            key: key, topic: topic, isRetained: rows.integer(2) != 0, payload: rows.bytes(3),
            committedAt: isOfThisBoot ? Instant(nanoseconds: rows.integer(4)) : nil,
            receivedAt: isOfThisBoot ? rows.integerIfPresent(5).map { Instant(nanoseconds: $0) } : nil)
    }
}
