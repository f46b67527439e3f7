import ECG
import Evaluation
import Testing
import WFDB

@Suite("The score of rhythms and alarms")
struct RhythmScoreTests {
    static let rate = 100.0

    static func reference(
        _ marks: [(Double, Character, String)], beats: [Double] = [], seconds: Double
    ) -> ReferenceECG {
        let annotations =
            marks.compactMap { second, letter, text in
                AnnotationCode(symbol: letter).map { Annotation(sample: Int(second * rate), code: $0, text: text) }
            } + beats.map { Annotation(sample: Int(($0 * rate).rounded()), code: .normal) }
        return ReferenceECG(AnnotationFile(annotations: annotations), sampleRateHz: rate, seconds: seconds)
    }

    static func output(_ findings: [Finding], seconds: Double) -> ECGTranscript {
        var output = ECGTranscript()
        output.sampleRateHz = rate
        output.sampleCount = Int(seconds * rate)
        output.take(findings)
        return output
    }

    static func episode(_ kind: Finding.Kind, _ start: Double, _ end: Double, told: Double? = nil) -> [Finding] {
        [
            Finding(kind, .begin, startSeconds: start, announcedSeconds: told ?? start),
            Finding(kind, .end, startSeconds: start, endSeconds: end, announcedSeconds: end),
        ]
    }

    @Test("counts seconds and episodes of atrial fibrillation; flutter counts neither way")
    func atrialFibrillation() {
        let truth = Self.reference(
            [(0, "+", "(N"), (100, "+", "(AFIB\0"), (200, "+", "(AFL"), (300, "+", "(N"), (400, "+", "(AFIB")],
            seconds: 500)
        let output = Self.output(
            Self.episode(.atrialFibrillation, 110, 250) + Self.episode(.atrialFibrillation, 330, 350), seconds: 500)
        let score = ECGScore(output, reference: truth).atrialFibrillation
        #expect(score.truePositiveSeconds == 90)
        #expect(score.falseNegativeSeconds == 110)
        #expect(score.falsePositiveSeconds == 20)
        #expect(score.trueNegativeSeconds == 180)
        #expect(score.sensitivity == 45)
        #expect(score.specificity == 90)
        #expect([score.referenceEpisodes, score.referenceEpisodesFound] == [2, 1])
        #expect([score.foundEpisodes, score.foundEpisodesTrue] == [2, 1])
    }

    @Test("counts ventricular fibrillation by seconds and by windows; what never ends lasts to the end")
    func fibrillation() {
        let truth = Self.reference(
            [(100, "[", ""), (200, "]", ""), (300, "+", "(VT"), (310, "+", "(N")], seconds: 400)
        let findings =
            Self.episode(.ventricularFibrillation, 110, 190) + Self.episode(.ventricularTachycardia, 302, 309)
            + [Finding(.ventricularFibrillation, .begin, startSeconds: 390, announcedSeconds: 394)]
        let score = ECGScore(Self.output(findings, seconds: 400), reference: truth)
        #expect(score.ventricularFibrillation.sensitivity == 80)
        #expect(score.ventricularFibrillation.falsePositiveSeconds == 10)
        #expect(score.ventricularFibrillation.trueNegativeSeconds == 280)
        #expect(score.ventricularTachyarrhythmia.truePositiveSeconds == 87)
        let windows = score.ventricularFibrillation.windows
        // 98 windows hold at least 80 % of it; those from 108 to 187 s are half found or more.
        #expect(windows.truePositives + windows.falseNegatives == 98)
        #expect(windows.truePositives == 80)
        #expect(windows.falsePositives == 8)
    }

    @Test("calls an alarm true when the reference has its reason, and tells how late it was")
    func alarms() {
        let beats = stride(from: 0.5, to: 60, by: 0.8).map { $0 } + stride(from: 70, to: 100, by: 0.8).map { $0 }
        let truth = Self.reference([], beats: beats, seconds: 100)
        let findings =
            [Finding(.asystole, .begin, startSeconds: 59.7, announcedSeconds: 63.9)]
            + [Finding(.ventricularFibrillation, .begin, startSeconds: 20, announcedSeconds: 24)]
        let score = ECGScore(Self.output(findings, seconds: 100), reference: truth)
        let asystole = score.alarms[.asystole]
        #expect([asystole?.trueAlarms, asystole?.falseAlarms, asystole?.referenceEventsFound] == [1, 0, 1])
        #expect(abs((asystole?.delaySecondsMax ?? 0) - 4.2) < 1e-9)
        #expect(score.alarms[.ventricularFibrillation]?.falseAlarms == 1)
        #expect(score.falseAlarms == 1)
        #expect(abs((score.falseAlarmsPerHour ?? 0) - 36) < 1e-9)
    }

    @Test("calls an alarm neither true nor false without a reference, unless nothing happened")
    func withoutReference() {
        let output = Self.output(
            [Finding(.asystole, .begin, startSeconds: 5, announcedSeconds: 9)], seconds: 3600)
        let open = ECGScore(output, reference: nil)
        #expect(!open.hasReference)
        #expect(open.alarms[.asystole]?.unjudgedAlarms == 1)
        #expect(open.falseAlarmsPerHour == nil)
        #expect(open.findings[.asystole] == 1)
        let healthy = ECGScore(output, reference: nil, isWithoutEvents: true)
        #expect(healthy.falseAlarms == 1)
        #expect(healthy.falseAlarmsPerHour == 1)
    }

    @Test("knows fast, slow and ventricular runs from the reference's beats")
    func rates() {
        let slow = Self.reference([], beats: stride(from: 1, to: 50, by: 1.7).map { $0 }, seconds: 50)
        let fast = Self.reference([], beats: stride(from: 1, to: 50, by: 0.4).map { $0 }, seconds: 50)
        let findings = [
            Finding(.extremeBradycardia, .begin, startSeconds: 1, announcedSeconds: 9),
            Finding(.extremeTachycardia, .begin, startSeconds: 1, announcedSeconds: 9),
        ]
        let output = Self.output(findings, seconds: 50)
        let one = ECGScore(output, reference: slow)
        #expect(one.alarms[.extremeBradycardia]?.trueAlarms == 1)
        #expect(one.alarms[.extremeTachycardia]?.falseAlarms == 1)
        let two = ECGScore(output, reference: fast)
        #expect(two.alarms[.extremeBradycardia]?.falseAlarms == 1)
        #expect(two.alarms[.extremeTachycardia]?.referenceEvents == 1)
        #expect(two.alarms[.extremeTachycardia]?.trueAlarms == 1)
    }

    @Test("is written for WFDB's tools: rhythm changes and brackets around fibrillation")
    func annotations() throws {
        var output = Self.output(
            Self.episode(.atrialFibrillation, 10, 50) + Self.episode(.ventricularFibrillation, 30, 40), seconds: 60)
        output.beats = [.init(Beat(index: 300, score: 1, beatClass: .ventricular), announcedSeconds: 2)]
        let file = try AnnotationFile(parsing: output.annotationFile.bytes, file: "x.hwa")
        #expect(file.ticksPerSecond == 100)
        let told = file.annotations.map { "\($0.sample) \($0.code.symbol ?? "?")\($0.text)" }
        #expect(
            told == [
                "0 +(N", "150 V", "1000 +(AFIB", "3000 [", "3000 +(VFL", "4000 ]", "4000 +(AFIB", "5000 +(N",
            ])
    }
}
