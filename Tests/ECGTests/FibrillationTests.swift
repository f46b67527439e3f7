import Numbers
import Testing
import Vitals

@testable import ECG

@Suite struct `Fibrillation` {
    /// Intervals as in atrial fibrillation: each drawn for itself.
    private static func irregular(_ scene: inout RhythmScene, from start: Double, to end: Double) {
        var random = TinyRandom(seed: 3)
        var seconds = start
        while seconds < end {
            scene.beats.append((seconds, .normal))
            seconds += 0.45 + 0.55 * random.next()
        }
    }

    @Test func `of the atria is dated back to its first beats, and ends`() throws {
        var scene = RhythmScene(length: 300)
        scene.add(every: 0.8, from: 0.5, to: 100)
        Self.irregular(&scene, from: 100, to: 200)
        scene.add(every: 0.8, from: 200, to: 300)
        let findings = scene.findings().filter { $0.kind == .atrialFibrillation }
        let end = try #require(findings.last)
        #expect(findings.map(\.phase) == [.begin, .end])
        #expect(abs(end.startSeconds - 100) < 10)
        #expect(abs((end.endSeconds ?? 0) - 200) < 10)
        #expect(findings[0].announcedSeconds < 160)
    }

    @Test(arguments: ["breath", "bigeminy", "ectopy"])
    func `of the atria is not what else makes intervals differ`(kind: String) {
        var scene = RhythmScene(length: 300)
        var random = TinyRandom(seed: 5)
        var seconds = 0.5
        var count = 0
        while seconds < 300 {
            count += 1
            let isEarly = kind == "bigeminy" ? count % 2 == 0 : kind == "ectopy" && random.next() < 0.15
            scene.beats.append((seconds, isEarly ? .ventricular : .normal))
            switch kind {
            case "breath": seconds += 0.95 + 0.12 * Mathematics.sin(seconds * 1.4)
            default: seconds += isEarly ? 1.1 : 0.7 + 0.02 * random.next()
            }
        }
        #expect(scene.findings().allSatisfy { $0.kind != .atrialFibrillation })
    }

    @Test func `of the atria is not told while the same P wave comes before each beat`() {
        for height in [0, 0.15] as [Float] {
            var scene = RhythmScene(length: 200)
            scene.wave = height
            Self.irregular(&scene, from: 0.5, to: 200)
            let isTold = scene.findings().contains { $0.kind == .atrialFibrillation }
            #expect(isTold == (height == 0))
        }
    }

    @Test(arguments: [0, 3, 7])
    func `of the atria is not told where most beats are atrial premature ones`(ectopicOfTen: Int) {
        var scene = RhythmScene(length: 200)
        // As small as the noise: not alike enough by themselves.
        scene.wave = 0.004
        Self.irregular(&scene, from: 0.5, to: 200)
        for place in scene.beats.indices where place % 10 < ectopicOfTen {
            scene.beats[place].kind = .supraventricular
        }
        #expect(scene.findings().contains { $0.kind == .atrialFibrillation } == (ectopicOfTen < 5))
    }

    @Test func `of the atria is not read from seconds that cannot be believed`() {
        var scene = RhythmScene(length: 200)
        Self.irregular(&scene, from: 0.5, to: 200)
        scene.grade = { $0 > 4 ? (.bad, .noise) : (.good, []) }
        #expect(!scene.findings().contains { $0.kind == .atrialFibrillation })
    }

    @Test func `of the atria leaves out what lies in unusable seconds, the last 64`() {
        var seconds = UnusableSeconds()
        for second in 0 ..< 200 { seconds.add(second, isUnusable: second == 150) }
        #expect(seconds.has(from: 149.2, to: 150.1) && seconds.has(from: 150.9, to: 152))
        #expect(!seconds.has(from: 148, to: 149.9) && !seconds.has(from: 151, to: 260))
        seconds.mark(from: 195.5)
        #expect(seconds.has(from: 199, to: 199.5) && !seconds.has(from: 193, to: 194.9))
        for second in 200 ..< 264 { seconds.add(second, isUnusable: false) }
        #expect(!seconds.has(from: 140, to: 300))
        seconds.add(1_000_000, isUnusable: true)
        #expect(seconds.has(from: 0, to: 2_000_000) && !seconds.has(from: .nan, to: .infinity))
    }

    @Test func `of the ventricles is told within seconds of its onset, and ends`() throws {
        var scene = RhythmScene(length: 90)
        scene.add(every: 0.8, from: 0.5, to: 30)
        scene.add(every: 0.8, from: 60, to: 90)
        scene.instead = { seconds in
            guard seconds > 30, seconds < 60 else { return nil }
            let swell = 0.7 + 0.3 * Mathematics.sin(seconds * 2.1)
            let phase = seconds * 31 + 1.3 * Mathematics.sin(seconds * 3.7)
            return Float(0.6 * swell * Mathematics.sin(phase))
        }
        let findings = scene.findings().filter { $0.kind == .ventricularFibrillation }
        #expect(findings.map(\.phase) == [.begin, .end])
        let end = try #require(findings.last)
        #expect(findings[0].announcedSeconds <= 36.5)
        #expect(abs(end.startSeconds - 30) < 3 && abs((end.endSeconds ?? 0) - 60) < 4)
    }

    @Test func `of the ventricles is not seen in noise, nor where there is nothing`() {
        for amplitude in [0, 0.02, 0.3] as [Float] {
            var scene = RhythmScene(length: 60)
            scene.add(every: 0.8, from: 0.5, to: 60)
            scene.noise = amplitude
            #expect(scene.findings().allSatisfy { $0.kind != .ventricularFibrillation })
        }
    }

    private static func veto(_ correlations: [Float], every samples: Int) -> FibrillationVeto {
        var veto = FibrillationVeto()
        for (index, correlation) in correlations.enumerated() {
            var beat = Beat(index: index * samples, score: 0.9)
            beat.templateCorrelation = correlation
            veto.add(beat)
        }
        return veto
    }

    @Test func `has a veto while the usual complexes go on`() {
        let veto = Self.veto(Array(repeating: 0.97, count: 6), every: 160)
        #expect(veto.weight(at: 4.5) == .certain)
        #expect(veto.weight(at: 7) == .none)
    }

    @Test func `has less of a veto when as many other complexes lie between the usual ones`() {
        let mixed = Self.veto([0.95, 0.1, 0.95, -0.4, 0.95, 0.3, 0.95, 0.2], every: 80)
        #expect(mixed.weight(at: 3) == .doubtful)
        let few = Self.veto([0.95, 0.95, 0.95, -0.4, 0.95, 0.95, 0.95, 0.2], every: 80)
        #expect(few.weight(at: 3) == .certain)
    }

    @Test func `features are finite and as many as the weights ask for`() {
        var window = FibrillationWindow()
        var spectrum = SmallSpectrum()
        for value in [Float.nan, .infinity, 0, 1e30] {
            var ring = SignalRing()
            for _ in 0 ..< 1200 { ring.append(value) }
            for second in 0 ..< 5 { window.append(second: second, of: ring) }
            let features = FibrillationFeature.compute(window, &spectrum)
            #expect(features.count == FibrillationModel.trees.featureCount)
            #expect(!features.contains { !$0.isFinite })
        }
    }

    @Test(arguments: [2.0, 5, 9])
    func `spectrum has its peak where the sine is`(hertz: Double) {
        var spectrum = SmallSpectrum()
        let sine = (0 ..< 250).map { Float(Mathematics.sin(2 * Double.pi * hertz * Double($0) / 50)) }
        let powers = spectrum.powers(of: sine, mean: sine.reduce(0, +) / Float(sine.count))
        let peak = powers.indices.max { powers[$0] < powers[$1] } ?? 0
        #expect(abs(Double(peak) * 50 / 256 - hertz) < 0.2)
    }
}
