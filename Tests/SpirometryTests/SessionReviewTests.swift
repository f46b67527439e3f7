import Spirometry
import Testing
import Vitals

@Suite struct `The review of a session` {
    private static func curve(_ blow: TestBlow, _ kind: Curve.Kind = .flowTime) -> Curve {
        switch kind {
        case .flowTime:
            let samples = blow.samples(100).values.map { Int32(($0 * 1000).rounded()) }
            return Curve(
                .flowTime, sampleRateHz: 100, tracks: [Curve.Track(.flow, scale: 0.001, samples: samples)])
        case .volumeTime:
            let samples = blow.samples(100, quantity: .volume).values.map { Int32(($0 * 10_000).rounded()) }
            return Curve(
                .volumeTime, sampleRateHz: 100, tracks: [Curve.Track(.volume, scale: 0.0001, samples: samples)])
        case .flowVolume:
            // At times that are not quite even, in tenths of milliseconds.
            let times = (0 ..< Int(blow.end * 100)).map { (index: Int) -> Int32 in
                Int32(index * 100 + index % 3 * 10)
            }
            let flows = times.map { Int32((blow.flow(at: Double($0) / 10_000) * 1000).rounded()) }
            return Curve(
                .flowVolume, sampleRateHz: nil,
                tracks: [
                    Curve.Track(.time, scale: 0.0001, samples: times),
                    Curve.Track(.flow, scale: 0.001, samples: flows),
                    Curve.Track(.volume, scale: 0.001, samples: flows.map { _ in 0 }),
                ])
        }
    }

    private static func session(_ blows: [TestBlow], _ kind: Curve.Kind = .flowTime) -> Session {
        Session(
            .spirometry,
            manoeuvres: blows.enumerated().map { number, blow in
                Manoeuvre(
                    number: number + 1, results: [ManoeuvreResult(.forcedVitalCapacity, 9)],
                    curves: [curve(blow, kind)])
            })
    }

    private static func value(_ metric: Metric, _ analysis: SessionAnalysis?) -> SessionResult? {
        analysis?.results.first { $0.name == .metric(metric) }
    }

    private static func grade(_ subject: SessionGrading.Subject, _ analysis: SessionAnalysis?) -> SessionGrading? {
        analysis?.gradings.first { $0.subject == subject }
    }

    @Test(arguments: Curve.Kind.allCases) func `puts its own numbers beside the device's`(_ kind: Curve.Kind) throws
    {
        var session = Self.session([TestBlow()], kind)
        let before = session.manoeuvres[0].results
        let digest = session.digest
        SessionReview().complete(&session)
        let expected = try TestBlow().blow().measures
        let analysis = session.manoeuvres[0].analysis
        let fvc = try #require(Self.value(.forcedVitalCapacity, analysis)?.value)
        let fev1 = try #require(Self.value(.forcedExpiratoryVolume1s, analysis)?.value)
        let peak = try #require(Self.value(.peakExpiratoryFlow, analysis)?.value)
        #expect(abs(fvc - expected.forcedVitalCapacityLitres) < 0.02)
        #expect(abs(fev1 - (expected.fev1Litres ?? 0)) < 0.01)
        #expect(abs(peak - 8) < 0.2)
        #expect(session.manoeuvres[0].results == before && session.digest == digest)
        #expect(analysis?.annotations.map(\.kind) == [.startOfTest, .peakFlow, .endOfTest])
        #expect(Self.grade(.acceptabilityFVC, analysis)?.grade == "acceptable")
        #expect(Self.grade(.sessionFVC, session.analysis)?.grade == "E")
    }

    @Test func `grades the sitting, says why, and what to do`() {
        var session = Self.session([TestBlow(), TestBlow(peak: 7.9), TestBlow(peak: 8.1)])
        SessionReview().complete(&session)
        #expect(Self.grade(.sessionFEV1, session.analysis)?.grade == "A")
        #expect(Self.grade(.sessionFEV1, session.analysis)?.rule == "ATS/ERS 2019, table 10")
        #expect(Self.grade(.sessionFEV1, session.analysis)?.reasons == [])
        #expect(Self.value(.forcedVitalCapacity, session.analysis)?.quality == .valid)
        #expect(session.analysis.hint == CoachingHint.enough.sentence)

        session = Self.session([TestBlow(creep: 1), TestBlow(coughs: [0.5])])
        SessionReview().complete(&session)
        let fev1 = Self.grade(.sessionFEV1, session.analysis)
        #expect(fev1?.grade == "U")
        #expect(fev1?.reasons.starts(with: ["extrapolated-volume", "cough-in-first-second"]) == true)
        #expect(Self.value(.forcedExpiratoryVolume1s, session.analysis)?.quality == .questionable(.technique))
        #expect(session.analysis.hint == CoachingHint.drinkWater.sentence)
        #expect(session.manoeuvres[1].analysis?.annotations.contains { $0.kind == .cough } == true)
    }

    @Test func `compares with what is expected, when it is told of whom`() throws {
        let subject = try #require(ReferenceSubject(sex: .male, ageYears: 40, heightCentimetres: 180))
        var session = Self.session([TestBlow(), TestBlow(), TestBlow()])
        SessionReview(subject: subject).complete(&session)
        let fev1 = try #require(Self.value(.forcedExpiratoryVolume1s, session.analysis)?.value)
        let z = session.analysis.results.first { $0.name == .measure(.fev1ZScore) }?.value
        #expect(z == ReferenceValue(.fev1, of: subject, by: .gliGlobal2022).z(fev1))
        #expect(Self.grade(.interpretation, session.analysis)?.grade == "normal")
        SessionReview().complete(&session)
        #expect(Self.grade(.interpretation, session.analysis) == nil)
    }

    @Test func `takes the device's numbers where there is no curve, with doubts`() {
        let numbers = [(3.0, 4.0), (3.1, 4.1), (2.9, 4.05)]
        var session = Session(
            .spirometry,
            manoeuvres: numbers.enumerated().map { index, pair in
                Manoeuvre(
                    number: index + 1,
                    results: [
                        ManoeuvreResult(.forcedExpiratoryVolume1s, pair.0),
                        ManoeuvreResult(.forcedVitalCapacity, pair.1), ManoeuvreResult(.peakExpiratoryFlow, 7),
                    ], quality: .questionable(.resultsOnly))
            })
        SessionReview().complete(&session)
        let fev1 = Self.value(.forcedExpiratoryVolume1s, session.analysis)
        #expect(fev1?.value == 3.1 && fev1?.quality == .questionable(.resultsOnly))
        #expect(Self.grade(.sessionFEV1, session.analysis)?.grade == "A")
        #expect(Self.grade(.sessionFEV1, session.analysis)?.reasons == ["results-only"])
        #expect(session.analysis.hint == nil && session.manoeuvres[0].analysis == nil)
    }

    @Test func `looks at no curve with a hole`() {
        var session = Self.session([TestBlow()])
        var curves = session.manoeuvres[0].curves
        curves[0].firstSample = 40
        session.manoeuvres[0].curves = curves
        SessionReview().complete(&session)
        #expect(session.manoeuvres[0].analysis == nil)
        session.manoeuvres[0].curves = [Self.curve(TestBlow()), Self.curve(TestBlow())]
        SessionReview().complete(&session)
        #expect(session.manoeuvres[0].analysis == nil)
    }

    @Test func `leaves a session of another kind alone, and one of nothing nearly so`() {
        var strip = Session(.ecgStrip)
        SessionReview().complete(&strip)
        #expect(strip == Session(.ecgStrip))
        var empty = Session(.spirometry)
        SessionReview().complete(&empty)
        #expect(empty.analysis.isEmpty)
    }

    @Test(arguments: 0 ..< 100) func `never traps on any curve`(_ seed: UInt64) {
        var dice = Dice(seed: seed)
        let count = Int(dice.next() * 300)
        func track(_ quantity: Curve.Quantity) -> Curve.Track {
            let samples = (0 ..< Int(dice.next() * Double(count + 1))).map { _ in
                dice.next() < 0.05 ? Int32.max : Int32(dice.next() * 20_000 - 5000)
            }
            return Curve.Track(quantity, scale: [0.001, 1, .nan, 1e300][Int(dice.next() * 4)], samples: samples)
        }
        let kind = Curve.Kind.allCases[Int(dice.next() * 3)]
        let curve = Curve(
            kind, sampleRateHz: [nil, 100, .nan, 0, 1e12][Int(dice.next() * 5)],
            tracks: [track(.time), track(.flow), track(.volume)])
        var session = Session(.spirometry, manoeuvres: [Manoeuvre(number: 1, results: [], curves: [curve])])
        SessionReview().complete(&session)
        #expect(session.manoeuvres.count == 1)
    }
}
