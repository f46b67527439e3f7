import CSQLite

/// One connection to one SQLite file, with its statements.
///
/// Belongs to the thread that made it. Closing it ends every statement.
@safe
final class Database {
    let path: String
    private var handle: OpaquePointer?
    private var statements: [String: Statement] = [:]

    init(path: String) throws(DatabaseError) {
        self.path = path
        var opened: OpaquePointer?
        let flags =
            SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let code = unsafe sqlite3_open_v2(path, &opened, flags, nil)
        unsafe handle = unsafe opened
        guard code == SQLITE_OK else {
            let error = failure(code, "opening \(path)")
            close()
            throw error
        }
    }

    deinit { close() }

    func close() {
        for statement in statements.values { statement.finish() }
        statements = [:]
        unsafe sqlite3_close_v2(handle)
        unsafe handle = nil
    }

    /// Runs text that answers nothing.
    func run(_ text: String) throws(DatabaseError) {
        let code = unsafe sqlite3_exec(handle, text, nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(code, text) }
    }

    /// The statement for this text, reset and ready for values. Kept for the next time.
    func statement(_ text: String) throws(DatabaseError) -> Statement {
        if let kept = statements[text] {
            kept.reset()
            return kept
        }
        var prepared: OpaquePointer?
        let code = unsafe sqlite3_prepare_v3(
            handle, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard code == SQLITE_OK, let prepared = unsafe prepared else { throw failure(code, text) }
        let statement = unsafe Statement(prepared, text: text)
        statements[text] = statement
        return statement
    }

    /// The first column of the first row.
    func integer(_ text: String) throws(DatabaseError) -> Int64? {
        let statement = try statement(text)
        defer { statement.reset() }
        return try statement.step() ? statement.integer(0) : nil
    }

    func text(_ text: String) throws(DatabaseError) -> String? {
        let statement = try statement(text)
        defer { statement.reset() }
        return try statement.step() ? statement.text(0) : nil
    }

    /// All or nothing. What `work` throws is thrown on after everything was undone.
    func transaction<Result>(_ work: () throws(DatabaseError) -> Result) throws(DatabaseError) -> Result {
        try run("BEGIN IMMEDIATE")
        do throws(DatabaseError) {
            let result = try work()
            try run("COMMIT")
            return result
        } catch {
            // SQLite has undone it by itself after some errors; then there is nothing to roll back.
            for statement in statements.values { statement.reset() }
            _ = unsafe sqlite3_exec(handle, "ROLLBACK", nil, nil, nil)
            throw error
        }
    }

    private func failure(_ code: Int32, _ action: String) -> DatabaseError {
        let text = unsafe sqlite3_errmsg(handle).map { unsafe String(cString: $0) } ?? "no reason given"
        return DatabaseError(code: code, action: action, text: text)
    }
}

/// A prepared statement. Values are numbered from 1, columns from 0.
@safe
final class Statement {
    private var handle: OpaquePointer?
    private let source: String
    // SQLITE_TRANSIENT: SQLite copies the bytes before the call returns.
    private static let copies = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    @unsafe
    init(_ handle: OpaquePointer, text: String) {
        unsafe self.handle = unsafe handle
        source = text
    }

    func finish() {
        unsafe sqlite3_finalize(handle)
        unsafe handle = nil
    }

    func reset() {
        unsafe sqlite3_reset(handle)
        unsafe sqlite3_clear_bindings(handle)
    }

    func bind(_ number: Int32, _ value: Int64) { unsafe sqlite3_bind_int64(handle, number, value) }

    func bind(_ number: Int32, _ value: Int64?) {
        if let value { bind(number, value) }
    }

    func bind(_ number: Int32, _ value: String) {
        unsafe sqlite3_bind_text(handle, number, value, -1, Self.copies)
    }

    func bind(_ number: Int32, _ value: [UInt8]) {
        if value.isEmpty {
            unsafe sqlite3_bind_zeroblob(handle, number, 0)
        } else {
            unsafe value.withUnsafeBytes { bytes in
                _ = unsafe sqlite3_bind_blob(
                    handle, number, bytes.baseAddress, Int32(bytes.count), Self.copies)
            }
        }
    }

    /// `true` when there is a row.
    func step() throws(DatabaseError) -> Bool {
        let code = unsafe sqlite3_step(handle)
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default:
            let text = unsafe sqlite3_errmsg(sqlite3_db_handle(handle)).map { unsafe String(cString: $0) }
            throw DatabaseError(code: code, action: source, text: text ?? "no reason given")
        }
    }

    /// Runs it to its end and resets it.
    func finishRun() throws(DatabaseError) {
        defer { reset() }
        while try step() {}
    }

    func integer(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(handle, column) }

    func integerIfPresent(_ column: Int32) -> Int64? {
        unsafe sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : integer(column)
    }

    func text(_ column: Int32) -> String {
        unsafe sqlite3_column_text(handle, column).map { unsafe String(cString: $0) } ?? ""
    }

    func bytes(_ column: Int32) -> [UInt8] {
        let count = Int(unsafe sqlite3_column_bytes(handle, column))
        guard count > 0, let start = unsafe sqlite3_column_blob(handle, column) else { return [] }
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
    }
}
