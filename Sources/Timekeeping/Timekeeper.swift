public import Vitals

/// Gives every event its stamp: the device's clock, the box's monotonic clock and UTC, and how they were joined.
///
/// A value: what the wall clock shows is handed in.
public struct Timekeeper: Sendable {
    /// The start of the box, from the kernel.
    public let bootID: String
    /// Seconds to add to UTC for the box's local time, at that second of UTC.
    private let utcOffsetSeconds: @Sendable (Int64) -> Int64

    /// A device's time further ahead than this cannot be right.
    public static let futureSecondsMax: Int64 = 300
    /// Nor one before 2000: no such device existed.
    public static let firstPlausibleSecond: Int64 = 946_684_800

    public init(bootID: String, utcOffsetSeconds: @escaping @Sendable (Int64) -> Int64) {
        self.bootID = bootID
        self.utcOffsetSeconds = utcOffsetSeconds
    }

    /// The stamp of something measured when it was received.
    public func stamp(received: Instant, clock: WallClock, device: CivilTime? = nil) -> Stamp {
        Stamp(
            device: device, bootID: bootID, received: received,
            utcNanoseconds: clock.utcNanoseconds - (clock.monotonic - received).wholeNanoseconds,
            uncertaintyMilliseconds: clock.uncertaintyMilliseconds, clock: clock.trust, correction: .reception)
    }

    /// The stamp of a record from a device's memory, by the device's own time.
    ///
    /// - Parameter deviceClock: what is known of that clock; `nil` when it was never compared.
    /// - Returns: the stamp, and whether the time can be right at all.
    public func stamp(
        stored device: CivilTime, received: Instant, clock: WallClock, deviceClock: DeviceClock?
    ) -> (stamp: Stamp, isPlausible: Bool) {
        let isChecked = deviceClock?.covers(device) ?? false
        let offset = isChecked ? deviceClock?.offsetSeconds ?? 0 : 0
        let utcSeconds = Self.kept(utc(localSeconds: Self.kept(device.secondsSince1970.saturatingAdding(offset))))
        let nowSeconds = clock.utcNanoseconds / 1_000_000_000
        let stamp = Stamp(
            device: device, bootID: bootID, received: received, utcNanoseconds: utcSeconds * 1_000_000_000,
            uncertaintyMilliseconds: isChecked && clock.trust == .synchronized ? 1500 : nil, clock: clock.trust,
            correction: isChecked ? .deviceClock : .deviceClockUnchecked)
        let isPlausible =
            utcSeconds >= Self.firstPlausibleSecond && utcSeconds <= nowSeconds + Self.futureSecondsMax
        return (stamp, isPlausible)
    }

    /// The box's local date and time, `nil` while its clock is unset.
    public func localTime(_ clock: WallClock) -> CivilTime? {
        guard clock.trust != .unset else { return nil }
        let seconds = clock.utcNanoseconds / 1_000_000_000
        return CivilTime(secondsSince1970: seconds + utcOffsetSeconds(seconds))
    }

    /// Brought into what nanoseconds can hold, whatever year a device shows: about 1678–2262.
    private static func kept(_ seconds: Int64) -> Int64 { min(max(seconds, -9_200_000_000), 9_200_000_000) }

    /// UTC of a local time. An hour that the change of summer time repeats is taken as the first of the two.
    public func utc(localSeconds local: Int64) -> Int64 {
        let guess = local - utcOffsetSeconds(local)
        let earlier = local - utcOffsetSeconds(guess - 3600)
        return utcOffsetSeconds(earlier) == local - earlier ? earlier : local - utcOffsetSeconds(guess)
    }
}

/// What is known of a device's clock.
public struct DeviceClock: Hashable, Sendable {
    /// The box's local time less the device's.
    public var offsetSeconds: Int64
    /// From this time of the device on the offset holds: it is when the clocks were compared or the clock was set.
    /// `nil`: it was compared and never set, so the offset is believed for all it has stored.
    public var since: CivilTime?

    public init(offsetSeconds: Int64, since: CivilTime?) {
        self.offsetSeconds = offsetSeconds
        self.since = since
    }

    /// The device showed `device` while the box's local time was `local`.
    public init(device: CivilTime, local: CivilTime) {
        self.init(offsetSeconds: local.secondsSince1970 - device.secondsSince1970, since: nil)
    }

    /// The clock was set to the box's local time.
    public init(setTo time: CivilTime) { self.init(offsetSeconds: 0, since: time) }

    public func covers(_ time: CivilTime) -> Bool { since.map { time >= $0 } ?? true }
}

extension Int64 {
    fileprivate func saturatingAdding(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }
}
