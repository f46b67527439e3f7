/// A heart that beats as it is told, drawn with bells: P, Q, R, S and T.
struct SyntheticECG {
    var sampleRateHz = 360.0
    /// R peaks, in seconds.
    var beats: [Double]
    var seconds: Double
    var gain: Float = 1
    var offset: Float = 0
    /// Of white noise (mV).
    var noise: Float = 0
    var mainsHz = 0.0
    var mainsMillivolts: Float = 0

    /// A steady rhythm with a little of the breath in it.
    init(beatsPerMinute: Double = 72, seconds: Double, sampleRateHz: Double = 360) {
        self.seconds = seconds
        self.sampleRateHz = sampleRateHz
        beats = []
        var time = 0.35
        while time < seconds - 0.2 {
            beats.append(time)
            time += 60 / beatsPerMinute * (1 + 0.03 * Self.wave(time / 4))
        }
    }

    /// Height (mV), place (s after R) and width (s) of each bell.
    static let bells: [(Float, Double, Double)] = [
        (0.12, -0.17, 0.022), (-0.1, -0.028, 0.009), (1.1, 0, 0.011), (-0.22, 0.03, 0.011), (0.28, 0.27, 0.045),
    ]

    func samples() -> [Float] {
        var random = SplitMix(state: 7)
        return (0 ..< Int(seconds * sampleRateHz)).map { index in
            let time = Double(index) / sampleRateHz
            var value: Float = 0
            for beat in beats where abs(beat - time) < 0.6 {
                for (height, place, width) in Self.bells {
                    let share = (time - beat - place) / width
                    value += height * Float(Self.bell(share))
                }
            }
            value += 0.1 * Float(Self.wave(time / 3.7)) + noise * random.normal()
            value += mainsMillivolts * Float(Self.wave(time * mainsHz))
            return gain * value + offset
        }
    }

    /// One period for each unit: a sine by its parabolas, corrected; exact enough to draw with.
    private static func wave(_ turns: Double) -> Double {
        let x = 2 * (turns - turns.rounded(.down)) - 1
        let rough = -4 * x * (1 - abs(x))
        return rough * (0.775 + 0.225 * abs(rough))
    }

    /// exp(-x²/2), by (1 - x²/64)^32.
    private static func bell(_ x: Double) -> Double {
        var value = max(0, 1 - x * x / 64)
        for _ in 0 ..< 5 { value *= value }
        return value
    }
}

/// Random numbers from a seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Near enough: the sum of twelve even ones.
    mutating func normal() -> Float {
        var sum: Float = -6
        for _ in 0 ..< 12 { sum += Float(next() >> 40) / 16_777_216 }
        return sum
    }
}
