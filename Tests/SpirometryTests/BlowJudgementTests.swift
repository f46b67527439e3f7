import Spirometry
import Testing

/// A fault, a blow that has it, and one that comes near and has not.
private struct Rule: CustomTestStringConvertible, Sendable {
    let fault: BlowFault
    let fails: TestBlow
    let passes: TestBlow
    var quantity = BlowSamples.Quantity.flow
    var testDescription: String { fault.rawValue }

    static let all = [
        // 0.5 L/s for a second lay 0.28 L before time 0; for a fifth of one, 0.1 L and some: below 5 % of 4.6 L.
        Rule(fault: .extrapolatedVolume, fails: TestBlow(creep: 1), passes: TestBlow(creep: 0.1)),
        Rule(fault: .zeroFlow, fails: TestBlow(offset: 0.04), passes: TestBlow(offset: 0.01)),
        Rule(fault: .zeroFlow, fails: TestBlow(seconds: 9, offset: -0.04), passes: TestBlow(seconds: 9)),
        Rule(fault: .coughInFirstSecond, fails: TestBlow(coughs: [0.5]), passes: TestBlow(coughs: [1.3])),
        Rule(fault: .coughLater, fails: TestBlow(coughs: [1.3]), passes: TestBlow()),
        Rule(
            fault: .glotticClosureInFirstSecond, fails: TestBlow(cutOff: 0.7), passes: TestBlow(cutOff: 1.2)),
        // What is left at 4 s may stop: it is less than a tenth of the peak flow.
        Rule(fault: .glotticClosure, fails: TestBlow(slowShare: 0.3, cutOff: 1.4), passes: TestBlow(cutOff: 4)),
        Rule(
            fault: .noEndOfExpiration, fails: TestBlow(slow: 3, slowShare: 0.2, seconds: 4),
            passes: TestBlow(slow: 3, slowShare: 0.2, seconds: 15.2)),
        Rule(
            fault: .noEndOfExpiration, fails: TestBlow(seconds: 1.5, inspiredAfter: 3),
            passes: TestBlow(seconds: 7, inspiredAfter: 3)),
        Rule(
            fault: .obstruction, fails: TestBlow(peak: 20, fast: 0.9, slowShare: 0, ceiling: 1.2),
            passes: TestBlow(peak: 8, fast: 0.9, slowShare: 0, ceiling: 6)),
        Rule(
            fault: .leak, fails: TestBlow(seconds: 9, offset: -0.04), passes: TestBlow(seconds: 9),
            quantity: .volume),
        Rule(fault: .leak, fails: TestBlow(inspired: 6), passes: TestBlow(inspired: 3)),
        Rule(fault: .inspirationExceeds, fails: TestBlow(inspiredAfter: 5.2), passes: TestBlow(inspiredAfter: 4.5)),
        Rule(
            fault: .tooShort, fails: TestBlow(seconds: 0.8, inspiredAfter: 2),
            passes: TestBlow(seconds: 1.3, inspiredAfter: 2)),
        Rule(
            fault: .hesitation, fails: TestBlow(inspired: 3, pause: 2.3),
            passes: TestBlow(inspired: 3, pause: 1.5)),
        Rule(fault: .slowRise, fails: TestBlow(ramp: 0.35), passes: TestBlow(ramp: 0.2)),
        Rule(
            fault: .submaximal, fails: TestBlow(peak: 4, fast: 0.8, ramp: 0.7), passes: TestBlow(peak: 4, fast: 0.8)
        ),
    ]
}

@Suite struct `The judgement of a blow` {
    @Test(arguments: Rule.all, [50.0, 100, 250, 500])
    fileprivate func `finds a fault where it is, and only there`(_ rule: Rule, _ sampleRateHz: Double) throws {
        let failing = try rule.fails.faults(sampleRateHz, quantity: rule.quantity)
        #expect(failing.contains(rule.fault), "\(failing)")
        let passing = try rule.passes.faults(sampleRateHz, quantity: rule.quantity)
        #expect(!passing.contains(rule.fault), "\(passing)")
    }

    @Test(arguments: [25.0, 50, 100, 250, 500], BlowSamples.Quantity.allCases)
    func `has nothing against a good blow`(_ sampleRateHz: Double, _ quantity: BlowSamples.Quantity) throws {
        let blow = try TestBlow(inspired: 3, inspiredAfter: 4).blow(sampleRateHz, quantity: quantity)
        let judgement = BlowJudgement(blow)
        #expect(judgement.faults == [])
        #expect(judgement[.fev1] == .acceptable && judgement[.fvc] == .acceptable)
    }

    @Test func `covers every fault with a blow that has it`() {
        #expect(Set(Rule.all.map(\.fault)) == Set(BlowFault.allCases))
    }

    /// Table 7 of ATS/ERS 2019: FEV1 and FVC, of a grown person and of a young child.
    @Test(
        arguments: [
            (.extrapolatedVolume, [.unusable, .unusable, .unusable, .unusable]),
            (.zeroFlow, [.unusable, .unusable, .unusable, .unusable]),
            (.coughInFirstSecond, [.usable, .acceptable, .unusable, .acceptable]),
            (.glotticClosureInFirstSecond, [.unusable, .unusable, .unusable, .unusable]),
            (.glotticClosure, [.acceptable, .usable, .acceptable, .usable]),
            (.noEndOfExpiration, [.acceptable, .usable, .acceptable, .usable]),
            (.obstruction, [.usable, .usable, .usable, .usable]),
            (.leak, [.usable, .usable, .usable, .usable]),
            (.inspirationExceeds, [.usable, .usable, .usable, .usable]),
            (.tooShort, [.unusable, .acceptable, .unusable, .acceptable]),
            (.hesitation, [.acceptable, .acceptable, .acceptable, .acceptable]),
        ] as [(BlowFault, [Acceptability])])
    func `costs what table 7 says`(_ fault: BlowFault, _ worths: [Acceptability]) {
        let grown = BlowJudgement(faults: [fault], isYoungChild: false)
        let child = BlowJudgement(faults: [fault], isYoungChild: true)
        #expect([grown[.fev1], grown[.fvc], child[.fev1], child[.fvc]] == worths)
    }

    @Test func `lets a short blow pass that is as large as the one before`() throws {
        let short = try TestBlow(slow: 3, slowShare: 0.2, seconds: 4).blow()
        let capacity = short.measures.forcedVitalCapacityLitres
        #expect(BlowJudgement(short, largestPriorFVC: capacity + 0.14)[.fvc] == .acceptable)
        #expect(BlowJudgement(short, largestPriorFVC: capacity + 0.16)[.fvc] == .usable)
    }

    @Test func `gives a young child three quarters of a second`() throws {
        let cough = try TestBlow(coughs: [0.9]).blow()
        #expect(BlowJudgement(cough).faults.contains(.coughInFirstSecond))
        #expect(!BlowJudgement(cough, isYoungChild: true).faults.contains(.coughInFirstSecond))
        let short = try TestBlow(peak: 3, fast: 0.2, slowShare: 0, seconds: 0.9, inspiredAfter: 0.5).blow()
        #expect(BlowJudgement(short)[.fev1] == .unusable)
        #expect(BlowJudgement(short, isYoungChild: true)[.fev1] == .acceptable)
    }
}
