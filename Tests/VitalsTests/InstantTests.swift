import Testing
import Vitals

@Suite("A moment of the monotonic clock")
struct InstantTests {
    @Test("never passes its ends")
    func saturation() {
        #expect(Instant.never + .seconds(1) == .never)
        #expect(Instant.boot + .seconds(Int64.max) == .never)
        #expect(Instant(nanoseconds: .min) - .seconds(1) == .boot)
        #expect(Instant.never - .boot == .nanoseconds(Int64.max))
        #expect(Instant(nanoseconds: .max) - Instant(nanoseconds: .min) == .nanoseconds(Int64.max))
    }

    @Test("is added to and told apart")
    func sums() {
        let noon = Instant.boot + .seconds(3)
        #expect(noon.nanoseconds == 3_000_000_000)
        #expect(noon - .milliseconds(1) < noon)
        #expect(noon - (noon - .seconds(1)) == .seconds(1))
    }

    @Test("counts durations in whole nanoseconds and milliseconds, within its limits")
    func durations() {
        #expect(Duration.seconds(-1).wholeNanoseconds == -1_000_000_000)
        #expect(Duration.milliseconds(1999).wholeMilliseconds == 1999)
        #expect(Duration.microseconds(-1999).wholeMilliseconds == -1)
        #expect(Duration.seconds(Int64.max).wholeNanoseconds == .max)
        #expect(Duration.seconds(Int64.min).wholeNanoseconds == .min + 1)
        #expect(Duration(secondsComponent: 0, attosecondsComponent: 999_999_999).wholeNanoseconds == 0)
    }
}
