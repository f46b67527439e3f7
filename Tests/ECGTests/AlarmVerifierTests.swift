import Numbers
import Testing

@testable import ECG

@Suite struct `Alarm verifier` {
    /// Beats at the same distance, ending before `end`.
    private static func lead(
        every interval: Double, to end: Double = 300, _ kind: BeatClass = .normal, correlation: Float = 0.95,
        score: Float = 0
    ) -> LeadEvidence {
        var evidence = LeadEvidence()
        var seconds = 280.0
        while seconds < end {
            var beat = Beat(index: Int(seconds * 200), score: 1, beatClass: kind, confidence: 0.9)
            beat.templateCorrelation = correlation
            evidence.beats.append(beat)
            seconds += interval
        }
        for second in 280 ..< 300 {
            evidence.seconds.append(QualitySecond(second: second, grade: .good))
            evidence.fibrillationScores.append(score)
        }
        return evidence
    }

    private static func pulse(every interval: Double, to end: Double = 300) -> PulseEvidence {
        var evidence = PulseEvidence()
        var seconds = 280.0
        while seconds < end {
            evidence.beats.append(PulseBeat(seconds: seconds, rise: 1, riseSeconds: 0.2))
            seconds += interval
        }
        return evidence
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let kind: AlarmKind
        let isTrue: Bool
        var leads: [LeadEvidence] = []
        var pulses: [PulseEvidence] = []
    }

    static let cases = [
        Case(testDescription: "nothing to judge by", kind: .asystole, isTrue: true),
        Case(
            testDescription: "beats go on", kind: .asystole, isTrue: false,
            leads: [lead(every: 0.8)]),
        Case(
            testDescription: "beats have stopped", kind: .asystole, isTrue: true,
            leads: [lead(every: 0.8, to: 295)], pulses: [pulse(every: 0.8, to: 295)]),
        Case(
            testDescription: "the leads are off, the pulse goes on", kind: .asystole, isTrue: false,
            leads: [LeadEvidence()], pulses: [pulse(every: 0.8)]),
        Case(
            testDescription: "one lead stops, no pulse to ask", kind: .asystole, isTrue: true,
            leads: [lead(every: 0.8, to: 295), lead(every: 0.8)]),
        Case(
            testDescription: "complexes of no usual shape do not speak against it", kind: .asystole, isTrue: true,
            leads: [lead(every: 0.5, correlation: 0.3)]),
        Case(testDescription: "35 per minute", kind: .extremeBradycardia, isTrue: true, leads: [lead(every: 1.7)]),
        Case(testDescription: "60 per minute", kind: .extremeBradycardia, isTrue: false, leads: [lead(every: 1)]),
        Case(testDescription: "150 per minute", kind: .extremeTachycardia, isTrue: true, leads: [lead(every: 0.4)]),
        Case(
            testDescription: "80 per minute", kind: .extremeTachycardia, isTrue: false, leads: [lead(every: 0.75)]),
        Case(
            testDescription: "a run of ventricular beats", kind: .ventricularTachycardia, isTrue: true,
            leads: [lead(every: 0.45, .ventricular, correlation: 0.2)]),
        Case(
            testDescription: "usual beats", kind: .ventricularTachycardia, isTrue: false, leads: [lead(every: 0.45)]
        ),
        Case(
            testDescription: "noise like ventricular beats, and a calm pulse", kind: .ventricularTachycardia,
            isTrue: false, leads: [lead(every: 0.45, .ventricular, correlation: 0.2)], pulses: [pulse(every: 0.9)]),
        Case(
            testDescription: "fibrillation", kind: .ventricularFibrillation, isTrue: true,
            leads: [lead(every: 0.3, .ventricular, correlation: 0.2, score: 0.9)]),
        Case(
            testDescription: "fibrillation on one lead, beats on the other", kind: .ventricularFibrillation,
            isTrue: false,
            leads: [lead(every: 0.3, .ventricular, correlation: 0.2, score: 0.9), lead(every: 0.8)]),
        Case(
            testDescription: "fibrillation, and a pulse", kind: .ventricularFibrillation, isTrue: false,
            leads: [lead(every: 0.3, .ventricular, correlation: 0.2, score: 0.9)], pulses: [pulse(every: 0.8)]),
    ]

    @Test(arguments: cases) func `believes what a believable signal bears out`(case: Case) {
        let verdict = AlarmVerifier().verify(`case`.kind, at: 300, leads: `case`.leads, pulses: `case`.pulses)
        #expect(verdict.isTrue == `case`.isTrue)
        #expect(!verdict.reasons.isEmpty)
    }

    @Test(arguments: [62.5, 125, 250, 500]) func `pulses are counted at any rate`(rate: Double) throws {
        var detector = try #require(PulseDetector(sampleRateHz: rate))
        var pulses: [PulseBeat] = []
        // A quick rise, a slow fall and a dicrotic wave, 75 times a minute, until 20 s; then no pulse.
        let wave = (0 ..< Int(30 * rate)).map { index -> Float in
            let seconds = Double(index) / rate
            guard seconds < 20 else { return 0.1 }
            let phase = (seconds / 0.8).truncatingRemainder(dividingBy: 1)
            let main = phase < 0.2 ? phase / 0.2 : (1 - phase) / 0.8
            return Float(main + (phase > 0.45 && phase < 0.55 ? 0.08 : 0))
        }
        detector.append(wave, &pulses)
        #expect((18 ... 21).contains(pulses.count))
        #expect(pulses.allSatisfy { $0.seconds < 20.5 })
        let train = BeatTrain(pulses.map(\.seconds), 4 ... 20)
        #expect(abs(train.usualInterval - 0.8) < 0.03)
    }
}
