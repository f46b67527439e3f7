import CSQLite
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
    /// Rows that one eviction takes at most.
    static let evictedRowsMax = 65_536

    let settings: Settings
    private(set) var epoch = ""
    private(set) var generation: UInt32 = 0
    private(set) var books = Lane.allCases.map { LaneBook(lane: $0) }
    /// To be told with the next commit.
    private(set) var untold: [Gap] = []
    private(set) var database: Database
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
            // Statements that fit the version do not fit the file: tables are missing.
            let isDamaged = error.kind == .damaged || error.code == SQLITE_ERROR
            guard isDamaged else { throw Self.refusal(error, path: settings.path) }
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

    /// Lets the file grow no further: what a full disk does, for tests.
    func limitPages() throws(DatabaseError) {
        let pages = try database.integer("PRAGMA page_count") ?? 1
        try database.run("PRAGMA max_page_count=\(pages)")
    }

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

    // MARK: Mending

    /// A fresh connection after the disk failed. `true` when the commit that failed is there after all.
    ///
    /// Everything in the log is written again and synced before it is believed: a second sync of pages whose
    /// first sync failed proves nothing.
    func reopen() throws(DatabaseError) -> Bool {
        guard isOnDisk else { return false }
        database.close()
        // Whoever took the file away has to be told of, too.
        if !Files.exists(settings.path), untold.isEmpty {
            untold.append(Gap(reason: .storeDamaged, epoch: epoch))
        }
        database = try Self.prepare(settings.path, random: &random, untold: &untold)
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
        let stored = (try? database.text("SELECT value FROM meta WHERE name = 'epoch'")) ?? nil
        database.close()
        var gap = Gap(reason: .storeDamaged, epoch: epoch.isEmpty ? stored : epoch)
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
        let found = try database.text("SELECT value FROM meta WHERE name = 'epoch'") ?? ""
        if !epoch.isEmpty, found != epoch { generation += 1 }
        epoch = found
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
}
