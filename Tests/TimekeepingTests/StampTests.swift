import Testing
import Timekeeping
import Vitals

@Suite struct `A stamp` {
    let zone = Zone.middleEurope
    let received = Instant.boot + .seconds(1000)
    /// 2026-01-15T12:00:00Z, 13:00 in winter.
    let noon: Int64 = 1_768_478_400

    @Test func `of something live is the moment of reception`() {
        let stamp = zone.timekeeper.stamp(received: received - .milliseconds(250), clock: clock(noon))
        #expect(rfc3339(utcNanoseconds: stamp.utcNanoseconds) == "2026-01-15T11:59:59.750Z")
        #expect(stamp.correction == .reception)
        #expect(stamp.clock == .synchronized)
        #expect(stamp.uncertaintyMilliseconds == 12)
        #expect(stamp.bootID == "boot")
        #expect(stamp.device == nil)
    }

    @Test func `follows the monotonic clock between two looks at the wall`() {
        let stamp = zone.timekeeper.stamp(received: received + .milliseconds(900), clock: clock(noon))
        #expect(rfc3339(utcNanoseconds: stamp.utcNanoseconds) == "2026-01-15T12:00:00.900Z")
    }

    @Test func `keeps what the device said`() {
        let time = civil("2014-08-18T02:38:18")
        #expect(zone.timekeeper.stamp(received: received, clock: clock(noon), device: time).device == time)
    }

    @Test func `of a record whose clock nobody checked says so`() {
        let (stamp, isPlausible) = zone.timekeeper.stamp(
            stored: civil("2026-01-15T03:00:00"), received: received, clock: clock(noon), deviceClock: nil)
        #expect(rfc3339(utcNanoseconds: stamp.utcNanoseconds) == "2026-01-15T02:00:00.000Z")
        #expect(stamp.correction == .deviceClockUnchecked)
        #expect(stamp.uncertaintyMilliseconds == nil)
        #expect(isPlausible)
    }

    @Test func `of a record whose clock was compared is shifted by the difference`() {
        // The device shows two hours and ten seconds less than the wall.
        let deviceClock = DeviceClock(device: civil("2026-01-15T10:59:50"), local: civil("2026-01-15T13:00:00"))
        let (stamp, isPlausible) = zone.timekeeper.stamp(
            stored: civil("2026-01-15T01:00:00"), received: received, clock: clock(noon), deviceClock: deviceClock)
        #expect(rfc3339(utcNanoseconds: stamp.utcNanoseconds) == "2026-01-15T02:00:10.000Z")
        #expect(stamp.correction == .deviceClock)
        #expect(stamp.uncertaintyMilliseconds == 1500)
        #expect(isPlausible)
    }

    @Test func `of a record from before the clock was set stays unchecked`() {
        let deviceClock = DeviceClock(setTo: civil("2026-01-15T13:00:00"))
        func correction(_ text: String) -> ClockCorrection {
            zone.timekeeper.stamp(
                stored: civil(text), received: received, clock: clock(noon + 7200), deviceClock: deviceClock
            ).stamp.correction
        }
        #expect(correction("2026-01-15T12:59:59") == .deviceClockUnchecked)
        #expect(correction("2026-01-15T13:00:00") == .deviceClock)
    }

    @Test func `is certain only while the box's clock is`() {
        let deviceClock = DeviceClock(offsetSeconds: 0, since: nil)
        let stamp = zone.timekeeper.stamp(
            stored: civil("2026-01-15T03:00:00"), received: received, clock: clock(noon, trust: .unsynchronized),
            deviceClock: deviceClock
        ).stamp
        #expect(stamp.uncertaintyMilliseconds == nil)
        #expect(stamp.clock == .unsynchronized)
    }

    /// 13:05:00 local is five minutes ahead: the most that is believed.
    @Test(arguments: [
        ("2026-01-15T13:05:00", true), ("2026-01-15T13:05:01", false), ("2027-01-01T00:00:00", false),
        ("2000-01-01T01:00:00", true), ("2000-01-01T00:59:59", false), ("1970-01-01T00:00:00", false),
        ("0001-01-01T00:00:00", false), ("9999-12-31T23:59:59", false),
    ])
    func `of a time that cannot be right is not plausible`(_ time: String, _ isPlausible: Bool) {
        let told = zone.timekeeper.stamp(
            stored: civil(time), received: received, clock: clock(noon), deviceClock: nil)
        #expect(told.isPlausible == isPlausible)
        #expect(told.stamp.device == civil(time))
    }

    @Test(arguments: [Int64.min, Int64.max, -90_000_000_000, 90_000_000_000])
    func `survives any offset of a device's clock`(_ offset: Int64) {
        let told = zone.timekeeper.stamp(
            stored: civil("2026-01-15T03:00:00"), received: received, clock: clock(noon),
            deviceClock: DeviceClock(offsetSeconds: offset, since: nil))
        #expect(!told.isPlausible)
    }

    @Test func `of a record is not plausible while the box does not know the time`() {
        let told = zone.timekeeper.stamp(
            stored: civil("2026-01-15T03:00:00"), received: received, clock: clock(60, trust: .unset),
            deviceClock: nil)
        #expect(!told.isPlausible)
        #expect(zone.timekeeper.localTime(clock(60, trust: .unset)) == nil)
    }
}

@Suite struct `Local time` {
    @Test func `is UTC and the offset of that moment`() {
        let timekeeper = Zone.middleEurope.timekeeper
        #expect(timekeeper.localTime(clock(1_774_745_999))?.description == "2026-03-29T01:59:59")
        #expect(timekeeper.localTime(clock(1_774_746_000))?.description == "2026-03-29T03:00:00")
        #expect(timekeeper.localTime(clock(1_792_889_999))?.description == "2026-10-25T02:59:59")
        #expect(timekeeper.localTime(clock(1_792_890_000))?.description == "2026-10-25T02:00:00")
    }

    /// Every minute of the two days on which the clocks change, and back again.
    @Test(arguments: Zone.all) func `and back is the same moment, or the first of two`(_ zone: Zone) {
        let timekeeper = zone.timekeeper
        for change in [zone.begins, zone.ends] {
            for utc in stride(from: change - 86_400, through: change + 86_400, by: 60) {
                let local = utc + zone.offset(utc)
                let twin = local - zone.summer
                let first = min(utc, zone.offset(twin) == zone.summer ? twin : utc)
                #expect(timekeeper.utc(localSeconds: local) == first, "\(utc - change) s from the change")
            }
        }
    }

    /// 02:30 on the day in spring on which 02:00–03:00 is left out.
    @Test(arguments: Zone.all) func `that never was is taken as one close by`(_ zone: Zone) {
        let local = zone.begins + zone.winter + (zone.summer - zone.winter) / 2
        let utc = zone.timekeeper.utc(localSeconds: local)
        #expect(abs(utc - zone.begins) <= 3600)
    }
}
