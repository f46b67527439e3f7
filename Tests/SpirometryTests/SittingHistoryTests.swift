import Spirometry
import Testing
import Vitals

@Suite struct `A sitting beside earlier ones` {
    private let subject = ReferenceSubject(sex: .male, ageYears: 41.5, heightCentimetres: 180)

    /// A session of three blows alike, by the device's numbers; FEV1 alone where there is no FVC.
    private func session(_ fev1: Double, _ fvc: Double? = nil, blows: Int = 3, peakFlow: Double? = nil) -> Session {
        let results =
            [ManoeuvreResult(.forcedExpiratoryVolume1s, fev1)]
            + (fvc.map { [ManoeuvreResult(.forcedVitalCapacity, $0)] } ?? [])
            + (peakFlow.map { [ManoeuvreResult(.peakExpiratoryFlow, $0)] } ?? [])
        var session = Session(
            .spirometry, manoeuvres: (1 ... blows).map { Manoeuvre(number: $0, results: results) })
        SessionReview(subject: subject).complete(&session)
        return session
    }

    private func value(_ measure: SessionMeasure, _ session: Session) -> Double? {
        session.analysis.results.first { $0.name == .measure(measure) }?.value ?? nil
    }

    private func grade(_ subject: SessionGrading.Subject, _ session: Session) -> SessionGrading? {
        session.analysis.gradings.first { $0.subject == subject }
    }

    /// Each in its second, compared one after the other.
    private func compared(_ sessions: [(Int64, Session)]) throws -> [Session] {
        let subject = try #require(subject)
        var history = SittingHistory()
        return sessions.map { second, session in
            var session = session
            history.compare(&session, at: second, with: subject, by: .gliGlobal2022)
            return session
        }
    }

    /// FEV1 before and after, in shares of the predicted value, and what the change is called.
    @Test(arguments: [(0.6, 0.69, "not-significant"), (0.6, 0.71, "significant"), (0.8, 0.7, "not-significant")])
    func `shows the change in per cent of predicted`(_ before: Double, _ after: Double, _ grade: String) throws {
        let subject = try #require(subject)
        let predicted = ReferenceValue(.fev1, of: subject, by: .gliGlobal2022).m
        let told = try compared([(1000, session(before * predicted)), (2200, session(after * predicted))])
        #expect(self.grade(.bronchodilatorResponse, told[0]) == nil)
        let change = try #require(value(.fev1BronchodilatorChange, told[1]))
        #expect(abs(change - 100 * (after - before)) < 0.01)
        let grading = try #require(self.grade(.bronchodilatorResponse, told[1]))
        #expect(grading.grade == grade)
        #expect(grading.reasons == (grade == "significant" ? ["fev1-change"] : []))
        #expect(value(.fvcBronchodilatorChange, told[1]) == nil)
    }

    @Test func `counts FVC as much as FEV1`() throws {
        let told = try compared([(0, session(2, 3)), (900, session(2, 4))])
        #expect(try #require(grade(.bronchodilatorResponse, told[1])).reasons == ["fvc-change"])
        #expect(value(.fev1BronchodilatorChange, told[1]) == 0)
    }

    @Test(arguments: [(0, false), (599, false), (600, true), (3600, true), (3601, false), (-1, false)])
    func `is the second of a pair at its time only`(_ seconds: Int64, _ isPair: Bool) throws {
        let told = try compared([(10_000, session(2)), (10_000 + seconds, session(2.8))])
        #expect((value(.fev1BronchodilatorChange, told[1]) != nil) == isPair)
    }

    @Test func `goes on with the sitting before when it follows at once`() throws {
        let told = try compared([(0, session(2)), (300, session(2.4)), (1200, session(2.4))])
        #expect(value(.fev1BronchodilatorChange, told[2]) == 0)
    }

    @Test func `that cannot be relied on is neither before nor after`() throws {
        let told = try compared([(0, session(2, blows: 1)), (1200, session(2.8)), (2400, session(3.4, blows: 1))])
        #expect(told.allSatisfy { grade(.bronchodilatorResponse, $0) == nil })
    }

    @Test func `is remembered as words`() throws {
        let subject = try #require(subject)
        var history = SittingHistory()
        #expect(SittingHistory(text: history.text) == history)
        var first = session(2.25)
        history.compare(&first, at: 1_768_467_600, with: subject, by: .gliGlobal2022)
        #expect(SittingHistory(text: history.text) == history)
        for text in ["", "1", "2 0 1 1", "1 0 1 1 1"] { #expect(SittingHistory(text: text) == nil) }
        var odd = try #require(SittingHistory(text: "1 9223372036854775807 nan -5"))
        var next = session(2)
        odd.compare(&next, at: .min, with: subject, by: .gliGlobal2022)
        #expect(grade(.bronchodilatorResponse, next) == nil)
    }

    @Test(arguments: [(6.0, "green"), (4.9, "yellow"), (3.5, "red")])
    func `has its zone of peak flow`(_ litresPerSecond: Double, _ zone: String) throws {
        var session = session(2, peakFlow: litresPerSecond)
        SessionReview.addZone(to: &session, personalBest: 400)
        #expect(try #require(grade(.peakFlowZone, session)).grade == zone)
        #expect(abs(try #require(value(.peakFlowOfPersonalBest, session)) - litresPerSecond * 15) < 1e-9)
    }

    @Test func `without a peak flow or a personal best has no zone`() {
        for (peak, best) in [(nil, 400.0), (6, 0), (6, .nan)] as [(Double?, Double)] {
            var session = session(2, peakFlow: peak)
            SessionReview.addZone(to: &session, personalBest: best)
            #expect(grade(.peakFlowZone, session) == nil)
        }
    }
}
