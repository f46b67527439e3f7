/// What the file looks like. A change of any of this is a new version.
enum OutboxFormat {
    /// "HmWd": the file is ours.
    static let applicationID: Int64 = 0x486D_5764
    static let version: Int64 = 1

    /// The key of a message is its lane in the upper 8 bits and its number below them, so that a lane is one
    /// range of one tree.
    static let schema = """
        CREATE TABLE message(
            key INTEGER PRIMARY KEY, topic TEXT NOT NULL, retained INTEGER NOT NULL, payload BLOB NOT NULL,
            committed INTEGER NOT NULL, received INTEGER);
        CREATE TABLE lane(
            lane INTEGER PRIMARY KEY, next_seq INTEGER NOT NULL, rows INTEGER NOT NULL, bytes INTEGER NOT NULL,
            evicted INTEGER NOT NULL, boot_seq INTEGER NOT NULL);
        CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE keepsake(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
        """

    /// Holding the lock for ever keeps every other process out and needs no shared memory.
    static let exclusive = """
        PRAGMA locking_mode=EXCLUSIVE; PRAGMA mmap_size=0; PRAGMA trusted_schema=OFF;
        PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-2048;
        PRAGMA secure_delete=FAST;
        """

    /// A commit has reached the disk when it returns.
    static let durable = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"

    /// A file up to this size is read through at the start.
    static let checkedBytesMax: Int64 = 64 << 20

    /// Makes the tables in an empty database.
    static func create(in database: Database, epoch: String) throws(DatabaseError) {
        try database.transaction { () throws(DatabaseError) in
            try database.run(schema)
            for lane in Lane.allCases {
                try database.run("INSERT INTO lane VALUES(\(lane.rawValue), 1, 0, 0, 0, 1)")
            }
            try database.run("INSERT INTO meta VALUES('epoch', '\(epoch)'), ('boot', '')")
            try database.run("PRAGMA application_id=\(applicationID); PRAGMA user_version=\(version)")
        }
    }

    /// A whole new file, which has its name only when it is complete.
    static func createFile(_ path: String, epoch: String) throws(DatabaseError) {
        let unfinished = path + ".new"
        for companion in Files.companions { Files.remove(unfinished + companion) }
        let database = try Database(path: unfinished)
        try database.run("PRAGMA synchronous=EXTRA")
        try create(in: database, epoch: epoch)
        database.close()
        guard Files.rename(unfinished, to: path), Files.syncFolder(of: path) else {
            throw DatabaseError(kind: .disk, code: 0, action: "naming \(path)", text: "rename or sync failed")
        }
    }

    /// Whether this is a sound outbox of ours. Nothing is written.
    static func check(_ database: Database) throws(DatabaseError) {
        let application = try database.integer("PRAGMA application_id")
        let found = try database.integer("PRAGMA user_version") ?? 0
        guard application == applicationID, found >= 1 else {
            throw DatabaseError(
                kind: .damaged, code: 0, action: "reading \(database.path)", text: "it is no outbox of homeward")
        }
        guard found <= version, Files.sizeBytes(database.path) ?? 0 <= checkedBytesMax else { return }
        let verdict = try database.text("PRAGMA quick_check(1)") ?? "no answer"
        guard verdict == "ok" else {
            throw DatabaseError(
                kind: .damaged, code: 0, action: "checking \(database.path)", text: verdict)
        }
    }
}
