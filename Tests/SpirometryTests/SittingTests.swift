import Spirometry
import Testing

@Suite struct `A sitting` {
    /// ATS/ERS 2019, table 10.
    @Test(
        arguments: [
            ([3.00, 3.15, 2.5], 0, false, .a), ([3.00, 3.151, 2.5], 0, false, .c), ([3.00, 3.15], 0, false, .b),
            ([3.00, 3.20], 0, false, .c), ([3.00, 3.20, 2.9], 0, false, .c), ([3.00, 3.25], 1, false, .d),
            ([3.00, 3.26], 2, false, .e), ([3.00], 3, false, .e), ([], 1, false, .u), ([], 0, false, .f),
            ([0.80, 0.90, 0.7], 0, true, .a), ([0.80, 0.91], 0, true, .c), ([1.80, 2.00, 1], 0, true, .a),
            ([0.80, 0.96], 0, true, .d), ([0.80, 1.01], 0, true, .e),
        ] as [([Double], Int, Bool, SittingGrade)])
    func `is graded by table 10`(_ volumes: [Double], _ usable: Int, _ isChild: Bool, _ grade: SittingGrade) {
        #expect(SittingGrade(acceptable: volumes, usableCount: usable, isYoungChild: isChild) == grade)
    }

    @Test func `of three good blows is complete`() throws {
        let sitting = try Sitting([TestBlow(), TestBlow(peak: 7.9), TestBlow(peak: 8.1)].map { try $0.blow() })
        #expect(sitting.grade(.fev1) == .a && sitting.grade(.fvc) == .a)
        #expect(sitting.isComplete && sitting.hint == .enough)
        #expect(sitting.bestAttempt == 2)
        #expect(abs((sitting.bestPeakFlowLitresPerSecond ?? 0) - 8.1) < 0.1)
        let largest = sitting.attempts.map(\.measures.forcedVitalCapacityLitres).max()
        #expect(sitting.best(.fvc) == largest)
    }

    @Test func `grades FEV1 and FVC by themselves`() throws {
        let early = TestBlow(slow: 3, slowShare: 0.2, seconds: 3)
        let sitting = try Sitting([early.blow()])
        #expect(sitting.grade(.fev1) == .e && sitting.grade(.fvc) == .u)
        #expect(sitting.best(.fvc) == sitting.attempts[0].measures.forcedVitalCapacityLitres)
        #expect(sitting.hint == .keepBlowing)
    }

    @Test func `of blows that are good for nothing is F`() throws {
        let sitting = try Sitting([TestBlow(creep: 1), TestBlow(creep: 1.2)].map { try $0.blow() })
        #expect(sitting.grade(.fev1) == .f && sitting.grade(.fvc) == .f)
        #expect(sitting.best(.fev1) == nil && sitting.bestAttempt == nil)
        #expect(sitting.hint == .blastAtOnce)
    }

    @Test func `takes a blow with a slow start for no measure of the capacity`() throws {
        let large = TestBlow(peak: 9, creep: 1)
        let short = TestBlow(seconds: 2.6, inspiredAfter: 3)
        let sitting = try Sitting([TestBlow(), large, short].map { try $0.blow() })
        #expect(sitting.attempts[2].judgement[.fvc] == .acceptable)
    }

    @Test func `sees a weak blow beside a strong one`() throws {
        let sitting = try Sitting([TestBlow(), TestBlow(peak: 5)].map { try $0.blow() })
        #expect(sitting.attempts[1].judgement.faults == [.submaximal])
        #expect(sitting.hint == .blowHarder)
    }

    @Test func `asks for no more than eight blows`() throws {
        let blow = try TestBlow(coughs: [0.5]).blow()
        var sitting = Sitting()
        for _ in 0 ..< 8 { sitting.add(blow) }
        #expect(sitting.hint == .stop)
        for _ in 0 ..< 100 { sitting.add(blow) }
        #expect(sitting.attempts.count == Sitting.attemptsMax)
    }

    @Test func `begins with what to do, and asks for the same again behind a good blow`() throws {
        #expect(Sitting().hint == .begin)
        #expect(try Sitting([TestBlow().blow()]).hint == .again)
        #expect(try Sitting([TestBlow().blow(), TestBlow(peak: 7).blow()]).hint == .fillLungs)
    }

    /// 10 % of the predicted value, and more, of ERS/ATS 2022.
    @Test(arguments: [(2.0, 2.31, 3.0, true), (2.0, 2.29, 3.0, false), (2.0, 1.5, 3.0, false)])
    func `answers to a bronchodilator`(_ before: Double, _ after: Double, _ predicted: Double, _ does: Bool) {
        let response = BronchodilatorResponse(before: before, after: after, predicted: predicted)
        #expect(response?.isSignificant == does)
        #expect(BronchodilatorResponse(before: 0, after: 1, predicted: 3) == nil)
    }
}
