import Simulation
import Testing

@testable import Loop

@Suite("Pauses between attempts")
struct BackoffTests {
    @Test("grow, stay between half and all of their ceiling, and never pass the longest", arguments: 0 ..< 20)
    func bounds(seed: UInt64) {
        var random = Seed(seed)
        var backoff = Backoff(first: .seconds(1), longest: .seconds(60))
        for attempt in 0 ..< 100 {
            let ceiling = min(Duration.seconds(60), .seconds(1 << min(attempt, 10)))
            let pause = backoff.next(using: &random)
            #expect(pause >= ceiling / 2 && pause <= ceiling)
        }
        backoff.reset()
        #expect(backoff.next(using: &random) <= .seconds(1))
    }

    @Test("do not overflow, however long the longest is")
    func huge() {
        var random = Seed(1)
        var backoff = Backoff(first: .seconds(1), longest: .seconds(Int64.max))
        for _ in 0 ..< 200 { #expect(backoff.next(using: &random) > .zero) }
    }

    @Test("begin with the longest when the first would be longer")
    func firstLonger() {
        var random = Seed(1)
        var backoff = Backoff(first: .seconds(9), longest: .seconds(2))
        #expect(backoff.next(using: &random) <= .seconds(2))
    }
}
