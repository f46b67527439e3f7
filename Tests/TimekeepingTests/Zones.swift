import Testing
import Timekeeping
import Vitals

/// Made-up places with summer time from one second of UTC to another.
struct Zone: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let winter: Int64
    let summer: Int64
    let begins: Int64
    let ends: Int64

    /// 2026-03-29T01:00Z and 2026-10-25T01:00Z.
    static let middleEurope = Zone(
        testDescription: "an hour, east", winter: 3600, summer: 7200, begins: 1_774_746_000, ends: 1_792_890_000)
    static let all = [
        middleEurope,
        Zone(
            testDescription: "an hour, west", winter: -18_000, summer: -14_400, begins: 1_774_746_000,
            ends: 1_792_890_000),
        Zone(
            testDescription: "an hour, far east", winter: 43_200, summer: 46_800, begins: 1_774_746_000,
            ends: 1_792_890_000),
        Zone(
            testDescription: "half an hour", winter: 37_800, summer: 39_600, begins: 1_774_746_000,
            ends: 1_792_890_000),
        Zone(testDescription: "none", winter: 19_800, summer: 19_800, begins: 1_774_746_000, ends: 1_792_890_000),
    ]

    @Sendable func offset(_ utc: Int64) -> Int64 { (begins ..< ends).contains(utc) ? summer : winter }

    var timekeeper: Timekeeper { Timekeeper(bootID: "boot", utcOffsetSeconds: offset) }
}

/// The wall clock at that second of UTC.
func clock(
    _ utc: Int64, monotonic: Instant = .boot + .seconds(1000), trust: ClockTrust = .synchronized
) -> WallClock {
    WallClock(
        utcNanoseconds: utc * 1_000_000_000, monotonic: monotonic, trust: trust,
        uncertaintyMilliseconds: trust == .synchronized ? 12 : nil)
}

/// A time in a test, written as it is read.
func civil(_ text: String) -> CivilTime {
    guard let time = CivilTime(text) else { preconditionFailure("'\(text)' is no date and time") }
    return time
}
