import Loop
import Simulation
import Vitals

@testable import Delivery

/// A store, a session and a simulated broker on one loop in simulated time.
struct Home: Sendable {
    let loop: EventLoop
    let record: BrokerRecord
    let store: Store
    let session: BrokerSession

    static let root = "homeward/1/gw/"

    init(
        _ loop: EventLoop, mood: BrokerMood = BrokerMood(), seed: UInt64 = 1,
        settings: SessionSettings = SessionSettings(root: root), path: String = ":memory:"
    ) async throws {
        self.loop = loop
        record = BrokerRecord(mood)
        store = try await Store.open(
            settings: StoreSettings(path: path, boot: "test"), loop: loop, random: Dice(seed: seed))
        session = BrokerSession(
            settings: settings, store: store, link: ForgetfulBroker(record: record, seed: seed, loop: loop),
            loop: loop, random: Dice(seed: seed &+ 1))
    }

    /// Runs the session as the daemon does.
    func begin() {
        Task(executorPreference: loop) { [session] in await session.run() }
    }

    func wait(_ duration: Duration) async { await Clerk(loop: loop).wait(duration) }

    /// `true` when everything was delivered before that time was over.
    func isDelivered(within longest: Duration) async -> Bool {
        let end = loop.now + longest
        while loop.now < end {
            if store.report.lanes.values.allSatisfy({ $0.depth == 0 }) { return true }
            await wait(.milliseconds(500))
        }
        return false
    }

    static func draft(_ lane: Lane, _ number: Int, topic: String? = nil) -> Draft {
        Draft(
            lane: lane, topic: topic ?? "test/\(lane.name)", schema: lane.name,
            body: JSONText.members { $0.member("number", number) })
    }

    func accept(_ lane: Lane, _ numbers: ClosedRange<Int>, topic: String? = nil) async {
        await store.accept(numbers.map { Self.draft(lane, $0, topic: topic) }, keeping: [])
    }

    /// What a text says between two marks.
    static func member(_ name: String, of payload: [UInt8]) -> String? {
        let text = String(decoding: payload, as: UTF8.self)
        guard let range = text.firstRange(of: "\"\(name)\":") else { return nil }
        return String(text[range.upperBound...].prefix { $0 != "," && $0 != "}" }.filter { $0 != "\"" })
    }
}

/// Waits on a loop for those who live on none.
private actor Clerk: LoopActor {
    nonisolated let loop: EventLoop
    init(loop: EventLoop) { self.loop = loop }
    func wait(_ duration: Duration) async { await loop.sleep(until: loop.now + duration) }
}
