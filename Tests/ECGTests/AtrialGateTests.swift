import Testing

@testable import ECG

@Suite struct `Atrial gate` {
    private static let normal = BeatModels.Verdict(beatClass: .normal, confidence: 0.9)
    private static let sure = BeatModels.Verdict(beatClass: .supraventricular, confidence: 0.8)
    private static let unsure = BeatModels.Verdict(beatClass: .supraventricular, confidence: 0.5)
    private static let ventricular = BeatModels.Verdict(beatClass: .ventricular, confidence: 0.9)

    /// What becomes of verdicts in turn, over and over.
    private func passed(
        _ verdicts: [BeatModels.Verdict], beats: Int, isAtrialFibrillation: Bool
    ) -> [BeatModels.Verdict] {
        var gate = AtrialGate()
        return (0 ..< beats).map { beat in
            gate.pass(verdicts[beat % verdicts.count], isAtrialFibrillation: isAtrialFibrillation)
        }
    }

    @Test func `lets every verdict through while the atria do not fibrillate`() {
        let verdicts = [Self.normal, Self.unsure, Self.ventricular, Self.normal, Self.sure]
        let told = passed(verdicts, beats: 100, isAtrialFibrillation: false)
        for (beat, verdict) in told.enumerated() {
            #expect(verdict.beatClass == verdicts[beat % 5].beatClass)
            #expect(verdict.confidence == verdicts[beat % 5].confidence)
        }
    }

    @Test func `calls a rare supraventricular beat normal while the atria fibrillate`() {
        let verdicts = [Self.sure] + [BeatModels.Verdict](repeating: Self.normal, count: 9)
        let told = passed(verdicts, beats: 300, isAtrialFibrillation: true)
        #expect(told.allSatisfy { $0.beatClass == .normal })
        #expect(abs(told[0].confidence - 0.2) < 1e-5)
    }

    @Test func `lets them through once a good part of the beats are surely supraventricular`() {
        let told = passed([Self.sure, Self.normal], beats: 100, isAtrialFibrillation: true)
        #expect(told[0].beatClass == .normal)
        for beat in 60 ..< 100 {
            #expect(told[beat].beatClass == (beat.isMultiple(of: 2) ? .supraventricular : .normal))
        }
    }

    @Test func `is not moved by beats that are unsure`() {
        let told = passed([Self.unsure], beats: 100, isAtrialFibrillation: true)
        #expect(told.allSatisfy { $0.beatClass == .normal })
    }

    @Test func `leaves ventricular beats alone and does not count them`() {
        let alternating = [Self.sure, Self.normal, Self.ventricular, Self.ventricular, Self.ventricular]
        let told = passed(alternating, beats: 250, isAtrialFibrillation: true)
        #expect(told.indices.allSatisfy { $0 % 5 < 2 || told[$0].beatClass == .ventricular })
        #expect(told[245].beatClass == .supraventricular)
    }
}
