import Simulation
import Testing
import Vitals

@testable import Delivery

@Suite("The outbox on disk")
struct OutboxTests {
    private let now = Instant(nanoseconds: 1_000_000_000)

    private func open(_ path: String, bytesMax: Int64 = 512 << 20, boot: String = "a", seed: UInt64 = 1) throws
        -> Outbox
    {
        try Outbox(
            settings: Outbox.Settings(path: path, bytesMax: bytesMax, boot: boot), random: Dice(seed: seed))
    }

    private func draft(_ lane: Lane, _ number: Int, bytes: Int = 8) -> Draft {
        let filler = String(repeating: "x", count: bytes)
        let body = JSONText.members { text in
            text.member("number", number)
            text.member("filler", filler)
        }
        return Draft(lane: lane, topic: "test/\(lane.name)", schema: lane.name, body: body)
    }

    private func commit(_ outbox: Outbox, _ drafts: [Draft], keeping keepsakes: [Keepsake] = []) throws {
        try outbox.commit(
            [Outbox.Batch(drafts: drafts, keepsakes: keepsakes)], isConnected: false, now: now)
    }

    private func all(_ outbox: Outbox, _ lane: Lane) throws -> [StoredMessage] {
        var found: [StoredMessage] = []
        var last = MessageKey(lane, 0, generation: outbox.generation)
        while true {
            let page = try outbox.page(after: last, limit: 16) { _, _ in true }
            found += page.messages
            last = page.last
            if page.isEnd { return found }
        }
    }

    private func texts(_ messages: [StoredMessage]) -> [String] {
        messages.map { String(decoding: $0.payload, as: UTF8.self) }
    }

    @Test("A payload says its schema, its name and its number, and is valid for ever")
    func payload() throws {
        let outbox = try open(":memory:")
        try commit(outbox, [Draft(lane: .reading, topic: "t", schema: "reading", body: Array(#""value":72"#.utf8))])
        let epoch = outbox.epoch
        #expect(epoch.utf8.count == 16)
        #expect(
            texts(try all(outbox, .reading)) == [
                #"{"schema":"homeward/1/reading","id":"\#(epoch)-reading-1","epoch":"\#(epoch)","#
                    + #""lane":"reading","seq":1,"delivery":"backfill","value":72}"#
            ])
    }

    @Test("Numbers go on without a hole after everything was delivered and the file opened again")
    func numbers() throws {
        let folder = try TemporaryFolder()
        var outbox = try open(folder.file("outbox.sqlite3"))
        let epoch = outbox.epoch
        try commit(outbox, (1 ... 5).map { draft(.reading, $0) }, keeping: [Keepsake("alarm/x", [1, 2])])
        try outbox.delete((1 ... 5).map { MessageKey(.reading, $0) })
        #expect(outbox.books[Lane.reading.rawValue].delivered == 5)
        outbox.close()
        outbox = try open(folder.file("outbox.sqlite3"), seed: 2)
        #expect(outbox.epoch == epoch)
        try commit(outbox, [draft(.reading, 6), draft(.alert, 1)])
        #expect(try all(outbox, .reading).map(\.key.seq) == [6])
        #expect(try all(outbox, .alert).map(\.key.seq) == [1])
        #expect(try outbox.keepsakes(withPrefix: "alarm/") == [Keepsake("alarm/x", [1, 2])])
        #expect(
            outbox.bytes == Int64(try all(outbox, .reading)[0].payload.count + all(outbox, .alert)[0].payload.count)
        )
    }

    @Test("A time from before this start of the box is not compared with one of it")
    func boots() throws {
        let folder = try TemporaryFolder()
        var outbox = try open(folder.file("outbox.sqlite3"), boot: "a")
        try commit(outbox, [draft(.reading, 1)])
        #expect(try outbox.oldest(.reading) == now)
        outbox.close()
        outbox = try open(folder.file("outbox.sqlite3"), boot: "b")
        try commit(outbox, [draft(.reading, 2)])
        #expect(try all(outbox, .reading).map(\.committedAt) == [nil, now])
        #expect(try outbox.oldest(.reading) == .boot)
    }

    @Test("Keepsakes are sorted, forgotten and chosen by prefix")
    func keepsakes() throws {
        let outbox = try open(":memory:")
        try commit(outbox, [], keeping: [Keepsake("b/2", [2]), Keepsake("b/1", [1]), Keepsake("c", [])])
        #expect(try outbox.keepsakes(withPrefix: "b/").map(\.key) == ["b/1", "b/2"])
        try commit(outbox, [], keeping: [Keepsake("b/1", nil)])
        #expect(try outbox.keepsakes(withPrefix: "").map(\.key) == ["b/2", "c"])
    }

    @Test("A page never holds more than asked for, whatever the backlog")
    func pages() throws {
        let outbox = try open(":memory:")
        try commit(outbox, (1 ... 100).map { draft(.waveform, $0) })
        let page = try outbox.page(after: MessageKey(.waveform, 20), limit: 16) { key, _ in key.seq % 2 == 0 }
        #expect(page.messages.map(\.key.seq) == Array(stride(from: 22, through: 52, by: 2)))
        #expect(!page.isEnd)
        #expect(try all(outbox, .waveform).count == 100)
        #expect(try all(outbox, .reading).isEmpty)
    }

    @Test("A clearing message is zero bytes")
    func clearing() throws {
        let outbox = try open(":memory:")
        try commit(outbox, [Draft(lane: .alert, topic: "t", isRetained: true, schema: "alarm", body: [])])
        let message = try #require(try all(outbox, .alert).first)
        #expect(message.payload.isEmpty && message.isRetained)
    }

    @Test("Beyond its bound it evicts waveforms first, then readings, never alerts, and says so")
    func eviction() throws {
        let outbox = try open(":memory:", bytesMax: 20_000)
        try commit(outbox, (1 ... 10).map { draft(.alert, $0, bytes: 400) })
        try commit(outbox, (1 ... 10).map { draft(.reading, $0, bytes: 400) })
        for number in 1 ... 20 { try commit(outbox, [draft(.waveform, number, bytes: 900)]) }
        #expect(outbox.bytes <= 20_000)
        #expect(try all(outbox, .reading).count == 10)
        let gaps = texts(try all(outbox, .alert)).filter { $0.contains("homeward/1/gap") }
        #expect(gaps.first?.contains(#""reason":"evicted","lostLane":"waveform""#) == true)
        #expect(gaps.first?.contains(#""fromSeq":1,"#) == true)
        for number in 11 ... 60 { try commit(outbox, [draft(.reading, number, bytes: 400)]) }
        #expect(try all(outbox, .waveform).isEmpty)
        let alerts = texts(try all(outbox, .alert))
        #expect(alerts.count { $0.contains("homeward/1/alert") } == 10)
        #expect(alerts.contains { $0.contains(#""lostLane":"reading""#) })
        for lane in [Lane.waveform, .reading] {
            let book = outbox.books[lane.rawValue]
            #expect(book.delivered == 0)
            #expect(book.rows + book.evicted == book.committed)
        }
    }

    @Test("A message that no broker would take is told as a gap")
    func tooLarge() throws {
        let outbox = try open(":memory:")
        try commit(outbox, [draft(.reading, 1, bytes: 300_000), draft(.reading, 2)])
        #expect(try all(outbox, .reading).map(\.key.seq) == [2])
        #expect(texts(try all(outbox, .alert))[0].contains(#""reason":"too-large","lostLane":"reading""#))
    }

    // MARK: Damage

    enum Damage: String, CaseIterable { case truncated, garbage, empty, foreign, logWithoutDatabase }

    @Test("A damaged file is set aside, never deleted, and the loss is told", arguments: Damage.allCases)
    func damage(_ damage: Damage) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("outbox.sqlite3")
        var outbox = try open(path)
        let epoch = outbox.epoch
        try commit(outbox, (1 ... 200).map { draft(.reading, $0, bytes: 500) })
        outbox.close()
        switch damage {
        case .truncated: try folder.truncate("outbox.sqlite3", to: 6000)
        case .garbage: try folder.write("outbox.sqlite3", (0 ..< 9000).map { UInt8($0 % 251) })
        case .empty: try folder.truncate("outbox.sqlite3", to: 0)
        case .foreign:
            let database = try Database(path: path)
            try database.run("PRAGMA application_id=7")
            database.close()
        case .logWithoutDatabase:
            try folder.write("outbox.sqlite3-wal", [1, 2, 3])
            #expect(Files.remove(path))
        }
        outbox = try open(path, seed: 2)
        #expect(outbox.epoch != epoch)
        #expect(outbox.books.allSatisfy { $0.rows == 0 })
        try commit(outbox, [draft(.reading, 1)])
        let gap = texts(try all(outbox, .alert))[0]
        #expect(gap.contains(#""reason":"store-damaged""#))
        #expect(gap.contains(#""file":"outbox.sqlite3.damaged-1""#))
        #expect(folder.names.contains { $0.hasPrefix("outbox.sqlite3.damaged-1") })
    }

    @Test("Damage met while running begins a new store, and its rows cannot be mistaken for the old ones")
    func damageLater() throws {
        let folder = try TemporaryFolder()
        let outbox = try open(folder.file("outbox.sqlite3"))
        try commit(outbox, [draft(.reading, 1)])
        let old = try all(outbox, .reading)[0].key
        try outbox.replaceDamaged()
        try commit(outbox, [draft(.reading, 9)])
        try outbox.delete([old])
        #expect(try all(outbox, .reading).count == 1)
        #expect(folder.names.contains("outbox.sqlite3.damaged-1"))
    }

    @Test("A newer file is refused and left alone")
    func newer() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("outbox.sqlite3")
        try open(path).close()
        let database = try Database(path: path)
        try database.run("PRAGMA user_version=99")
        database.close()
        #expect(throws: OutboxError.newerVersion(path: path, found: 99, known: 1)) { try open(path) }
        #expect(!folder.names.contains { $0.contains("damaged") })
    }

    @Test("A second owner is refused while the first lives")
    func twoOwners() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("outbox.sqlite3")
        let first = try open(path)
        try commit(first, [draft(.reading, 1)])
        #expect(throws: OutboxError.heldByAnother(path: path)) { try open(path) }
        #expect(try all(first, .reading).count == 1)
    }

    @Test("A folder that is not there is said")
    func noFolder() {
        #expect(throws: OutboxError.self) { try open("/nonexistent/outbox.sqlite3") }
    }

    @Test("A commit whose sync failed is recognised when it is on disk after all")
    func reopening() throws {
        let folder = try TemporaryFolder()
        let outbox = try open(folder.file("outbox.sqlite3"))
        try commit(outbox, [draft(.reading, 1)])
        #expect(try outbox.reopen() == false)
        try commit(outbox, [draft(.reading, 2)])
        #expect(try all(outbox, .reading).map(\.key.seq) == [1, 2])
    }

    @Test("On a full disk deleting and evicting make room")
    func full() throws {
        let folder = try TemporaryFolder()
        let outbox = try open(folder.file("outbox.sqlite3"))
        try commit(outbox, (1 ... 20).map { draft(.waveform, $0, bytes: 3000) })
        try outbox.limitPages()
        #expect {
            try commit(outbox, (1 ... 20).map { draft(.alert, $0, bytes: 3000) })
        } throws: { ($0 as? DatabaseError)?.kind == .full }
        #expect(try all(outbox, .alert).isEmpty)
        try outbox.delete((1 ... 5).map { MessageKey(.waveform, $0) })
        try outbox.evict(bytes: 1 << 20, reason: .diskFull, now: now)
        try commit(outbox, (1 ... 5).map { draft(.alert, $0, bytes: 3000) })
        #expect(texts(try all(outbox, .alert))[0].contains(#""reason":"disk-full","lostLane":"waveform""#))
    }
}
