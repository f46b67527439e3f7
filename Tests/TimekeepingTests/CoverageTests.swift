import Testing
import Timekeeping

@Suite struct Covered {
    private func coverage(_ seconds: [Int64]) -> Coverage {
        var coverage = Coverage()
        for second in seconds { coverage.insert(second) }
        return coverage
    }

    @Test(
        arguments: [
            ([5], "5-5"), ([5, 6, 7], "5-7"), ([7, 6, 5], "5-7"), ([5, 7], "5-5 7-7"), ([5, 7, 6], "5-7"),
            ([9, 1, 5, 2, 8], "1-2 5-5 8-9"), ([-3, -2, 0], "-3--2 0-0"), ([], ""),
        ] as [([Int64], String)])
    func `seconds that touch are one span`(_ seconds: [Int64], _ text: String) {
        #expect(coverage(seconds).text == text)
    }

    @Test func `is told as new only once`() {
        var coverage = Coverage()
        let isNew = coverage.insert(5)
        let isNewAgain = coverage.insert(5)
        #expect(isNew)
        #expect(!isNewAgain)
        #expect(coverage.contains(5))
        #expect(!coverage.contains(4))
    }

    @Test func `a short pause is closed, a long one stays open`() {
        var coverage = coverage([10])
        coverage.insert(from: 10, to: 12, atMost: 3)
        #expect(coverage.text == "10-12")
        coverage.insert(from: 12, to: 15, atMost: 3)
        #expect(coverage.text == "10-12 15-15")
        coverage.insert(from: 15, to: 3, atMost: 3)
        #expect(coverage.text == "3-3 10-12 15-15")
        coverage.insert(from: .min, to: .max, atMost: 3)
        #expect(coverage.contains(.max))
    }

    @Test func `the ends of time do not trap`() {
        var coverage = Coverage()
        for second in [Int64.min, .max, .min + 1, .max - 1, 0] { coverage.insert(second) }
        #expect(coverage.spans.count == 3)
    }

    @Test func `beyond its bound the oldest span is forgotten`() {
        var coverage = Coverage()
        for second in 0 ..< 1000 { coverage.insert(Int64(second * 2)) }
        #expect(coverage.spans.count == Coverage.spansMax)
        #expect(coverage.contains(1998))
        #expect(!coverage.contains(0))
        #expect(coverage.contains(Int64(2 * (1000 - Coverage.spansMax))))
    }

    /// Another way to do the same: a set of seconds.
    @Test(arguments: UInt64(1) ... 50) func `is the same as a set of seconds`(_ seed: UInt64) {
        var dice = Dice(seed)
        var coverage = Coverage()
        var seconds: Set<Int64> = []
        for _ in 0 ..< 400 {
            let second = Int64.random(in: -150 ... 150, using: &dice)
            if Bool.random(using: &dice) {
                let isNew = coverage.insert(second)
                #expect(isNew != seconds.contains(second))
                seconds.insert(second)
            } else {
                let last = second + Int64.random(in: -2 ... 6, using: &dice)
                coverage.insert(from: second, to: last, atMost: 4)
                if last >= second, last - second < 4 {
                    seconds.formUnion(second ... last)
                } else {
                    seconds.insert(last)
                }
            }
        }
        #expect((-160 ... 160).allSatisfy { coverage.contains($0) == seconds.contains($0) })
        #expect(coverage.spans.reduce(0) { $0 + $1.count } == seconds.count)
        for (one, next) in zip(coverage.spans, coverage.spans.dropFirst()) {
            #expect(one.upperBound + 1 < next.lowerBound)
        }
        #expect(Coverage(text: coverage.text) == coverage)
    }

    @Test(arguments: [
        ("", ""), ("garbage", ""), ("5", ""), ("-", ""), ("--", ""), ("5-", ""), ("-5", ""), ("7-5", ""),
        ("1-2 garbage 5-6", "1-2 5-6"), ("5-6 1-2", "5-6"), ("1-5 3-9", "1-5"), ("1-2 3-4", "1-2"),
        ("-5-7", "-5-7"), ("-9--5", "-9--5"), ("1-99999999999999999999", ""),
        ("-9223372036854775808-0 5-6", "5-6"), ("1-9223372036854775807 8-9", "8-9"), ("1 - 2 3-4", "3-4"),
    ])
    func `reads what it can and passes over the rest`(_ text: String, _ read: String) {
        #expect(Coverage(text: text).text == read)
    }

    @Test func `reads no more spans than it may have`() {
        let text = (0 ..< 1000).map { "\($0 * 3)-\($0 * 3)" }.joined(separator: " ")
        #expect(Coverage(text: text).spans.count == Coverage.spansMax)
    }
}

/// SplitMix64: the same numbers for the same seed.
private struct Dice: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
