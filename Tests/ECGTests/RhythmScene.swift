import Vitals

@testable import ECG

/// A stretch of rhythm: beats with their classes, and a clean signal that goes with them.
struct RhythmScene {
    var beats: [(seconds: Double, kind: BeatClass)] = []
    var length = 60.0
    /// Noise of a body at rest, in millivolts; zero is the signal of no electrode at all.
    var noise: Float = 0.01
    /// Height of a P wave before each beat, in millivolts.
    var wave: Float = 0
    /// Of each beat that is not ventricular with the usual one.
    var correlation: Float = 0.98
    /// Put instead of the signal, in millivolts, where it is not nil.
    var instead: @Sendable (Double) -> Float? = { _ in nil }
    var grade: @Sendable (Int) -> (QualitySecond.Grade, QualityReasons) = { _ in (.good, []) }

    init(length: Double) { self.length = length }

    /// Beats at the same distance from `start` to `end`.
    mutating func add(every interval: Double, from start: Double, to end: Double) {
        var seconds = start
        while seconds < end {
            beats.append((seconds, .normal))
            seconds += interval
        }
    }

    /// As the analyzer is told of it in the program: beats half a second late, final ten beats later.
    func findings(of analyzer: inout RhythmAnalyzer) -> [Finding] {
        var findings: [Finding] = []
        var ring = SignalRing()
        var random = TinyRandom(seed: 7)
        let told = beats.map { beat in
            var told = Beat(
                index: Int(beat.seconds * 200), score: 1, beatClass: beat.kind, confidence: 0.9)
            told.templateCorrelation = beat.kind == .ventricular ? 0.2 : correlation
            return told
        }
        var (next, provisional, final) = (0, 0, 0)
        for index in 0 ..< Int(length * 200) {
            let seconds = Double(index) / 200
            while next < told.count, told[next].index < index - 20 { next += 1 }
            var value = noise * Float(random.next() - 0.5) * 2
            for beat in told[next ..< min(next + 2, told.count)] {
                let distance = Float(index - beat.index) / 4
                value += 1 / (1 + distance * distance * distance * distance)
                let before = Float(index - beat.index + 32) / 6
                value += wave / (1 + before * before * before * before)
            }
            ring.append(instead(seconds) ?? value)
            while provisional < told.count, told[provisional].index + 105 <= index {
                analyzer.add(provisional: told[provisional], clean: ring, &findings)
                provisional += 1
                while provisional - final > 10 {
                    analyzer.add(final: told[final], &findings)
                    final += 1
                }
            }
            if index % 200 == 199 {
                let (grade, reasons) = self.grade(index / 200)
                let second = QualitySecond(second: index / 200, grade: grade, reasons: reasons)
                analyzer.add(second, clean: ring, &findings)
            }
            if index % 25 == 24 { analyzer.advance(settled: index - 119, clean: ring, &findings) }
        }
        while final < told.count {
            analyzer.add(final: told[final], &findings)
            final += 1
        }
        analyzer.finish(atSeconds: length, &findings)
        return findings
    }

    func findings() -> [Finding] {
        var analyzer = RhythmAnalyzer()
        return findings(of: &analyzer)
    }
}

/// Numbers from 0 to 1 that are the same every time.
struct TinyRandom {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Double((mixed ^ (mixed >> 31)) >> 11) / Double(1 << 53)
    }
}
