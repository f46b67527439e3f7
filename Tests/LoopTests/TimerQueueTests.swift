import Simulation
import Testing
import Vitals

@testable import Loop

@Suite("The queue of timers")
struct TimerQueueTests {
    @Test("gives timers in the order of time, equal ones in the order of their coming", arguments: 0 ..< 20)
    func order(seed: UInt64) {
        var random = Seed(seed)
        var queue = TimerQueue()
        var fired: [Int] = []
        let deadlines = (0 ..< 50).map { _ in Int64.random(in: 0 ..< 10, using: &random) }
        for (index, deadline) in deadlines.enumerated() {
            _ = queue.insert(at: Instant(nanoseconds: deadline)) { fired.append(index) }
        }
        while let fire = queue.popFirst(dueBy: Instant(nanoseconds: 9)) { fire() }
        let expected = deadlines.indices.sorted { (deadlines[$0], $0) < (deadlines[$1], $1) }
        #expect(fired == expected)
        #expect(queue.count == 0)
    }

    @Test("keeps what is not due, and knows when it will be")
    func notDue() {
        var queue = TimerQueue()
        #expect(queue.nextDeadline == .never)
        _ = queue.insert(at: Instant(nanoseconds: 5)) {}
        #expect(queue.popFirst(dueBy: Instant(nanoseconds: 4)) == nil)
        #expect(queue.nextDeadline == Instant(nanoseconds: 5))
        #expect(queue.popFirst(dueBy: Instant(nanoseconds: 5)) != nil)
    }

    @Test("forgets a timer that was removed, also twice")
    func remove() {
        var queue = TimerQueue()
        let ticket = queue.insert(at: .boot) { Issue.record("removed") }
        queue.remove(ticket)
        queue.remove(ticket)
        #expect(queue.popFirst(dueBy: .never) == nil)
    }
}
