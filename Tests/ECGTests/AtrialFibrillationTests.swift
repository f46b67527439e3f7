import Numbers
import Testing
import Vitals

@testable import ECG

@Suite struct `Atrial fibrillation` {
    /// Intervals without order about a mean, from five seconds on.
    private func uneven(_ mean: Double, by share: Double, to end: Double = 120) -> RhythmScene {
        var scene = RhythmScene(length: end + 5)
        var random = TinyRandom(seed: 3)
        var seconds = 5.0
        while seconds < end {
            scene.beats.append((seconds, .normal))
            seconds += mean * (1 + share * 2 * (random.next() - 0.5))
        }
        return scene
    }

    private func episodes(_ scene: RhythmScene) -> [Finding] {
        scene.findings().filter { $0.kind == .atrialFibrillation && $0.phase == .end }
    }

    @Test(arguments: [0.45, 0.65, 0.9])
    func `is told of intervals without order, from the first to the last`(mean: Double) throws {
        let found = episodes(uneven(mean, by: 0.4))
        #expect(found.count == 1)
        let episode = try #require(found.first)
        #expect(episode.startSeconds < 10)
        #expect(try #require(episode.endSeconds) > 110)
    }

    @Test func `is not told of beats behind P waves that stay the same`() {
        var scene = uneven(0.9, by: 0.4)
        scene.wave = 0.15
        #expect(episodes(scene).isEmpty)
    }

    @Test func `is not told where most beats are atrial premature`() {
        var scene = uneven(0.9, by: 0.4)
        for beat in scene.beats.indices.dropFirst()
        where scene.beats[beat].seconds - scene.beats[beat - 1].seconds < 1.05 {
            scene.beats[beat].kind = .supraventricular
        }
        #expect(episodes(scene).isEmpty)
    }

    @Test func `is not told of beats that look like nothing known`() {
        var scene = uneven(0.65, by: 0.4)
        scene.correlation = 0.3
        #expect(episodes(scene).isEmpty)
    }

    /// One to three even beats and an early one, over and over.
    private func early() -> RhythmScene {
        var scene = RhythmScene(length: 125)
        var random = TinyRandom(seed: 5)
        var seconds = 5.0
        while seconds < 120 {
            for _ in 0 ..< Int(1 + 3 * random.next()) {
                scene.beats.append((seconds, .normal))
                seconds += 0.9 + 0.02 * random.next()
            }
            scene.beats.append((seconds, .normal))
            seconds += 0.5 + 0.25 * random.next()
        }
        return scene
    }

    /// Nobody says that the early ones are atrial premature: what is left is how alike the others are.
    @Test func `is not told of early beats between others that are even`() { #expect(episodes(early()).isEmpty) }

    /// The sinus node, faster with each breath in: no two intervals are alike, but those before foretell the next.
    private func breathing(every period: Double, by share: Double) -> RhythmScene {
        var scene = RhythmScene(length: 125)
        var random = TinyRandom(seed: 11)
        var seconds = 5.0
        while seconds < 120 {
            scene.beats.append((seconds, .normal))
            let swing = Mathematics.sin(2 * Double.pi * seconds / period)
            seconds += 0.9 * (1 + share * swing + 0.06 * (random.next() - 0.5))
        }
        return scene
    }

    /// No P wave can be seen: what is left is the breath itself.
    @Test(arguments: [6.3, 7.7], [0.3, 0.4])
    func `is not told of deep breath`(period: Double, share: Double) {
        #expect(episodes(breathing(every: period, by: share)).isEmpty)
    }

    /// The share of beats that are classified as in fibrillation.
    private func likely(_ scene: RhythmScene) -> Double {
        var analyzer = RhythmAnalyzer()
        var findings: [Finding] = []
        var yes = 0
        for beat in scene.beats {
            var told = Beat(index: Int(beat.seconds * 200), score: 1, beatClass: beat.kind, confidence: 0.9)
            told.templateCorrelation = 0.98
            analyzer.add(final: told, &findings)
            if analyzer.isAtrialFibrillation { yes += 1 }
        }
        return Double(yes) / Double(max(1, scene.beats.count))
    }

    @Test func `is expected before it is told, but not where there is order`() {
        #expect(likely(uneven(0.65, by: 0.4)) > 0.7)
        #expect(likely(early()) < 0.05)
    }

    @Test func `is not concluded across a long time without intervals`() {
        var scene = RhythmScene(length: 305)
        var random = TinyRandom(seed: 9)
        var seconds = 5.0
        // Three usual beats and 14 s of ventricular ones, over and over.
        while seconds < 300 {
            for _ in 0 ..< 3 {
                scene.beats.append((seconds, .normal))
                seconds += 0.4 + 0.6 * random.next()
            }
            for _ in 0 ..< 20 {
                scene.beats.append((seconds, .ventricular))
                seconds += 0.7
            }
        }
        #expect(episodes(scene).isEmpty)
    }

    @Test func `ends where its intervals do`() throws {
        var scene = uneven(0.7, by: 0.4, to: 80)
        scene.length = 125
        var seconds = 80.0
        while seconds < 120 {
            scene.beats.append((seconds, .ventricular))
            seconds += 0.7
        }
        let ends = scene.findings().filter { $0.kind == .atrialFibrillation && $0.phase == .end }
        let end = try #require(ends.first)
        #expect(ends.count == 1)
        #expect(abs(try #require(end.endSeconds) - 80) < 2)
        #expect(end.announcedSeconds < 100)
    }
}
