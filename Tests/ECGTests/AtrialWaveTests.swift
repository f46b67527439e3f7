import Testing

@testable import ECG

@Suite struct `What a beat is compared with` {
    private func feature(_ feature: BeatFeature, _ output: ClassifiedBeats, _ beat: Int) -> Float {
        output.finalFeatures[beat][feature.rawValue]
    }

    /// Sinus rhythm with a beat of `kind` 0.42 s behind every eighth: its P wave would be on the T wave's top.
    private func early(_ kind: BeatScene.Kind) -> BeatScene {
        var beats: [(seconds: Double, kind: BeatScene.Kind)] = []
        var seconds = 1.0
        for beat in 0 ..< 96 {
            let isEarly = beat % 8 == 7
            seconds += isEarly ? 0.42 : beat % 8 == 0 ? 1.1 : 0.8
            beats.append((seconds, isEarly ? kind : .normal))
        }
        return BeatScene(beats: beats)
    }

    @Test func `shows a P wave on the T wave of the beat before`() {
        let output = early(.atrial).classify(collectsFeatures: true)
        for beat in stride(from: 39, to: 96, by: 8) {
            let usual = feature(.usualAtrialWave, output, beat)
            #expect(usual > 0.03)
            #expect(feature(.atrialWaveHeight, output, beat) > 0.5 * usual)
            // It points the other way.
            #expect(feature(.atrialWaveOpposite, output, beat) > 0.5)
        }
    }

    @Test func `shows none where only a T wave is`() {
        let output = early(.ventricular).classify(collectsFeatures: true)
        for beat in stride(from: 39, to: 96, by: 8) {
            #expect(feature(.atrialWaveToUsual, output, beat) < 0.3)
            #expect(feature(.atrialWaveOpposite, output, beat) < 0.3)
        }
    }

    @Test func `shows the usual one before a usual beat`() {
        let output = early(.ventricular).classify(collectsFeatures: true)
        for beat in 40 ..< 96 where beat % 8 > 1 && beat % 8 < 7 {
            #expect(abs(feature(.atrialWaveToUsual, output, beat) - 1) < 0.2)
            #expect(abs(feature(.atrialWaveLagMilliseconds, output, beat)) < 15)
        }
    }

    /// So many normal beats, then others of a kind as slow.
    private func followed(by kind: BeatScene.Kind, _ count: Int) -> ClassifiedBeats {
        var scene = BeatScene(count: 120, every: 1000, .normal)
        for _ in 0 ..< count { scene.beats.append((scene.beats[scene.beats.count - 1].seconds + 0.8, kind)) }
        return scene.classify(collectsFeatures: true)
    }

    @Test func `is another shape soon, when that is as narrow as the usual one`() {
        let output = followed(by: .otherBranch, 60)
        #expect(feature(.dominantCorrelation, output, 122) < 0.5)
        #expect(feature(.dominantCorrelation, output, 179) > 0.95)
    }

    @Test func `is no wide one that has only come lately`() {
        let output = followed(by: .ventricular, 60)
        #expect(feature(.dominantCorrelation, output, 179) < 0.8)
    }

    /// What the T wave of a slow beat was is not where a complex is in a fast run: taken away there it would make
    /// narrow complexes wide, and a tachycardia ventricular.
    @Test func `is left as it is in a fast run`() {
        var scene = BeatScene(count: 120, every: 1000, .normal)
        for _ in 0 ..< 40 { scene.beats.append((scene.beats[scene.beats.count - 1].seconds + 0.27, .rapid)) }
        let output = scene.classify(collectsFeatures: true)
        for beat in 121 ..< 160 {
            #expect(feature(.dominantCorrelation, output, beat) > 0.995)
            #expect(feature(.dominantDifference, output, beat) < 0.02)
        }
        #expect(output.final.suffix(40).allSatisfy { $0.beatClass != .ventricular })
    }
}
