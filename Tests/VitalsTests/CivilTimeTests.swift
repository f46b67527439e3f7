import Testing

@testable import Vitals

@Suite("A date and time on a wall")
struct CivilTimeTests {
    static let first: Int64 = -62_135_596_800
    static let last: Int64 = 253_402_300_799

    @Test("comes back from its seconds, over all years")
    func roundTrip() throws {
        // A prime number of seconds, so that every hour, minute and second is met.
        for seconds in stride(from: Self.first, through: Self.last, by: 40_000_003) {
            let time = try #require(CivilTime(secondsSince1970: seconds))
            #expect(time.secondsSince1970 == seconds)
            #expect(CivilTime(time.description) == time)
        }
    }

    @Test("follows the day before it, for four hundred years")
    func everyDay() throws {
        var previous = try #require(CivilTime(year: 1899, month: 12, day: 31))
        var weekday = previous.weekday
        #expect(weekday == 0)
        for _ in 0 ..< 146_097 {
            let next = try #require(previous.adding(seconds: 86_400))
            let isNextDay = next.day == previous.day + 1 && next.month == previous.month
            let isNewMonth = next.day == 1 && previous.day >= 28
            #expect(isNextDay || isNewMonth)
            weekday = (weekday + 1) % 7
            #expect(next.weekday == weekday)
            previous = next
        }
        #expect(previous.description == "2299-12-31T00:00:00")
    }

    @Test(
        "knows leap years",
        arguments: [(2000, true), (1900, false), (2024, true), (2026, false), (2100, false), (2400, true)])
    func leapYears(year: Int, isLeap: Bool) {
        #expect((CivilTime(year: year, month: 2, day: 29) != nil) == isLeap)
    }

    @Test("has known moments")
    func known() throws {
        #expect(try #require(CivilTime(secondsSince1970: 0)).description == "1970-01-01T00:00:00")
        #expect(try #require(CivilTime(secondsSince1970: -1)).description == "1969-12-31T23:59:59")
        #expect(try #require(CivilTime(secondsSince1970: 951_782_400)).description == "2000-02-29T00:00:00")
        #expect(try #require(CivilTime(secondsSince1970: 1_767_225_600)).description == "2026-01-01T00:00:00")
        #expect(try #require(CivilTime("2014-08-18T02:38:18")).weekday == 1)
    }

    @Test("ends with the years 1 and 9999")
    func bounds() throws {
        let (first, last) = (
            try #require(CivilTime(secondsSince1970: Self.first)),
            try #require(CivilTime(secondsSince1970: Self.last))
        )
        #expect(first.description == "0001-01-01T00:00:00")
        #expect(last.description == "9999-12-31T23:59:59")
        #expect(first.adding(seconds: -1) == nil)
        #expect(last.adding(seconds: 1) == nil)
        #expect(last.adding(seconds: .max) == nil)
        #expect(first.adding(seconds: .min) == nil)
        for seconds in [Int64.min, Self.first - 1, Self.last + 1, .max] {
            #expect(CivilTime(secondsSince1970: seconds) == nil)
        }
    }

    @Test(
        "is refused when any part is impossible",
        arguments: [
            (0, 1, 1, 0, 0, 0), (10_000, 1, 1, 0, 0, 0), (2026, 0, 1, 0, 0, 0), (2026, 13, 1, 0, 0, 0),
            (2026, 4, 31, 0, 0, 0), (2026, 1, 0, 0, 0, 0), (2026, 1, 1, 24, 0, 0), (2026, 1, 1, 0, 60, 0),
            (2026, 1, 1, 0, 0, 60), (2026, 1, 1, -1, 0, 0),
        ])
    func impossible(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
        #expect(CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second) == nil)
    }

    @Test(
        "is read only as it is written",
        arguments: [
            "", "2026-01-01", "2026-01-01 00:00:00", "2026-01-01T00:00:00Z", "2026-1-01T00:00:000",
            "+026-01-01T00:00:00", "2026-01-01T00:00:0é", "2026-02-30T00:00:00",
        ])
    func malformed(text: String) { #expect(CivilTime(text) == nil) }
}

@Suite("UTC as text")
struct RFC3339Tests {
    @Test("has milliseconds, rounded down")
    func text() {
        #expect(rfc3339(utcNanoseconds: 0) == "1970-01-01T00:00:00.000Z")
        #expect(rfc3339(utcNanoseconds: 1_767_323_045_678_999_999) == "2026-01-02T03:04:05.678Z")
        #expect(rfc3339(utcNanoseconds: -1) == "1969-12-31T23:59:59.999Z")
    }

    @Test("is possible for every number of nanoseconds")
    func extremes() {
        #expect(rfc3339(utcNanoseconds: .max) == "2262-04-11T23:47:16.854Z")
        #expect(rfc3339(utcNanoseconds: .min) == "1677-09-21T00:12:43.145Z")
    }
}
