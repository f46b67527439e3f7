import Timekeeping
import Vitals

/// The wall clock, asked at most once a second: between two looks UTC follows the monotonic clock.
final class Clockwork {
    private let read: @Sendable () -> WallClock
    private let timekeeper: Timekeeper
    private var last: WallClock
    private var lastLocal: CivilTime?

    static let interval: Duration = .seconds(1)

    init(_ read: @escaping @Sendable () -> WallClock, timekeeper: Timekeeper) {
        self.read = read
        self.timekeeper = timekeeper
        last = read()
        lastLocal = timekeeper.localTime(last)
    }

    func wall(at now: Instant) -> WallClock {
        if now - last.monotonic >= Self.interval || now < last.monotonic {
            last = read()
            lastLocal = timekeeper.localTime(last)
        }
        return last
    }

    func localTime(at now: Instant) -> CivilTime? {
        let wall = wall(at: now)
        let fraction = wall.utcNanoseconds % 1_000_000_000
        return lastLocal?.adding(seconds: (fraction + (now - wall.monotonic).wholeNanoseconds) / 1_000_000_000)
    }
}
