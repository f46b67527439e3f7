import Vitals

/// The parts of a commit. They are called within a transaction, and change the books that they are given.
extension Outbox {
    func insert(
        _ draft: Draft, isConnected: Bool, now: Instant, _ books: inout [LaneBook]
    ) throws(DatabaseError) {
        let index = draft.lane.rawValue
        let seq = books[index].nextSeq
        let isLive = isConnected && books[index].rows < settings.liveRowsMax
        let payload = Envelope.payload(
            schema: draft.schema, epoch: epoch, lane: draft.lane.name, seq: seq, isLive: isLive,
            body: draft.body)
        books[index].nextSeq += 1
        guard payload.count <= Self.payloadBytesMax else {
            books[index].evicted += 1
            let gap = Gap(
                reason: .tooLarge, lane: draft.lane, epoch: epoch, fromSeq: seq, toSeq: seq, count: 1)
            return try insert(gap.draft, isConnected: isConnected, now: now, &books)
        }
        let row = try database.statement("INSERT INTO message VALUES(?, ?, ?, ?, ?, ?)")
        row.bind(1, draft.lane.key(seq))
        row.bind(2, draft.topic)
        row.bind(3, draft.isRetained ? 1 : 0)
        row.bind(4, payload)
        row.bind(5, now.nanoseconds)
        row.bind(6, draft.receivedAt?.nanoseconds)
        try row.finishRun()
        books[index].rows += 1
        books[index].bytes += Int64(payload.count)
    }

    func keep(_ keepsake: Keepsake) throws(DatabaseError) {
        guard let value = keepsake.value else {
            let row = try database.statement("DELETE FROM keepsake WHERE key = ?")
            row.bind(1, keepsake.key)
            return try row.finishRun()
        }
        let row = try database.statement("INSERT OR REPLACE INTO keepsake VALUES(?, ?)")
        row.bind(1, keepsake.key)
        row.bind(2, value)
        try row.finishRun()
    }

    func delete(_ keys: [MessageKey], _ books: inout [LaneBook]) throws(DatabaseError) {
        for key in keys where key.generation == generation {
            let row = try database.statement("DELETE FROM message WHERE key = ? RETURNING length(payload)")
            row.bind(1, key.lane.key(key.seq))
            defer { row.reset() }
            while try row.step() {
                books[key.lane.rawValue].rows -= 1
                books[key.lane.rawValue].bytes -= row.integer(0)
            }
        }
    }

    func keepBound(isConnected: Bool, now: Instant, _ books: inout [LaneBook]) throws(DatabaseError) {
        let excess = books.reduce(0) { $0 + $1.bytes } - settings.bytesMax
        guard excess > 0 else { return }
        // A little more than needed, so that a full outbox does not tell of every single message.
        try evict(
            bytes: excess + settings.bytesMax / 128, reason: .evicted, isConnected: isConnected, now: now, &books)
    }

    func evict(
        bytes: Int64, reason: Gap.Reason, isConnected: Bool, now: Instant, _ books: inout [LaneBook]
    ) throws(DatabaseError) {
        var wanted = bytes
        for lane in [Lane.waveform, .reading] where wanted > 0 && books[lane.rawValue].rows > 0 {
            let gap = try evict(lane, bytes: &wanted, reason: reason, &books)
            try insert(gap.draft, isConnected: isConnected, now: now, &books)
        }
    }

    func evict(
        _ lane: Lane, bytes wanted: inout Int64, reason: Gap.Reason, _ books: inout [LaneBook]
    ) throws(DatabaseError) -> Gap {
        let rows = try database.statement(
            "SELECT key, length(payload) FROM message WHERE key > ? AND key < ? ORDER BY key LIMIT ?")
        rows.bind(1, lane.keys.lowerBound)
        rows.bind(2, lane.keys.upperBound)
        rows.bind(3, Int64(Self.evictedRowsMax))
        var gap = Gap(reason: reason, lane: lane, epoch: epoch)
        var count: Int64 = 0
        while wanted > 0, try rows.step() {
            let seq = rows.integer(0) - lane.keys.lowerBound
            if gap.fromSeq == nil { gap.fromSeq = seq }
            gap.toSeq = seq
            count += 1
            wanted -= rows.integer(1)
            books[lane.rawValue].bytes -= rows.integer(1)
        }
        rows.reset()
        gap.count = count
        books[lane.rawValue].rows -= count
        books[lane.rawValue].evicted += count
        let deletion = try database.statement("DELETE FROM message WHERE key >= ? AND key <= ?")
        deletion.bind(1, lane.key(gap.fromSeq ?? 1))
        deletion.bind(2, lane.key(gap.toSeq ?? 0))
        try deletion.finishRun()
        return gap
    }

    func write(_ changed: [LaneBook]) throws(DatabaseError) {
        for (book, old) in zip(changed, books) where book != old {
            let row = try database.statement(
                "UPDATE lane SET next_seq = ?, rows = ?, bytes = ?, evicted = ?, boot_seq = ? WHERE lane = ?")
            row.bind(1, book.nextSeq)
            row.bind(2, book.rows)
            row.bind(3, book.bytes)
            row.bind(4, book.evicted)
            row.bind(5, book.bootSeq)
            row.bind(6, Int64(book.lane.rawValue))
            try row.finishRun()
        }
    }
}
