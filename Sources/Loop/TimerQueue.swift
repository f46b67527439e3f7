import Vitals

/// What is due when, in the order of time; equal times in the order of their coming.
///
/// Linear insertion: a home has tens of timers.
struct TimerQueue {
    struct Ticket: Hashable { let number: UInt64 }

    private struct Timer {
        let deadline: Instant
        let ticket: Ticket
        let fire: () -> Void
    }

    // The next one last, so that taking it is cheap.
    private var timers: [Timer] = []
    private var tickets: UInt64 = 0

    var nextDeadline: Instant { timers.last?.deadline ?? .never }
    var count: Int { timers.count }

    mutating func insert(at deadline: Instant, _ fire: @escaping () -> Void) -> Ticket {
        tickets += 1
        let timer = Timer(deadline: deadline, ticket: Ticket(number: tickets), fire: fire)
        var index = timers.count
        while index > 0, timers[index - 1].deadline <= deadline { index -= 1 }
        timers.insert(timer, at: index)
        return timer.ticket
    }

    mutating func remove(_ ticket: Ticket) { timers.removeAll { $0.ticket == ticket } }

    /// The first one due by `now`, taken out.
    mutating func popFirst(dueBy now: Instant) -> (() -> Void)? {
        guard let timer = timers.last, timer.deadline <= now else { return nil }
        timers.removeLast()
        return timer.fire
    }
}
