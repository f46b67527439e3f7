import Loop
import Simulation
import Testing
import Vitals

@testable import Delivery

@Suite("The store")
struct StoreTests {
    private func simulate<Result: Sendable>(
        _ work: @escaping @Sendable (EventLoop) async throws -> Result
    ) throws -> Result {
        let outcome: Swift.Result<Result, any Error>? = EventLoop.simulate(until: .boot + .seconds(100_000)) {
            loop in
            do { return .success(try await work(loop)) } catch { return .failure(error) }
        }
        return try #require(outcome).get()
    }

    @Test("A reading waits a little for company, an alert does not")
    func interval() throws {
        try simulate { loop in
            let home = try await Home(loop)
            var before = loop.now
            await home.accept(.reading, 1 ... 1)
            #expect(loop.now - before == .milliseconds(2))
            before = loop.now
            await home.accept(.alert, 1 ... 1)
            #expect(loop.now == before)
        }
    }

    @Test("Whoever waits is taken along by an alert")
    func company() throws {
        try simulate { loop in
            let home = try await Home(loop)
            let before = loop.now
            async let one: Void = home.accept(.reading, 1 ... 3)
            async let other: Void = home.accept(.waveform, 1 ... 2)
            async let alert: Void = home.accept(.alert, 1 ... 1)
            _ = await (one, other, alert)
            #expect(loop.now - before <= .milliseconds(2))
            #expect(
                home.store.report.lanes.mapValues(\.depth) == [.alert: 1, .session: 0, .reading: 3, .waveform: 2])
        }
    }

    @Test("What was accepted is there after a new start, with its numbers and keepsakes")
    func restart() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("outbox.sqlite3")
        let epoch = try simulate { loop in
            let home = try await Home(loop, path: path)
            await home.store.accept([Home.draft(.alert, 1)], keeping: [Keepsake("alarm/a", [7])])
            await home.store.close()
            return home.store.report.epoch
        }
        try simulate { loop in
            let home = try await Home(loop, seed: 2, path: path)
            #expect(home.store.report.epoch == epoch)
            #expect(await home.store.keepsakes(withPrefix: "alarm/") == [Keepsake("alarm/a", [7])])
            home.begin()
            #expect(await home.isDelivered(within: .seconds(10)))
            await home.accept(.alert, 2 ... 2)
            #expect(await home.isDelivered(within: .seconds(10)))
            let seqs = home.record.taken.compactMap { Home.member("seq", of: $0.payload) }
            #expect(seqs.suffix(2) == ["1", "2"])
            await home.store.close()
        }
    }

    @Test("On a full disk alerts are still accepted, and what had to go is told")
    func fullDisk() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("outbox.sqlite3")
        try simulate { loop in
            let home = try await Home(loop, path: path)
            #expect(folder.names.contains("outbox.sqlite3.ballast"))
            for turn in 0 ..< 20 { await home.accept(.waveform, turn * 500 + 1 ... turn * 500 + 500) }
            try await home.store.fillDisk()
            await home.accept(.alert, 1 ... 2000)
            let report = home.store.report
            #expect(report.lanes[.alert]?.depth ?? 0 > 2000)
            #expect(report.lanes[.waveform]?.evicted ?? 0 > 0)
            #expect(report.faults > 0)
            #expect(report.failingSince == nil)
            #expect(!folder.names.contains("outbox.sqlite3.ballast"))
            await home.wait(.seconds(61))
            await home.accept(.alert, 2001 ... 2001)
            #expect(folder.names.contains("outbox.sqlite3.ballast"))
            await home.store.close()
        }
    }

    @Test("A store that is found damaged while running goes on as a new one, and says so")
    func damage() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("outbox.sqlite3")
        try simulate { loop in
            let home = try await Home(loop, path: path)
            await home.accept(.reading, 1 ... 3)
            let epoch = home.store.report.epoch
            await home.store.meetDamage()
            await home.accept(.reading, 4 ... 4)
            #expect(home.store.report.epoch != epoch)
            #expect(home.store.report.setAside == 1)
            home.begin()
            #expect(await home.isDelivered(within: .seconds(10)))
            let gap = home.record.taken.first { $0.topic == Home.root + "gap" }
            #expect(gap.flatMap { Home.member("lostEpoch", of: $0.payload) } == epoch)
            #expect(gap.flatMap { Home.member("file", of: $0.payload) } == "outbox.sqlite3.damaged-1")
            await home.store.close()
        }
    }

    @Test("After the disk failed the store goes on with a fresh connection and the same numbers")
    func diskFault() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("outbox.sqlite3")
        try simulate { loop in
            let home = try await Home(loop, path: path)
            await home.accept(.reading, 1 ... 3)
            await home.store.meetDiskFault()
            #expect(home.store.report.faults == 1)
            await home.accept(.reading, 4 ... 6)
            #expect(home.store.report.failingSince == nil)
            home.begin()
            #expect(await home.isDelivered(within: .seconds(10)))
            let seqs = home.record.taken.dropFirst().compactMap { Home.member("seq", of: $0.payload) }
            #expect(seqs == (1 ... 6).map(String.init))
            await home.store.close()
        }
    }

    @Test("A file that was taken away is told as lost")
    func takenAway() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("outbox.sqlite3")
        try simulate { loop in
            let home = try await Home(loop, path: path)
            await home.accept(.reading, 1 ... 3)
            let epoch = home.store.report.epoch
            for companion in Files.companions { Files.remove(path + companion) }
            await home.store.meetDiskFault()
            await home.accept(.reading, 4 ... 6)
            home.begin()
            #expect(await home.isDelivered(within: .seconds(10)))
            let gap = home.record.taken.first { $0.topic == Home.root + "gap" }
            #expect(gap.flatMap { Home.member("lostEpoch", of: $0.payload) } == epoch)
            #expect(home.store.report.epoch != epoch)
            await home.store.close()
        }
    }

    @Test("States beyond their bound push out the one changed longest ago")
    func states() {
        var board = StateBoard(epoch: "e")
        for number in 0 ... StateBoard.topicsMax { board.set("t/\(number)", schema: "device", body: [0x20]) }
        #expect(board.count == StateBoard.topicsMax)
        #expect(board.dropped == 1)
        #expect(board.take(1).map(\.topic) == ["t/1"])
    }

    @Test("Latencies are told within a quarter, and the longest exactly")
    func latencies() {
        var histogram = LatencyHistogram()
        for milliseconds in 1 ... 100 { histogram.record(.milliseconds(milliseconds)) }
        #expect(histogram.longest == .milliseconds(100))
        #expect(histogram.quantile(0.5) >= .milliseconds(50) && histogram.quantile(0.5) < .milliseconds(63))
        #expect(histogram.quantile(0.99) >= .milliseconds(99))
    }
}

extension Store {
    func fillDisk() throws { try outbox.limitPages() }

    func meetDiskFault() { mend(DatabaseError(kind: .disk, code: 1034, action: "test", text: "sync failed")) }

    func meetDamage() {
        mend(DatabaseError(kind: .damaged, code: 11, action: "test", text: "malformed"))
    }
}
