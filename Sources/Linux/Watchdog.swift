public import Loop
import Synchronization

/// Feeds the manager's watchdog, but only while every worker gets on with its work or has none.
public final class Watchdog {
    /// Something that must not get stuck.
    public struct Worker: Sendable {
        public let name: String
        /// A count that grows with work done, never with time alone.
        let progress: @Sendable () -> UInt64
        /// It rightly waits: nothing is there to be done.
        let isIdle: @Sendable () -> Bool

        public init(
            _ name: String, progress: @escaping @Sendable () -> UInt64,
            isIdle: @escaping @Sendable () -> Bool = { false }
        ) {
            self.name = name
            self.progress = progress
            self.isIdle = isIdle
        }

        /// A loop, which is asked to answer between two looks: a loop that waits for its devices answers, one
        /// that is stuck in a call does not.
        public init(_ loop: EventLoop) {
            let pulse = Pulse(of: loop)
            self.init(loop.name, progress: { pulse.answers() })
        }
    }

    private let workers: [Worker]
    private var seen: [UInt64?]
    private let feed: () -> Void

    public init(_ workers: [Worker], feed: @escaping () -> Void = { ServiceNotification.feedWatchdog() }) {
        self.workers = workers
        self.feed = feed
        seen = workers.map { _ in nil }
    }

    /// Looks at every worker and feeds if none is stuck. Returns the names of those that are.
    ///
    /// Call it three times within ``ServiceNotification/watchdogInterval``.
    public func check() -> [String] {
        var stuck: [String] = []
        for (index, worker) in workers.enumerated() {
            let progress = worker.progress()
            if seen[index] == progress, !worker.isIdle() { stuck.append(worker.name) }
            seen[index] = progress
        }
        if stuck.isEmpty { feed() }
        return stuck
    }
}

/// Counts how often a loop has answered.
private final class Pulse: Sendable {
    private let loop: EventLoop
    private let asked = Atomic<UInt64>(0)
    private let answered = Atomic<UInt64>(0)

    init(of loop: EventLoop) { self.loop = loop }

    /// Answers so far. Asks again, unless a question is still open.
    func answers() -> UInt64 {
        let answers = answered.load(ordering: .acquiring)
        guard asked.load(ordering: .relaxed) == answers else { return answers }
        asked.add(1, ordering: .relaxed)
        Task(executorPreference: loop) { [self] in _ = answered.add(1, ordering: .acquiringAndReleasing) }
        return answers
    }
}
