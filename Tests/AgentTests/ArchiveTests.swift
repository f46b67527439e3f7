import Agent
import Delivery
import Loop
import Simulation
import Synchronization
import Testing
import Vitals

@Suite struct `The archive of sessions` {
    static let clock = WallClock(
        utcNanoseconds: 1_768_480_496_000_000_000, monotonic: .boot, trust: .synchronized,
        uncertaintyMilliseconds: 1)

    @Test func `keeps each session as a file that outlives a restart, and counts on`() throws {
        let folder = MemoryFolder()
        let isDone = EventLoop.simulate { loop in
            let archive = SessionArchive(in: folder, on: loop)
            let courier = ArchivingCourier(
                RecordingCourier(on: loop), archive: archive, clock: { Self.clock }, log: { _, _ in })
            await courier.accept([draft(.reading, "a"), draft(.session, "b")], keeping: [])
            let next = SessionArchive(in: folder, on: loop)
            try? await next.keep(Array("\"kind\":\"c\"".utf8), utcNanoseconds: 0)
            return true
        }
        #expect(isDone == true)
        #expect(folder.text("session-1.json") == "{\"kind\":\"b\"}\n")
        #expect(folder.text("session-2.json") == "{\"kind\":\"c\"}\n")
        let ledger = SessionLedger(parsing: try #require(folder.text(SessionArchive.listName)))
        #expect(ledger.entries.map(\.number) == [1, 2])
        #expect(ledger.entries.map(\.bytes) == [13, 13])
        #expect(ledger.entries.map(\.stored) == ["2026-01-15T12:34:56.000Z", "1970-01-01T00:00:00.000Z"])
    }

    @Test func `delivers a session that finds no room in it, and says so`() throws {
        let folder = MemoryFolder()
        folder.setFull(true)
        let said = Mutex<[String]>([])
        let accepted = EventLoop.simulate { loop in
            let inner = RecordingCourier(on: loop)
            let courier = ArchivingCourier(
                inner, archive: SessionArchive(in: folder, on: loop), clock: { Self.clock },
                log: { _, text in said.withLock { $0.append(text) } })
            await courier.accept([draft(.session, "b")], keeping: [])
            return inner.entries.count
        }
        #expect(accepted == 1)
        #expect(said.withLock { $0 }.count == 1)
        #expect(folder.names == [])
    }

    @Test func `removes the oldest when there are too many`() throws {
        let folder = MemoryFolder()
        let old = (1 ... SessionArchive.filesMax).map { "\($0) 100 t\n" }.joined()
        folder[SessionArchive.listName] = Array(old.utf8)
        folder["session-1.json"] = [0]
        folder["session-2.json"] = [0]
        _ = EventLoop.simulate { loop in
            try? await SessionArchive(in: folder, on: loop).keep(Array("\"kind\":\"c\"".utf8), utcNanoseconds: 0)
            return true
        }
        #expect(folder.names == ["session-\(SessionArchive.filesMax + 1).json", "session-2.json", "sessions.list"])
    }

    private func draft(_ lane: Lane, _ kind: String) -> Draft {
        Draft(lane: lane, topic: "t", schema: "session", body: Array("\"kind\":\"\(kind)\"".utf8))
    }

    @Test func `passes over lines that are damaged`() {
        let ledger = SessionLedger(
            parsing:
                "1 10 t\nx 10 t\n2 -5 t\n3 99999999999999999999 t\n3 10\n5 10 t\n4 10 t\n9223372036854775807 1 t\n")
        #expect(ledger.entries.map(\.number) == [1, 5])
    }
}
