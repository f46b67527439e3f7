import CLinux
import Glibc
public import Vitals

/// The box's wall clock: what it shows, how far it may be believed, and its local time.
///
/// The zone is the one of the program's start; a change of `/etc/localtime` needs a restart.
public struct SystemClock: Sendable {
    /// Changes at every start of the box; `Instant`s compare only within one.
    public let bootID: String

    /// A clock that shows an earlier time was never set: this program did not exist then. 2026-01-01T00:00:00Z.
    public static let floorSecondsSince1970: Int64 = 1_767_225_600

    public init() throws(SystemError) {
        let bytes = try File.read("/proc/sys/kernel/random/boot_id", bytesMax: 64)
        bootID = String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
        tzset()
    }

    public var now: Instant { Instant(nanoseconds: clinux_boottime_ns()) }

    /// Both clocks at one moment, to a few microseconds.
    public func read() -> WallClock {
        let (utc, monotonic) = Self.pair()
        let (trust, uncertainty) = Self.trust(utcNanoseconds: utc)
        return WallClock(
            utcNanoseconds: utc, monotonic: monotonic, trust: trust, uncertaintyMilliseconds: uncertainty)
    }

    /// What the kernel says of the clock now, to be told to others; `nil` where this process may not ask.
    public func state() -> ClockState? {
        var errorMicroseconds: Int64 = 0
        let answer = unsafe clinux_clock_synchronized(&errorMicroseconds)
        guard answer >= 0 else { return nil }
        return ClockState(isSynchronized: answer == 1, errorMicroseconds: max(0, errorMicroseconds), seenAt: now)
    }

    /// The box's local date and time now, `nil` while the clock is unset.
    public func localTime() -> CivilTime? {
        let seconds = clinux_realtime_ns() / 1_000_000_000
        guard seconds >= Self.floorSecondsSince1970 else { return nil }
        return CivilTime(secondsSince1970: seconds + utcOffsetSeconds(atUTC: seconds))
    }

    /// How far local time is ahead of UTC, in seconds, at a moment in seconds since 1970.
    public func utcOffsetSeconds(atUTC seconds: Int64) -> Int64 {
        var moment = time_t(seconds)
        var local = unsafe tm()
        guard unsafe localtime_r(&moment, &local) != nil else { return 0 }
        return Int64(unsafe local.tm_gmtoff)
    }

    /// Seconds since 1970 of a local time. One that the clocks skip is read as if they had not been changed; of
    /// one that they show twice it is the first.
    public func utcSeconds(ofLocal local: CivilTime) -> Int64? {
        let first = Self.utcSeconds(ofLocal: local, isSummerTime: 1)
        let guess = Self.utcSeconds(ofLocal: local, isSummerTime: -1)
        guard let first, first + utcOffsetSeconds(atUTC: first) == local.secondsSince1970 else { return guess }
        return first
    }

    private static func utcSeconds(ofLocal local: CivilTime, isSummerTime: Int32) -> Int64? {
        var parts = unsafe tm()
        unsafe parts.tm_year = Int32(local.year - 1900)
        unsafe parts.tm_mon = Int32(local.month - 1)
        unsafe parts.tm_mday = Int32(local.day)
        unsafe parts.tm_hour = Int32(local.hour)
        unsafe parts.tm_min = Int32(local.minute)
        unsafe parts.tm_sec = Int32(local.second)
        unsafe parts.tm_isdst = isSummerTime
        errno = 0
        let seconds = unsafe mktime(&parts)
        return seconds == -1 && errno != 0 ? nil : Int64(seconds)
    }

    /// The wall clock read between two looks at the monotonic one, the tightest of a few tries.
    private static func pair() -> (utcNanoseconds: Int64, monotonic: Instant) {
        var best: (utc: Int64, start: Int64, width: Int64)?
        for _ in 0 ..< 3 {
            let start = clinux_boottime_ns()
            let utc = clinux_realtime_ns()
            let width = clinux_boottime_ns() - start
            if best.map({ width < $0.width }) ?? true { best = (utc, start, width) }
            if width < 10_000 { break }
        }
        guard let best else { return (clinux_realtime_ns(), Instant(nanoseconds: clinux_boottime_ns())) }
        return (best.utc, Instant(nanoseconds: best.start + best.width / 2))
    }

    private static func trust(utcNanoseconds: Int64) -> (ClockTrust, uncertaintyMilliseconds: Int64?) {
        guard utcNanoseconds >= floorSecondsSince1970 * 1_000_000_000 else { return (.unset, nil) }
        var errorMicroseconds: Int64 = 0
        switch unsafe clinux_clock_synchronized(&errorMicroseconds) {
        case 1: return (.synchronized, (errorMicroseconds + 999) / 1000)
        case 0: return (.unsynchronized, nil)
        default:
            // A sandbox that forbids the call. homeward-clock.service asks in our place; else systemd-timesyncd
            // leaves a file when it has set the clock.
            if let state = ClockState.read(at: Instant(nanoseconds: clinux_boottime_ns())) {
                return state.isSynchronized
                    ? (.synchronized, (state.errorMicroseconds + 999) / 1000) : (.unsynchronized, nil)
            }
            return (File.exists("/run/systemd/timesync/synchronized") ? .synchronized : .unsynchronized, nil)
        }
    }
}
