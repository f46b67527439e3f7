import Evaluation
import Testing

@Suite("Stretches of time")
struct SpansTests {
    @Test("are joined, cut and taken away")
    func sets() {
        let spans = Spans([5.0 ..< 7, 1 ..< 2, 2 ..< 3, 6 ..< 8, 9 ..< 9])
        #expect(spans.list == [1 ..< 3, 5 ..< 8])
        #expect(spans.seconds == 5)
        #expect(spans.union(Spans(from: 2.5, to: 5)).list == [1 ..< 8])
        #expect(spans.intersection(Spans([0 ..< 1.5, 2 ..< 6])).list == [1 ..< 1.5, 2 ..< 3, 5 ..< 6])
        #expect(spans.subtracting(Spans([0 ..< 1.5, 2 ..< 2.5, 7 ..< 9])).list == [1.5 ..< 2, 2.5 ..< 3, 5 ..< 7])
        #expect(spans.lasting(atLeast: 3).list == [5 ..< 8])
        #expect(spans.widened(by: 1).list == [0 ..< 9])
        #expect(Spans(from: 3, to: 3).isEmpty)
        #expect(Spans(from: .nan, to: 3).isEmpty)
    }

    @Test("hold what lies in them")
    func membership() {
        let spans = Spans([1.0 ..< 3, 5 ..< 8, 10 ..< 11])
        for second in [1, 2.9, 5, 7, 10.5] { #expect(spans.contains(second)) }
        for second in [0.9, 3, 4, 8, 9, 11, .nan] { #expect(!spans.contains(second)) }
        #expect(spans.overlaps(2 ..< 5))
        #expect(!spans.overlaps(3 ..< 5))
    }

    @Test("agree with counting second by second")
    func brute() {
        var state: UInt64 = 5
        func dice(_ most: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % most
        }
        for _ in 0 ..< 500 {
            let sets = (0 ..< 2).map { _ in
                Spans(
                    (0 ..< dice(5)).map { _ in
                        let start = dice(30)
                        return Double(start) ..< Double(start + dice(8))
                    })
            }
            for second in 0 ..< 40 {
                let middle = Double(second) + 0.5
                let (one, two) = (sets[0].contains(middle), sets[1].contains(middle))
                #expect(sets[0].union(sets[1]).contains(middle) == (one || two))
                #expect(sets[0].intersection(sets[1]).contains(middle) == (one && two))
                #expect(sets[0].subtracting(sets[1]).contains(middle) == (one && !two))
            }
        }
    }
}
