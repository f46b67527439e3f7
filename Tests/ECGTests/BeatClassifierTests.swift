import Numbers
import Testing

@testable import ECG

@Suite struct `Beat classifier` {
    @Test func `tells wide premature beats from the usual ones`() {
        let scene = BeatScene(count: 120, every: 7, .ventricular)
        let output = scene.classify()
        let wrong = zip(scene.beats, output.final).filter { truth, beat in
            (truth.kind == .ventricular) != (beat.beatClass == .ventricular)
        }
        #expect(output.final.count == scene.beats.count)
        #expect(wrong.count <= 1)
    }

    @Test func `tells early beats of the usual shape`() {
        let scene = BeatScene(count: 120, every: 9, .atrial)
        let output = scene.classify()
        let atrial = zip(scene.beats, output.final).filter { $0.0.kind == .atrial }
        let found = atrial.filter { $0.1.beatClass == .supraventricular }
        let others = zip(scene.beats, output.final).filter { $0.0.kind == .normal && $0.1.beatClass != .normal }
        #expect(found.count * 10 >= atrial.count * 9)
        #expect(others.count <= 1)
    }

    @Test func `says no beat is supraventricular while the atria fibrillate`() {
        let output = BeatScene(count: 60, every: 9, .atrial).classify(fibrillation: true)
        #expect(output.final.allSatisfy { $0.beatClass != .supraventricular })
    }

    @Test func `says every beat once provisionally and once for good, in order`() {
        let scene = BeatScene(count: 80, every: 7, .ventricular)
        let output = scene.classify()
        let indices = scene.beats.map { Int($0.seconds * 200) }
        #expect(output.provisional.map(\.index) == indices)
        #expect(output.final.map(\.index) == indices)
    }

    @Test func `says the same however the signal comes`() {
        let scene = BeatScene(count: 80, every: 7, .ventricular)
        let one = scene.classify(latency: 100, chunk: 1)
        for (latency, chunk) in [(100, 1000), (60, 7), (190, 333)] {
            let other = scene.classify(latency: latency, chunk: chunk)
            #expect(other.final == one.final)
            #expect(other.provisional == one.provisional)
        }
    }

    @Test func `knows a ventricular beat before the next one`() {
        var scene = BeatScene(count: 40, every: 100, .ventricular)
        let last = scene.beats[39].seconds
        scene.beats.append((last + 0.5, .ventricular))
        var ring = SignalRing()
        var classifier = BeatClassifier()
        var output = ClassifiedBeats()
        var next = 0
        for sample in scene.samples() {
            ring.append(sample)
            if next < 41, Int(scene.beats[next].seconds * 200) + 90 <= ring.endIndex {
                let beat = Beat(index: Int(scene.beats[next].seconds * 200), score: 1)
                classifier.add(beat, clean: ring, quality: .good, isAtrialFibrillation: false, &output)
                next += 1
            }
            if ring.endIndex == Int((last + 0.5) * 200) + 95 { break }
        }
        #expect(output.provisional.count == 41)
        #expect(output.provisional.last?.beatClass == .ventricular)
        #expect(output.final.count == 31)
    }

    @Test func `does not wait for successors that do not come`() {
        let scene = BeatScene(count: 20, every: 100, .ventricular)
        var ring = SignalRing()
        for sample in scene.samples() { ring.append(sample) }
        var classifier = BeatClassifier()
        var output = ClassifiedBeats()
        for beat in scene.beats {
            classifier.add(
                Beat(index: Int(beat.seconds * 200), score: 1), clean: ring, quality: .good,
                isAtrialFibrillation: false, &output)
        }
        #expect(output.final.count == 10)
        classifier.advance(to: Int(scene.beats[19].seconds * 200) + 4000, clean: ring, &output)
        #expect(output.final.count == 20)
    }

    @Test func `takes no interval across a gap`() {
        var beats = BeatScene(count: 40, every: 100, .normal).beats
        for index in 20 ..< 40 { beats[index].seconds += 5 }
        let scene = BeatScene(beats: beats)
        var ring = SignalRing()
        var classifier = BeatClassifier()
        var output = ClassifiedBeats()
        let samples = scene.samples()
        for (number, beat) in beats.enumerated() {
            let index = Int(beat.seconds * 200)
            while ring.endIndex < index + 90 { ring.append(samples[ring.endIndex]) }
            if number == 20 { classifier.interrupt() }
            classifier.add(
                Beat(index: index, score: 1), clean: ring, quality: .good, isAtrialFibrillation: false, &output)
        }
        classifier.finish(&output)
        #expect(output.final.count == 40)
        #expect(output.final.allSatisfy { $0.beatClass == .normal })
    }

    @Test func `has one input for each feature, and models that ask for no other`() {
        #expect(BeatFeatures().values.count == BeatFeature.allCases.count)
        #expect(ProvisionalBeatModel.trees.featureCount == BeatFeature.allCases.count)
        #expect(VentricularBeatModel.trees.featureCount == BeatFeature.allCases.count)
        #expect(SupraventricularBeatModel.trees.featureCount == BeatFeature.allCases.count)
    }

    @Test func `keeps what is no number away from the models`() {
        var features = BeatFeatures()
        for value in [Float.nan, .infinity, -.infinity, .greatestFiniteMagnitude] {
            features[.area] = value
            #expect(features[.area].isFinite)
        }
    }

    @Test(arguments: [0.25, 4, -1]) func `does not mind how large the signal is, nor which way it points`(
        scale: Float
    ) {
        let scene = BeatScene(count: 90, every: 7, .ventricular)
        let usual = scene.classify()
        let other = scene.classify(scale: scale)
        let differing = zip(usual.final, other.final).filter { $0.beatClass != $1.beatClass }
        #expect(differing.count <= 1)
    }

    @Test func `doubts classes where the signal is bad`() {
        let scene = BeatScene(count: 40, every: 9, .atrial)
        let good = scene.classify()
        let bad = scene.classify(quality: .bad)
        #expect(bad.final.allSatisfy { $0.beatClass != .supraventricular })
        #expect(bad.final.map(\.confidence).reduce(0, +) < good.final.map(\.confidence).reduce(0, +))
    }

    @Test func `survives whatever comes`() {
        var random = UInt64(77)
        func draw(_ bound: Int) -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(random >> 33) % bound
        }
        let strange: [Float] = [.nan, .infinity, -.infinity, .greatestFiniteMagnitude, 0, -1e30, 1e-30, 5]
        let indices = [0, 0, -1, Int.max, Int.min, 5, 1_000_000, 200, 201, 200]
        var ring = SignalRing()
        var classifier = BeatClassifier()
        var output = ClassifiedBeats()
        var count = 0
        for step in 0 ..< 4000 {
            ring.append(strange[draw(strange.count)])
            if draw(5) == 0 {
                let index = draw(3) == 0 ? indices[draw(indices.count)] : step - draw(300)
                let beat = Beat(index: index, fraction: strange[draw(strange.count)], score: .nan)
                classifier.add(
                    beat, clean: ring, quality: draw(2) == 0 ? .bad : .good, isAtrialFibrillation: draw(2) == 0,
                    &output)
                count += 1
            }
            if draw(50) == 0 { classifier.interrupt() }
            if draw(9) == 0 { classifier.advance(to: indices[draw(indices.count)], clean: ring, &output) }
        }
        classifier.finish(&output)
        #expect(output.final.count == count)
        #expect(output.provisional.count == count)
        #expect(output.final.allSatisfy { $0.confidence >= 0 && $0.confidence <= 1 })
    }
}
