/// When something was so, told by two clocks.
public struct Stamp: Hashable, Sendable {
    /// What the device said, as it said it: local time without a zone.
    public var device: CivilTime?
    /// The start of the box during which it was received: intervals hold only within one.
    public var bootID: String
    /// When the bytes were received.
    public var received: Instant
    /// UTC of the event, nanoseconds since 1970. Provisional while ``clock`` is not `synchronized`.
    public var utcNanoseconds: Int64
    /// How far ``utcNanoseconds`` may be off, one-sided; `nil` when nobody knows.
    public var uncertaintyMilliseconds: Int64?
    public var clock: ClockTrust
    public var correction: ClockCorrection

    public init(
        device: CivilTime?, bootID: String, received: Instant, utcNanoseconds: Int64,
        uncertaintyMilliseconds: Int64?, clock: ClockTrust, correction: ClockCorrection
    ) {
        self.device = device
        self.bootID = bootID
        self.received = received
        self.utcNanoseconds = utcNanoseconds
        self.uncertaintyMilliseconds = uncertaintyMilliseconds
        self.clock = clock
        self.correction = correction
    }
}

/// How far the box's own wall clock may be believed.
public enum ClockTrust: String, Hashable, Sendable, CaseIterable {
    /// The kernel says that a time source disciplines it.
    case synchronized
    /// It shows a possible time, but no source vouches for it.
    case unsynchronized
    /// It shows a time before this program was built.
    case unset
}

/// How the UTC of a stamp came about.
public enum ClockCorrection: String, Hashable, Sendable, CaseIterable {
    /// The moment of reception.
    case reception
    /// The device's time, shifted by what is known of its clock.
    case deviceClock = "device-clock"
    /// The device's time taken as the box's local time: nobody checked the device's clock.
    case deviceClockUnchecked = "device-clock-unchecked"
}

/// What a wall clock shows, read together with the monotonic clock.
public struct WallClock: Hashable, Sendable {
    public var utcNanoseconds: Int64
    public var monotonic: Instant
    public var trust: ClockTrust
    /// The kernel's own estimate of its error; `nil` while not synchronized.
    public var uncertaintyMilliseconds: Int64?

    public init(
        utcNanoseconds: Int64, monotonic: Instant, trust: ClockTrust, uncertaintyMilliseconds: Int64?
    ) {
        self.utcNanoseconds = utcNanoseconds
        self.monotonic = monotonic
        self.trust = trust
        self.uncertaintyMilliseconds = uncertaintyMilliseconds
    }
}

/// UTC as RFC 3339 with milliseconds: `2026-01-02T03:04:05.678Z`. Outside the years 1–9999 it is clamped.
public func rfc3339(utcNanoseconds: Int64) -> String {
    let milliseconds = utcNanoseconds.dividedFloor(by: 1_000_000)
    let seconds = milliseconds.dividedFloor(by: 1000)
    let fraction = padded(Int(milliseconds - seconds * 1000), 3)
    return "\(CivilTime(secondsSince1970: seconds)?.description ?? "9999-12-31T23:59:59").\(fraction)Z"
}
