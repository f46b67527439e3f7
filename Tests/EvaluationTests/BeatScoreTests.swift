import ECG
import Evaluation
import Testing
import WFDB

@Suite("The score of beats")
struct BeatScoreTests {
    /// A record of 100 Hz: 15 ticks are 150 ms.
    static let rate = 100.0

    static func score(
        _ reference: [(Int, Character)], _ ours: [(Int, BeatClass)], start: Double = 0, seconds: Double = 100
    ) -> ECGScore {
        let file = AnnotationFile(
            annotations: reference.compactMap { sample, letter in
                AnnotationCode(symbol: letter).map { Annotation(sample: sample, code: $0) }
            })
        return ECGScore(
            output(ours, seconds: seconds),
            reference: ReferenceECG(file, sampleRateHz: rate, seconds: seconds), startSeconds: start)
    }

    static func output(_ beats: [(Int, BeatClass)], seconds: Double) -> ECGTranscript {
        var output = ECGTranscript()
        output.sampleRateHz = rate
        output.sampleCount = Int(seconds * rate)
        output.beats = beats.map { sample, beatClass in
            // Working samples are half as long.
            .init(
                Beat(index: sample * 2, score: 1, beatClass: beatClass),
                announcedSeconds: Double(sample) / rate + 0.5)
        }
        return output
    }

    @Test(
        "matches within 150 ms, one to one, the nearest",
        arguments: [
            ([100], [115], 1, 0, 0), ([100], [116], 0, 1, 1), ([100], [85], 1, 0, 0), ([100], [84], 0, 1, 1),
            ([100], [95, 105], 1, 1, 0), ([100, 110], [105], 1, 0, 1), ([100, 110], [98, 109], 2, 0, 0),
            ([100, 112], [110, 113], 1, 1, 1), ([], [5], 0, 1, 0), ([5], [], 0, 0, 1), ([], [], 0, 0, 0),
        ])
    func matching(reference: [Int], ours: [Int], tp: Int, fp: Int, fn: Int) {
        let score = Self.score(reference.map { ($0, "N") }, ours.map { ($0, .normal) }).beats
        #expect([score.truePositives, score.falsePositives, score.falseNegatives] == [tp, fp, fn])
    }

    @Test("counts shares in percent, and none of nothing")
    func shares() {
        let score = Self.score(
            [(100, "N"), (200, "N"), (300, "N"), (400, "N")], [(101, .normal), (203, .normal), (250, .normal)])
        #expect(score.beats.sensitivity == 50)
        #expect(abs((score.beats.positivePredictivity ?? 0) - 200 / 3) < 1e-9)
        #expect(score.beats.detectionErrorRate == 75)
        #expect(abs((score.beats.offsetMilliseconds?.mean ?? 0) - 20) < 1e-9)
        #expect(abs((score.beats.offsetMilliseconds?.deviation ?? 0) - 10) < 1e-9)
        #expect(abs((score.beatDelay.secondsMean ?? 0) - 0.5) < 1e-9)
        let nothing = Self.score([], []).beats
        #expect(nothing.sensitivity == nil)
        #expect(nothing.positivePredictivity == nil)
    }

    @Test("sets ventricular flutter and fibrillation aside")
    func fibrillation() {
        let score = Self.score(
            [(100, "N"), (200, "["), (220, "!"), (250, "V"), (300, "]"), (400, "N")],
            [(100, .normal), (210, .normal), (250, .ventricular), (290, .normal), (350, .normal), (400, .normal)])
        #expect([score.beats.truePositives, score.beats.falsePositives, score.beats.falseNegatives] == [2, 1, 0])
        // A span that nobody closes lasts to the end of the record.
        let open = Self.score([(100, "N"), (200, "[")], [(100, .normal), (9000, .normal)])
        #expect([open.beats.truePositives, open.beats.falsePositives] == [1, 0])
    }

    @Test("leaves out what is before the start")
    func start() {
        let score = Self.score([(100, "N"), (600, "N"), (700, "N")], [(50, .normal), (601, .normal)], start: 5)
        #expect([score.beats.truePositives, score.beats.falsePositives, score.beats.falseNegatives] == [1, 0, 1])
    }

    @Test("puts WFDB's letters into the classes of EC57")
    func mapping() {
        let classes: [(String, BeatClass)] = [
            ("NLRBejn", .normal), ("AaJS", .supraventricular), ("VEr", .ventricular), ("F", .fusion),
            ("/fQ?", .unclassifiable),
        ]
        for (letters, beatClass) in classes {
            for letter in letters { #expect(AnnotationCode(symbol: letter).flatMap(BeatClass.init) == beatClass) }
        }
        for letter in "~|+\"![]xs" { #expect(AnnotationCode(symbol: letter).flatMap(BeatClass.init) == nil) }
    }

    @Test("counts ectopic beats as EC57 does: fused and unclassed ones are excused")
    func ectopic() {
        let pairs: [(Character, BeatClass?)] = [
            ("V", .ventricular), ("V", .ventricular), ("V", .normal), ("V", nil), ("N", .ventricular),
            ("A", .ventricular), ("F", .ventricular), ("/", .ventricular), ("A", .supraventricular), ("A", .normal),
            ("N", .supraventricular), ("V", .supraventricular), ("F", .supraventricular), ("/", .supraventricular),
        ]
        var ours = pairs.enumerated().compactMap { index, pair in pair.1.map { (100 * (index + 1), $0) } }
        ours.append((5000, .ventricular))
        let score = Self.score(pairs.enumerated().map { (100 * ($0 + 1), $1.0) }, ours).beats
        let ventricular = score.ectopic(.ventricular)
        #expect(ventricular == (2, 3, 3))
        let supraventricular = score.ectopic(.supraventricular)
        #expect(supraventricular == (1, 2, 3))
        #expect(score.matrix[2][5] == 1)
        #expect(score.matrix[5][2] == 1)
    }

    @Test("is the sum of its records")
    func sum() {
        var total = ECGScore()
        let one = Self.score([(100, "N"), (200, "V")], [(100, .normal)])
        let two = Self.score([(100, "N")], [(105, .normal), (300, .ventricular)])
        total += one
        total += two
        #expect([total.beats.truePositives, total.beats.falsePositives, total.beats.falseNegatives] == [2, 1, 1])
        #expect(total.seconds == 200)
        #expect(abs((total.beats.offsetMilliseconds?.mean ?? 0) - 25) < 1e-9)
    }
}
