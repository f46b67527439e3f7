/// A moment on the box's monotonic clock (`CLOCK_BOOTTIME`): it counts suspended time and never steps.
///
/// Intervals and order are taken from here, never from the wall clock.
public struct Instant: Hashable, Comparable, Sendable {
    /// Nanoseconds since the box started.
    public var nanoseconds: Int64

    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The start of the box.
    public static let boot = Instant(nanoseconds: 0)
    /// A deadline that does not come.
    public static let never = Instant(nanoseconds: .max)

    public static func < (one: Instant, other: Instant) -> Bool { one.nanoseconds < other.nanoseconds }

    /// Never before ``boot``, never after ``never``: it saturates and does not trap.
    public static func + (instant: Instant, duration: Duration) -> Instant {
        let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(duration.wholeNanoseconds)
        guard !overflow else { return duration < .zero ? .boot : .never }
        return Instant(nanoseconds: sum)
    }

    public static func - (instant: Instant, duration: Duration) -> Instant { instant + (.zero - duration) }

    public static func - (end: Instant, start: Instant) -> Duration {
        let (difference, overflow) = end.nanoseconds.subtractingReportingOverflow(start.nanoseconds)
        return .nanoseconds(overflow ? .max : difference)
    }
}

extension Duration {
    /// Whole nanoseconds, saturating at the limits of `Int64` (about 292 years).
    public var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min + 1 : .max }
        let (sum, carries) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        return carries ? (seconds < 0 ? .min + 1 : .max) : sum
    }

    /// Whole milliseconds, rounded towards zero.
    public var wholeMilliseconds: Int64 { wholeNanoseconds / 1_000_000 }
}
