public import Vitals

/// A bell between tasks of one loop: one rings, another waits. A ring that nobody waits for is kept, once.
public final class Bell {
    private let loop: EventLoop
    private var waiting: [(number: UInt64, resume: () -> Void)] = []
    private var numbers: UInt64 = 0
    private var hasRung = false

    public init(on loop: EventLoop) { self.loop = loop }

    public func ring() {
        guard !waiting.isEmpty else {
            hasRung = true
            return
        }
        let woken = waiting
        waiting = []
        for waiter in woken { waiter.resume() }
    }

    /// Returns at the next ring, at once if one was kept, or at `deadline`.
    public func wait(before deadline: Instant = .never) async -> EventLoop.Outcome {
        if hasRung {
            hasRung = false
            return .ready
        }
        numbers += 1
        let number = numbers
        let outcome = await loop.wait(before: deadline) { resume in waiting.append((number, resume)) }
        if outcome == .deadline { waiting.removeAll { $0.number == number } }
        return outcome
    }
}
