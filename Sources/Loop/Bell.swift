public import Vitals

/// A bell between tasks of one loop: one rings, all who wait hear it. A ring that nobody waits for is kept, once.
public final class Bell {
    private let loop: EventLoop
    private var waiting: [(number: UInt64, resume: () -> Void)] = []
    private var numbers: UInt64 = 0
    private var hasRung = false

    public init(on loop: EventLoop) { self.loop = loop }

    /// Wakes everyone who waits now; those who wait later need another ring.
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
        numbers += 1
        let number = numbers
        let outcome = await loop.wait(before: deadline) { resume in
            // Only here: a task that belongs to no actor may have let the loop turn on its way.
            if hasRung {
                hasRung = false
                resume()
            } else {
                waiting.append((number, resume))
            }
        }
        guard outcome == .deadline else { return .ready }
        // The deadline came, and before this task had its turn the bell rang: that ring was for it.
        guard let index = waiting.firstIndex(where: { $0.number == number }) else { return .ready }
        waiting.remove(at: index)
        return .deadline
    }
}
