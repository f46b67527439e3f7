import CSQLite

/// Why SQLite did not do what it was asked, sorted by what helps.
public struct DatabaseError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Hashable, Sendable {
        /// No room left. Deleting helps.
        case full
        /// The disk did not read, write or sync. Only a new connection helps.
        case disk
        /// The file is not a sound database.
        case damaged
        /// Another process holds it.
        case busy
        case other
    }

    public var kind: Kind
    /// SQLite's extended result code.
    public var code: Int32
    /// What was being done.
    public var action: String
    public var text: String

    public init(kind: Kind, code: Int32, action: String, text: String) {
        self.kind = kind
        self.code = code
        self.action = action
        self.text = text
    }

    init(code: Int32, action: String, text: String) {
        self.init(kind: Self.kind(of: code), code: code, action: action, text: text)
    }

    public var description: String { "\(action): \(text) (SQLite code \(code))" }

    private static func kind(of code: Int32) -> Kind {
        switch code & 0xFF {
        case SQLITE_FULL: .full
        case SQLITE_IOERR, SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM: .disk
        // A constraint can only break when the numbers do not fit the rows.
        case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_CONSTRAINT, SQLITE_MISMATCH: .damaged
        case SQLITE_BUSY, SQLITE_LOCKED: .busy
        default: .other
        }
    }
}

/// Why an outbox cannot be opened. Each text says what to do.
public enum OutboxError: Error, Hashable, Sendable, CustomStringConvertible {
    case newerVersion(path: String, found: Int32, known: Int32)
    case heldByAnother(path: String)
    case cannotOpen(path: String, reason: String)

    public var description: String {
        switch self {
        case .newerVersion(let path, let found, let known):
            "the outbox \(path) has version \(found), this program knows \(known) and will not touch it: "
                + "install the newer program again, or move the file away to begin a new outbox"
        case .heldByAnother(let path):
            "the outbox \(path) is held by another process: stop the other homeward first"
        case .cannotOpen(let path, let reason):
            "the outbox \(path) cannot be opened, \(reason): check that its folder exists and can be written"
        }
    }
}
