public import Loop
import Vitals

/// The last sessions of this box as files, so that a person at the box can look at them when the outbox has let go
/// of them.
///
/// The oldest are removed when there are too many. Works on a loop that may block. What is kept stands in a list
/// beside the files, which is written before a file is: whatever a power cut leaves behind is known and counted.
public actor SessionArchive: LoopActor {
    public nonisolated let loop: EventLoop
    private let folder: any StateFolder
    private var ledger: SessionLedger?

    public static let listName = "sessions.list"
    /// A spirometry session with curves is some 60 KiB, a strip 30 KiB: about a year of a patient's sessions.
    public static let bytesMax = 64 << 20
    public static let filesMax = 1024

    /// - Parameter folder: of its own; a file has at most 1 MiB.
    public init(in folder: any StateFolder, on loop: EventLoop) {
        self.folder = folder
        self.loop = loop
    }

    /// Keeps the members of a session's message as a JSON object.
    public func keep(_ body: [UInt8], utcNanoseconds: Int64) async throws(StateError) {
        var ledger = try await loaded()
        let entry = SessionLedger.Entry(
            number: (ledger.entries.last?.number ?? 0) + 1, bytes: body.count + 3,
            stored: rfc3339(utcNanoseconds: utcNanoseconds))
        for name in ledger.makeRoom(for: entry) { try await folder.remove(name) }
        ledger.entries.append(entry)
        try await folder.write(Array(ledger.text.utf8), to: Self.listName)
        self.ledger = ledger
        try await folder.write([UInt8(ascii: "{")] + body + Array("}\n".utf8), to: entry.name)
    }

    private func loaded() async throws(StateError) -> SessionLedger {
        if let ledger { return ledger }
        let bytes = try await folder.read(Self.listName)
        return SessionLedger(parsing: String(decoding: bytes ?? [], as: UTF8.self))
    }
}

/// Which sessions there are, the oldest first.
public struct SessionLedger: Hashable, Sendable {
    /// One session's file.
    public struct Entry: Hashable, Sendable {
        /// From 1; goes on when older ones are removed.
        public var number: Int
        public var bytes: Int
        /// When it was stored, by the box's clock.
        public var stored: String

        public var name: String { Self.name(of: number) }

        public static func name(of number: Int) -> String { "session-\(number).json" }
    }

    public var entries: [Entry] = []

    /// Lines that are damaged are passed over: their files are no longer counted.
    public init(parsing text: String = "") {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 3, let number = Int(words[0]), let bytes = Int(words[1]), number > 0, bytes >= 0,
                max(number, bytes) < Self.numberMax, number > entries.last?.number ?? 0
            else { continue }
            entries.append(Entry(number: number, bytes: bytes, stored: String(words[2])))
        }
    }

    private static let numberMax = 1 << 40

    public var text: String { entries.map { "\($0.number) \($0.bytes) \($0.stored)\n" }.joined() }

    /// Takes the oldest out until there is room.
    ///
    /// - Returns: the names of their files.
    mutating func makeRoom(for entry: Entry) -> [String] {
        var bytes = entries.reduce(entry.bytes) { $0 + $1.bytes }
        var removed = 0
        while removed < entries.count,
            bytes > SessionArchive.bytesMax || entries.count - removed >= SessionArchive.filesMax
        {
            bytes -= entries[removed].bytes
            removed += 1
        }
        defer { entries.removeFirst(removed) }
        return entries.prefix(removed).map(\.name)
    }
}
