import Delivery
import Linux
import Loop
import Testing

@Suite("Between threads")
struct ThreadsTests {
    /// Once a commit could be done before its caller had begun to wait for it, and the caller waited for ever.
    @Test("Whoever brings an alert is told of its commit, however quick the disk is", .timeLimit(.minutes(1)))
    func everyAcceptReturns() async throws {
        let folder = try TemporaryFolder()
        let storeThread = try LoopThread(name: "store")
        let deviceThread = try LoopThread(name: "device")
        let store = try await Store.open(
            settings: StoreSettings(path: folder.file("outbox.sqlite3"), boot: "boot"), loop: storeThread.loop)
        let callers = (0 ..< 3).map { caller in
            Task(executorPreference: deviceThread.loop) {
                for number in 1 ... 200 {
                    let body = Array(#""caller":\#(caller),"number":\#(number)"#.utf8)
                    await store.accept(
                        [Draft(lane: .alert, topic: "gap", schema: "gap", body: body)], keeping: [])
                }
            }
        }
        for caller in callers { await caller.value }
        #expect(store.report.lanes[.alert]?.committed == 600)
        await store.close()
        storeThread.stop()
        deviceThread.stop()
        storeThread.join()
        deviceThread.join()
    }
}
