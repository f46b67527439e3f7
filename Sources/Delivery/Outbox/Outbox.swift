import Vitals

/// Messages on disk: committed before anyone is told, numbered without holes, gone only when told to delete them.
///
/// Belongs to one thread, which it may block. The file has exactly one connection.
final class Outbox {
    /// What one ``Courier/accept(_:keeping:)`` brought: committed together.
    struct Batch {
        var drafts: [Draft]
        var keepsakes: [Keepsake]
    }

    struct Settings {
        /// `:memory:` for a store that ends with the process.
        var path: String
        var bytesMax: Int64 = 512 << 20
        /// A message is live when no more than this many of its lane are waiting.
        var liveRowsMax: Int64 = 16
        /// Names this start of the box.
        var boot = ""
    }

    /// Longer payloads are not kept: they would not pass the usual brokers.
    static let payloadBytesMax = 256 << 10
    /// Rows looked at for one page when many are skipped.
    private static let pageRowsMax = 2048
    /// Rows that one eviction takes at most.
    private static let evictedRowsMax = 65_536

    let settings: Settings
    private(set) var epoch = ""
    private(set) var generation: UInt32 = 0
    private(set) var books = Lane.allCases.map { LaneBook(lane: $0) }
    /// To be told with the next commit.
    private(set) var untold: [Gap] = []
    private var database: Database
    /// What the books would be if the commit that failed is on disk after all.
    private var doubtful: [LaneBook]?
    private var random: any RandomNumberGenerator

    init(settings: Settings, random: any RandomNumberGenerator) throws(OutboxError) {
        self.settings = settings
        self.random = random
        do throws(DatabaseError) {
            database = try Self.prepare(settings.path, random: &self.random, untold: &untold)
        } catch {
            throw Self.refusal(error, path: settings.path)
        }
        do throws(DatabaseError) {
            try attach()
        } catch {
            guard error.kind == .damaged else { throw Self.refusal(error, path: settings.path) }
            do throws(DatabaseError) { try replaceDamaged() } catch {
                throw Self.refusal(error, path: settings.path)
            }
        }
        let found = (try? database.integer("PRAGMA user_version")) ?? 0
        guard found <= OutboxFormat.version else {
            throw .newerVersion(
                path: settings.path, found: Int32(clamping: found), known: Int32(OutboxFormat.version))
        }
    }

    func close() { database.close() }

    var isOnDisk: Bool { settings.path != ":memory:" }
    var bytes: Int64 { books.reduce(0) { $0 + $1.bytes } }

    // MARK: Committing

    /// Everything or nothing: the batches, the deletions, and what has to go to keep the bound.
    func commit(
        _ batches: [Batch], deleting keys: [MessageKey] = [], isConnected: Bool, now: Instant
    ) throws(DatabaseError) {
        var changed = books
        do throws(DatabaseError) {
            try database.transaction { () throws(DatabaseError) in
                try delete(keys, &changed)
                for gap in untold { try insert(gap.draft, isConnected: isConnected, now: now, &changed) }
                for batch in batches {
                    for draft in batch.drafts {
                        try insert(draft, isConnected: isConnected, now: now, &changed)
                    }
                    for keepsake in batch.keepsakes { try keep(keepsake) }
                }
                try keepBound(isConnected: isConnected, now: now, &changed)
                try write(changed)
            }
        } catch {
            let isNumbered = zip(changed, books).contains { $0.nextSeq != $1.nextSeq }
            doubtful = error.kind == .disk && isNumbered ? changed : nil
            throw error
        }
        untold = []
        books = changed
    }

    /// Deletes without waiting for the disk: what a power cut brings back is only sent a second time.
    func delete(_ keys: [MessageKey]) throws(DatabaseError) {
        var changed = books
        try database.run("PRAGMA synchronous=NORMAL")
        do throws(DatabaseError) {
            try database.transaction { () throws(DatabaseError) in
                try delete(keys, &changed)
                try write(changed)
            }
        } catch {
            try database.run("PRAGMA synchronous=FULL")
            throw error
        }
        books = changed
        try database.run("PRAGMA synchronous=FULL")
    }

    /// Makes room by the same rule as the bound, and tells of it.
    func evict(bytes: Int64, reason: Gap.Reason, now: Instant) throws(DatabaseError) {
        var changed = books
        try database.transaction { () throws(DatabaseError) in
            try evict(bytes: bytes, reason: reason, isConnected: false, now: now, &changed)
            try write(changed)
        }
        books = changed
    }

    // MARK: Reading

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

    // MARK: Mending

    /// A fresh connection after the disk failed. `true` when the commit that failed is there after all.
    ///
    /// Everything in the log is written again and synced before it is believed: a second sync of pages whose
    /// first sync failed proves nothing.
    func reopen() throws(DatabaseError) -> Bool {
        guard isOnDisk else { return false }
        database.close()
        database = try Database(path: settings.path)
        try attach()
        try database.run("PRAGMA wal_checkpoint(TRUNCATE)")
        defer { doubtful = nil }
        guard let doubtful else { return false }
        let isThere = zip(books, doubtful).allSatisfy { $0.nextSeq == $1.nextSeq }
        if isThere { untold = [] }
        return isThere
    }

    /// Sets the file aside and begins a new store, with a new epoch and a gap that tells of it.
    func replaceDamaged() throws(DatabaseError) {
        let epoch = (try? database.text("SELECT value FROM meta WHERE name = 'epoch'")) ?? nil
        database.close()
        generation += 1
        var gap = Gap(reason: .storeDamaged, epoch: epoch)
        if isOnDisk { gap.file = try Self.setAside(settings.path) }
        untold.append(gap)
        database = try Self.prepare(settings.path, random: &random, untold: &untold)
        try attach()
    }

    /// Opens the file, and makes it before if there is none.
    private static func prepare(
        _ path: String, random: inout any RandomNumberGenerator, untold: inout [Gap]
    ) throws(DatabaseError) -> Database {
        let epoch = Envelope.randomName(using: &random)
        guard path != ":memory:" else {
            let database = try Database(path: path)
            try OutboxFormat.create(in: database, epoch: epoch)
            return database
        }
        // A log without its database belongs to no store that could be opened, but must not meet a new one.
        if !Files.exists(path), Files.companions.contains(where: { Files.exists(path + $0) }) {
            untold.append(Gap(reason: .storeDamaged, file: try setAside(path)))
        }
        if !Files.exists(path) { try OutboxFormat.createFile(path, epoch: epoch) }
        return try Database(path: path)
    }

    private static func setAside(_ path: String) throws(DatabaseError) -> String {
        guard let target = Files.setAside(path) else {
            throw DatabaseError(
                kind: .disk, code: 0, action: "setting \(path) aside", text: "it could not be renamed")
        }
        return String(target.split(separator: "/").last ?? "")
    }

    private func attach() throws(DatabaseError) {
        try database.run(OutboxFormat.exclusive)
        try OutboxFormat.check(database)
        if try database.integer("PRAGMA user_version") ?? 0 > OutboxFormat.version { return }
        try database.run(OutboxFormat.durable)
        epoch = try database.text("SELECT value FROM meta WHERE name = 'epoch'") ?? ""
        try readBooks()
        guard try database.text("SELECT value FROM meta WHERE name = 'boot'") != settings.boot else { return }
        var changed = books
        for index in changed.indices { changed[index].bootSeq = changed[index].nextSeq }
        try database.transaction { () throws(DatabaseError) in
            let boot = try database.statement("UPDATE meta SET value = ? WHERE name = 'boot'")
            boot.bind(1, settings.boot)
            try boot.finishRun()
            try write(changed)
        }
        books = changed
    }

    private func readBooks() throws(DatabaseError) {
        let rows = try database.statement("SELECT lane, next_seq, rows, bytes, evicted, boot_seq FROM lane")
        defer { rows.reset() }
        var found = 0
        while try rows.step() {
            guard let lane = Lane(rawValue: Int(rows.integer(0))) else { continue }
            found += 1
            books[lane.rawValue] = LaneBook(
                lane: lane, nextSeq: rows.integer(1), rows: rows.integer(2), bytes: rows.integer(3),
                evicted: rows.integer(4), bootSeq: rows.integer(5))
        }
        guard found == Lane.allCases.count, !epoch.isEmpty else {
            throw DatabaseError(kind: .damaged, code: 0, action: "reading the lanes", text: "some are missing")
        }
    }

    private static func refusal(_ error: DatabaseError, path: String) -> OutboxError {
        error.kind == .busy ? .heldByAnother(path: path) : .cannotOpen(path: path, reason: error.description)
    }

    // MARK: Within a transaction

    private func insert(
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

    private func keep(_ keepsake: Keepsake) throws(DatabaseError) {
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

    private func delete(_ keys: [MessageKey], _ books: inout [LaneBook]) throws(DatabaseError) {
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

    private func keepBound(isConnected: Bool, now: Instant, _ books: inout [LaneBook]) throws(DatabaseError) {
        let excess = books.reduce(0) { $0 + $1.bytes } - settings.bytesMax
        guard excess > 0 else { return }
        // A little more than needed, so that a full outbox does not tell of every single message.
        try evict(
            bytes: excess + settings.bytesMax / 128, reason: .evicted, isConnected: isConnected, now: now, &books)
    }

    private func evict(
        bytes: Int64, reason: Gap.Reason, isConnected: Bool, now: Instant, _ books: inout [LaneBook]
    ) throws(DatabaseError) {
        var wanted = bytes
        for lane in [Lane.waveform, .reading] where wanted > 0 && books[lane.rawValue].rows > 0 {
            let gap = try evict(lane, bytes: &wanted, reason: reason, &books)
            try insert(gap.draft, isConnected: isConnected, now: now, &books)
        }
    }

    private func evict(
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

    private func write(_ changed: [LaneBook]) throws(DatabaseError) {
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
