import Agent
import Delivery
import Loop
import Simulation
import Testing
import Vitals

@Suite struct `The archive of sessions` {
    static let clock = WallClock(
        utcNanoseconds: 1_768_480_496_000_000_000, monotonic: .boot, trust: .synchronized, uncertaintyMilliseconds: 1)

    @Test func `keeps each session as a file that outlives a restart, and counts on`() async throws {
        let folder = MemoryFolder()
        try await SimulatedTime.run { loop in
            let archive = SessionArchive(in: folder, on: loop)
            try await archive.keep(Array(#""kind":"spirometry""#.utf8), utcNanoseconds: 0)
            try await SessionArchive(in: folder, on: loop).keep(Array(#""kind":"other""#.utf8), utcNanoseconds: 0)
        }
        #expect(folder.text("session-1.json") == "{\"kind\":\"spirometry\"}\n")
        #expect(folder.text("session-2.json") == "{\"kind\":\"other\"}\n")
        let ledger = SessionLedger(parsing: try #require(folder.text(SessionArchive.listName)))
        #expect(ledger.entries.map(\.number) == [1, 2])
        #expect(ledger.entries.map(\.bytes) == [22, 17])
    }

    @Test func `passes over lines that are damaged`() {
        let ledger = SessionLedger(
            parsing: "1 10 t\nx 10 t\n2 -5 t\n3 99999999999999999999 t\n3 10\n5 10 t\n4 10 t\n9223372036854775807 1 t\n")
        #expect(ledger.entries.map(\.number) == [1, 5])
    }
}
