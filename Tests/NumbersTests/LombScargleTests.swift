import Numbers
import Testing

@Suite struct `The spectrum of uneven samples` {
    /// A wave of 0.25 Hz with an amplitude of 3 and one of 0.1 Hz with 1, at uneven times.
    private func series(_ count: Int = 400) -> (times: [Double], values: [Double]) {
        var times: [Double] = []
        var time = 0.0
        for index in 0 ..< count {
            time += 0.6 + 0.3 * Double(index * 7919 % 101) / 101
            times.append(time)
        }
        let values = times.map {
            100 + 3 * Mathematics.sin(2 * .pi * 0.25 * $0) + Mathematics.sin(2 * .pi * 0.1 * $0 + 1)
        }
        return (times, values)
    }

    @Test func `has its peaks where the waves are, and their power`() {
        let (times, values) = series()
        let step = 1.0 / 1024
        let density = LombScargle.density(times: times, values: values, firstHz: step, stepHz: step, count: 512)
        func power(_ band: ClosedRange<Double>) -> Double {
            density.indices.reduce(0) { band.contains(Double($1 + 1) * step) ? $0 + density[$1] * step : $0 }
        }
        let peak = density.indices.max { density[$0] < density[$1] } ?? 0
        #expect(abs(Double(peak + 1) * step - 0.25) < 0.002)
        // Half the square of the amplitude.
        #expect(abs(power(0.22 ... 0.28) - 4.5) < 0.3)
        #expect(abs(power(0.07 ... 0.13) - 0.5) < 0.1)
    }

    @Test func `is zero where there is nothing to see`() {
        #expect(
            LombScargle.density(times: [1, 2], values: [1, 2], firstHz: 0.1, stepHz: 0.1, count: 3) == [0, 0, 0])
        let still = LombScargle.density(times: [1, 1, 1], values: [1, 2, 3], firstHz: 0.1, stepHz: 0.1, count: 2)
        #expect(still == [0, 0])
        #expect(LombScargle.density(times: [], values: [], firstHz: 0.1, stepHz: 0.1, count: 0).isEmpty)
    }
}
