import Numbers
import Testing

@Suite struct `A recursive filter` {
    /// Amplitude of what comes out of a sine of 1 at `hertz`, at 200 Hz.
    static func gain(_ filter: Biquad, _ hertz: Double) -> Double {
        var filter = filter
        var most: Float = 0
        for index in 0 ..< 4000 {
            let output = filter.filter(Float(Mathematics.sin(2 * Double.pi * hertz * Double(index) / 200)))
            if index > 2000 { most = max(most, abs(output)) }
        }
        return Double(most)
    }

    @Test(arguments: [(1, 1, 0.02), (20, 0.7071, 0.01), (60, 0.053, 0.01)])
    func `lets low frequencies pass`(_ hertz: Double, _ expected: Double, _ tolerance: Double) {
        #expect(abs(Self.gain(.lowPass(hertz: 20, sampleRateHz: 200), hertz) - expected) < tolerance)
    }

    @Test(arguments: [(0.5, 0.01, 0.01), (5, 0.7071, 0.01), (50, 1, 0.02)])
    func `lets high frequencies pass`(_ hertz: Double, _ expected: Double, _ tolerance: Double) {
        #expect(abs(Self.gain(.highPass(hertz: 5, sampleRateHz: 200), hertz) - expected) < tolerance)
    }

    @Test func `forgets when told`() {
        var filter = Biquad.lowPass(hertz: 20, sampleRateHz: 200)
        _ = filter.filter(1)
        filter.reset()
        #expect(filter.filter(0) == 0)
    }
}

@Suite struct `A median of the last eight` {
    @Test func `is that of a sorted list`() {
        var state: UInt64 = 3
        var all = [Float](repeating: 4, count: 8)
        var recent = RecentMedian(4)
        for turn in 0 ..< 500 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let value = Float((state >> 33) % 20) / 4
            recent.add(value)
            all.removeFirst()
            all.append(value)
            if turn % 50 == 49 {
                recent.scale(by: 0.5, atLeast: 1)
                all = all.map { max(0.5 * $0, 1) }
            }
            let sorted = all.sorted()
            #expect(recent.value == (sorted[3] + sorted[4]) / 2)
        }
    }
}
