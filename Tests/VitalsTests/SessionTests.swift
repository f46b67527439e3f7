import Testing
import Vitals

@Suite struct `A session` {
    static func session(_ flow: [Int32] = [0, 12, 340], value: Double = 3.63) -> Session {
        let curve = Curve(.flowTime, sampleRateHz: 100, tracks: [Curve.Track(.flow, scale: 0.001, samples: flow)])
        return Session(
            .spirometry,
            manoeuvres: [
                Manoeuvre(
                    number: 1, results: [ManoeuvreResult(.forcedExpiratoryVolume1s, value)], curves: [curve])
            ])
    }

    @Test func `has the same digest for the same content, and another for any other`() {
        var later = Self.session()
        later.begun = .boot + .seconds(5)
        #expect(Self.session().digest == later.digest)
        let others = [Self.session([0, 12, 341]), Self.session([0, 12]), Self.session(value: 3.64)]
        #expect(Set(others.map(\.digest) + [Self.session().digest]).count == 4)
    }

    @Test func `has another digest for another signal, and the same whatever the analysis makes of it`() {
        func night(_ samples: [Int32?]) -> Session {
            var session = Session(.overnightOximetry)
            session.signals = [SessionSignal(.oxygenSaturation, sampleRateHz: 1, samples: samples)]
            return session
        }
        let nights = [night([97, 96]), night([97, nil, 96]), night([97, 95]), night([])]
        #expect(Set(nights.map(\.digest)).count == nights.count)
        var judged = night([97, 96])
        judged.analysis.results = [SessionResult(.desaturationIndex3, 12)]
        #expect(judged.digest == night([97, 96]).digest)
        var numbersOnly = Session(.overnightOximetry)
        numbersOnly.analysis.results = judged.analysis.results
        #expect(numbersOnly.digest != Session(.overnightOximetry).digest)
    }

    @Test func `keeps a signal's samples at their places, in order and bounded`() {
        var signal = SessionSignal(.oxygenSaturation, sampleRateHz: 1, samples: [1, 2, nil, 4] as [Int32?])
        #expect(signal.segments.map(\.firstSample) == [0, 3])
        signal.append(9, at: 2)
        signal.append(9, at: SessionSignal.samplesMax)
        signal.append(9, at: .max)
        #expect(signal.sampleCount == 3)
        #expect(signal.endSample == 4)
        for place in 0 ..< 3 * SessionSignal.segmentsMax { signal.append(1, at: 4 + 2 * place) }
        #expect(signal.segments.count == SessionSignal.segmentsMax)
    }

    @Test func `has a digest whatever the numbers are`() {
        for value in [Double.nan, .infinity, -.infinity, 1e300, -0.0] { _ = Self.session(value: value).digest }
        #expect(Session(.spirometry, manoeuvres: []).digest != Self.session().digest)
    }

    @Test(
        arguments: [
            (.peakExpiratoryFlow, 7.4, "L/s", true), (.peakExpiratoryFlow, 21, "L/s", false),
            (.forcedVitalCapacity, 5.1, "L", true), (.forcedVitalCapacity, 15.1, "L", false),
            (.forcedVitalCapacity, .nan, "L", false), (.fev1OverFVC, 97.1, "%", true),
            (.forcedExpiratoryFlow50, -1, "L/s", false),
        ] as [(Metric, Double, String, Bool)])
    func `tells every flow in litres a second`(
        _ metric: Metric, _ value: Double, _ unit: String, _ isPossible: Bool
    ) {
        let result = ManoeuvreResult(metric, value)
        #expect(result.unit == unit)
        #expect(result.isPossible == isPossible)
    }
}

@Suite struct `The codes of spirometry` {
    @Test(
        arguments: [
            (152584, 265_216, 446.7, .peakExpiratoryFlow, 7.445), (152584, 265_201, 820, .peakExpiratoryFlow, 8.2),
            (152584, 265_184, 7.4, .peakExpiratoryFlow, 7.4),
            (152585, 265_216, 480, .peakExpiratoryFlowPersonalBest, 8),
            (152586, 263_744, 3.63, .forcedExpiratoryVolume1s, 3.63),
            (152587, 263_762, 3990, .forcedExpiratoryVolume6s, 3.99),
        ] as [(UInt32, UInt32, Double, Metric, Double)])
    func `become results`(
        _ code: UInt32, _ unit: UInt32, _ value: Double, _ metric: Metric, _ expected: Double
    ) throws {
        let result = try #require(SpirometryCodes.result(mdc: code, unit: unit, value: value))
        #expect(result.metric == metric)
        #expect(abs(result.value - expected) < 0.0005)
    }

    @Test(
        arguments: [
            (152584, 263_744, 7), (152586, 265_216, 3), (152586, 263_744, 99), (152584, 1, 7), (1, 265_216, 7),
            (150456, 262_688, 98), (152586, 263_744, .nan),
        ] as [(UInt32, UInt32, Double)])
    func `with a unit that does not fit, or a value that cannot be, become nothing`(
        _ code: UInt32, _ unit: UInt32, _ value: Double
    ) { #expect(SpirometryCodes.result(mdc: code, unit: unit, value: value) == nil) }

    @Test func `are found by their term alone, and doubt is heard`() {
        #expect(SpirometryCodes.metric(term: 21512) == .peakExpiratoryFlow)
        #expect(SpirometryCodes.metric(term: 0) == nil)
        #expect(SpirometryCodes.quality(measurementStatus: 0) == .questionable(.resultsOnly))
        #expect(
            SpirometryCodes.quality(measurementStatus: 0x4000) == .questionable([.resultsOnly, .deviceRejected]))
    }
}
