import Spirometry
import Testing

@Suite struct `What is measured of a blow` {
    /// What a blow comes to, summed up in steps of 0.1 ms.
    private static func truth(_ blow: TestBlow) -> (fev1: Double, fvc: Double, bev: Double, zero: Double) {
        let step = 1e-4
        let count = Int(blow.end / step)
        var volumes = [0.0]
        for index in 0 ..< count {
            let time = Double(index) * step
            let flow = (blow.flow(at: time) + blow.flow(at: time + step)) / 2
            volumes.append((volumes.last ?? 0) + flow * step)
        }
        let peak = blow.rampStart + blow.ramp
        // The tangent over the 12 ms around the peak.
        let (low, high) = (volumes[Int((peak - 0.006) / step)], volumes[Int((peak + 0.006) / step)])
        let zero = peak - (low + high) / 2 / ((high - low) / 0.012)
        let at = { (time: Double) in volumes[Int((time / step).rounded())] }
        return (at(zero + 1), volumes.last ?? 0, at(zero), zero)
    }

    /// At 50 Hz and below the corner of the peak falls between the samples.
    @Test(
        arguments: [
            (500.0, 0.01, 0.001, 0.001), (250, 0.03, 0.001, 0.001), (100, 0.12, 0.003, 0.004),
            (50, 0.35, 0.012, 0.008), (25, 0.80, 0.035, 0.03),
        ], BlowSamples.Quantity.allCases)
    func `is the same at every rate and of either quantity, within tolerances that grow with the step`(
        _ rate: (hz: Double, peak: Double, bev: Double, fev1: Double), _ quantity: BlowSamples.Quantity
    ) throws {
        let blow = TestBlow()
        let truth = Self.truth(blow)
        let measures = try blow.blow(rate.hz, quantity: quantity).measures
        #expect(abs(measures.peakFlowLitresPerSecond - 8) <= rate.peak)
        #expect(abs(measures.extrapolatedVolumeLitres - truth.bev) <= rate.bev)
        #expect(abs((measures.fev1Litres ?? 0) - truth.fev1) <= rate.fev1)
        #expect(abs(measures.forcedVitalCapacityLitres - truth.fvc) <= 0.006)
        #expect(abs(measures.timeZeroSeconds - truth.zero) <= 2 / rate.hz)
    }

    @Test func `agrees with what can be reckoned by hand`() throws {
        // 5 L/s for a second, without rise and fall to speak of, then nothing.
        let flow = [0.0] + [Double](repeating: 5, count: 500) + [Double](repeating: 0, count: 600)
        let measures = try BlowMeasures(BlowSamples(.flow, sampleRateHz: 500, values: flow))
        #expect(abs(measures.forcedVitalCapacityLitres - 5) < 0.02)
        #expect(abs(measures.extrapolatedVolumeLitres) < 0.02)
        #expect(abs((measures.fev05Litres ?? 0) - 2.5) < 0.02)
        #expect(abs((measures.fef2575LitresPerSecond ?? 0) - 5) < 0.02)
        #expect(abs((measures.fef50LitresPerSecond ?? 0) - 5) < 0.02)
        #expect(abs(measures.forcedExpiratoryTimeSeconds - 1) < 0.02)
        #expect(measures.fev6Litres == nil && measures.fivcLitres == nil && measures.hesitationSeconds == nil)
    }

    @Test func `knows the breaths before and after`() throws {
        let measures = try TestBlow(inspired: 3, pause: 1, inspiredAfter: 4).blow(200).measures
        #expect(abs((measures.inspiredBeforeLitres ?? 0) - 3) < 0.01)
        #expect(abs((measures.fivcLitres ?? 0) - 4) < 0.01)
        #expect(abs((measures.peakInspiratoryFlowLitresPerSecond ?? 0) - 6) < 0.05)
        #expect(abs((measures.hesitationSeconds ?? 0) - 1.15) < 0.1)
        #expect(abs((measures.riseTimeSeconds ?? 0) - 0.59 * 0.12) < 0.005)
    }

    @Test func `takes the known offset of the sensor away`() throws {
        let clean = try TestBlow().blow().measures
        let samples = TestBlow(offset: 0.05).samples().correcting(zeroFlowLitresPerSecond: 0.05)
        let corrected = try BlowMeasures(samples)
        #expect(abs(corrected.forcedVitalCapacityLitres - clean.forcedVitalCapacityLitres) < 1e-6)
    }

    @Test(
        arguments: [
            (0, 0, 100), (0, 200, 100), (5, 20, 100), (5, 200, 1000), (.nan, 200, 100), (-.infinity, 200, 100),
            (1e300, 200, 100), (1, 200, .nan), (1, 20_000, 100),
        ] as [(Double, Int, Double)])
    func `is refused of what is no blow`(_ value: Double, _ count: Int, _ rate: Double) {
        let values = [Double](repeating: value, count: count)
        for quantity in BlowSamples.Quantity.allCases {
            #expect(throws: BlowProblem.self) {
                try BlowMeasures(BlowSamples(quantity, sampleRateHz: rate, values: values))
            }
        }
    }

    @Test(arguments: 0 ..< 200) func `never traps on noise`(_ seed: UInt64) {
        var dice = Dice(seed: seed)
        let count = 60 + Int(dice.next() * 800)
        let size = [0.01, 1, 20, 29][Int(dice.next() * 4)]
        let values = (0 ..< count).map { _ in (dice.next() * 2 - 1) * size }
        for quantity in BlowSamples.Quantity.allCases {
            guard let blow = try? Blow(BlowSamples(quantity, sampleRateHz: 100, values: values)) else { continue }
            let judgement = BlowJudgement(blow, largestPriorFVC: dice.next() * 5)
            #expect(blow.measures.forcedVitalCapacityLitres.isFinite)
            #expect(blow.measures.extrapolatedVolumeLitres >= 0)
            #expect(judgement.faults.count == Set(judgement.faults).count)
        }
    }
}

/// Chance that can be had again (SplitMix64).
struct Dice {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    /// 0 ..< 1
    mutating func next() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Double((z ^ (z >> 31)) >> 11) / 9_007_199_254_740_992
    }
}
