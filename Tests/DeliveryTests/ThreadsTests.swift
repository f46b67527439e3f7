import Delivery
import Glibc
import Linux
import Loop
import Testing

@Suite("Between threads")
struct ThreadsTests {
    /// Once a commit could be done before its caller had begun to wait for it, and the caller waited for ever.
    @Test("Whoever brings an alert is told of its commit, however quick the disk is")
    func everyAcceptReturns() async throws {
        let folder = try TemporaryFolder()
        let storeThread = try LoopThread(name: "store")
        let deviceThread = try LoopThread(name: "device")
        let store = try await Store.open(
            settings: StoreSettings(path: folder.file("outbox.sqlite3"), boot: "boot"), loop: storeThread.loop)
        for caller in 0 ..< 3 {
            Task(executorPreference: deviceThread.loop) {
                for number in 1 ... 200 {
                    let body = Array(#""caller":\#(caller),"number":\#(number)"#.utf8)
                    await store.accept(
                        [Draft(lane: .alert, topic: "gap", schema: "gap", body: body)], keeping: [])
                }
            }
        }
        for _ in 0 ..< 600 where (store.report.lanes[.alert]?.committed ?? 0) < 600 { usleep(50_000) }
        #expect(store.report.lanes[.alert]?.committed == 600)
        await store.close()
        storeThread.stop()
        deviceThread.stop()
        storeThread.join()
        deviceThread.join()
    }
}
