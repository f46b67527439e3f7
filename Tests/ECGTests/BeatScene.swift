@testable import ECG

/// A heart made of Gauss bells, for tests: one lead of clean signal with the beats that are asked for.
struct BeatScene {
    /// `otherBranch` is as narrow as `normal`, and points the other way; `rapid` has no time for a P and a T wave.
    enum Kind { case normal, ventricular, atrial, otherBranch, rapid }

    /// Seconds since the start, and what beats there.
    var beats: [(seconds: Double, kind: Kind)] = []

    /// Bells: when (s) about the R peak, how wide (s), how high (mV).
    private static let normalBells: [(Double, Double, Double)] = [
        (-0.17, 0.022, 0.12), (-0.026, 0.009, -0.1), (0, 0.011, 1.1), (0.03, 0.01, -0.2), (0.27, 0.045, 0.28),
    ]
    private static let ventricularBells: [(Double, Double, Double)] = [
        (-0.01, 0.035, 1.6), (0.075, 0.035, -0.8), (0.29, 0.06, -0.5),
    ]
    /// The P wave is another, and nearer.
    private static let atrialBells: [(Double, Double, Double)] = [
        (-0.14, 0.022, -0.1), (-0.026, 0.009, -0.1), (0, 0.011, 1.1), (0.03, 0.01, -0.2), (0.27, 0.045, 0.28),
    ]

    private static let otherBranchBells: [(Double, Double, Double)] = [
        (-0.17, 0.022, 0.12), (-0.026, 0.009, 0.2), (0, 0.011, -1.1), (0.03, 0.01, 0.3), (0.27, 0.045, 0.28),
    ]

    private static let rapidBells: [(Double, Double, Double)] = [
        (-0.026, 0.009, -0.1), (0, 0.011, 1.1), (0.03, 0.01, -0.2),
    ]

    var sampleCount: Int { Int(((beats.last?.seconds ?? 0) + 2) * 200) }

    /// Sinus rhythm of `count` beats, with every `period`th one premature and of `kind`, and a pause behind it.
    init(count: Int, interval: Double = 0.8, every period: Int, _ kind: Kind) {
        var seconds = 1.0
        var noise: UInt64 = 9
        for beat in 0 ..< count {
            noise = noise &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let jitter = Double(noise >> 40) / Double(1 << 24) * 0.02
            let isEctopic = beat > 5 && beat.isMultiple(of: period)
            if isEctopic { seconds -= interval * 0.36 }
            beats.append((seconds, isEctopic ? kind : .normal))
            if isEctopic { seconds += interval * (kind == .ventricular ? 0.36 : 0.1) }
            seconds += interval + jitter
        }
    }

    init(beats: [(seconds: Double, kind: Kind)]) { self.beats = beats }

    func samples() -> [Float] {
        var samples = [Float](repeating: 0, count: sampleCount)
        for (seconds, kind) in beats {
            let bells =
                switch kind {
                case .normal: Self.normalBells
                case .ventricular: Self.ventricularBells
                case .atrial: Self.atrialBells
                case .otherBranch: Self.otherBranchBells
                case .rapid: Self.rapidBells
                }
            for (offset, width, height) in bells {
                let centre = seconds + offset
                let first = max(0, Int((centre - 5 * width) * 200))
                let last = min(samples.count - 1, Int((centre + 5 * width) * 200))
                for index in first ... max(first, last) where index < samples.count {
                    let distance = (Double(index) / 200 - centre) / width
                    samples[index] += Float(height * Self.bell(distance))
                }
            }
        }
        return samples
    }

    /// e^(-x²/2) without the C library: the rational power of a series is near enough for a picture.
    private static func bell(_ x: Double) -> Double {
        let y = 1 + x * x / 2 / 64
        var power = y
        for _ in 0 ..< 6 { power *= power }
        return 1 / power
    }

    /// Runs the classifier over the scene: beats come `latency` samples late, time passes every `chunk` samples.
    func classify(
        latency: Int = 100, chunk: Int = 20, quality: QualitySecond.Grade = .good, fibrillation: Bool = false,
        scale: Float = 1, collectsFeatures: Bool = false
    ) -> ClassifiedBeats {
        var ring = SignalRing()
        var classifier = BeatClassifier()
        var output = ClassifiedBeats(collectsFeatures: collectsFeatures)
        var next = 0
        for (index, sample) in samples().enumerated() {
            ring.append(sample * scale)
            while next < beats.count, Int(beats[next].seconds * 200) + latency <= index {
                let beat = Beat(index: Int(beats[next].seconds * 200), score: 1)
                classifier.add(
                    beat, clean: ring, quality: quality, isAtrialFibrillation: fibrillation, &output)
                next += 1
            }
            if index.isMultiple(of: chunk) { classifier.advance(to: index, clean: ring, &output) }
        }
        classifier.finish(&output)
        return output
    }
}
