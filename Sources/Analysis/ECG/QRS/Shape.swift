import Numbers

/// The band around a peak, at every second sample, with room to be shifted against a template.
struct Shape: Sendable {
    /// Of a template: ±100 ms.
    static let templateCount = 21
    /// Positions that a template is tried at: -30…+40 ms.
    static let shiftCount = 8

    /// What beats are compared with.
    struct Template: Sendable {
        private(set) var samples: InlineArray<21, Float>
        /// Root of the power; zero of nothing.
        private(set) var norm: Float = 0

        init(_ samples: InlineArray<21, Float> = InlineArray(repeating: 0)) {
            self.samples = samples
            measure()
        }

        /// Moves by `share` towards another.
        mutating func blend(_ other: Template, share: Float) {
            for index in samples.indices { samples[index] += share * (other.samples[index] - samples[index]) }
            measure()
        }

        private mutating func measure() {
            var power: Float = 0
            for index in samples.indices { power += samples[index] * samples[index] }
            norm = power.squareRoot()
        }
    }

    private var samples = InlineArray<28, Float>(repeating: 0)
    /// One over the root of the power of the samples under the template, for each shift; zero without any.
    private var scales = SIMD8<Float>.zero

    init() {}

    /// `band` reaches from 26 samples before the peak to 28 behind it.
    init(_ band: borrowing Span<Float>) {
        for sample in 0 ..< 28 { samples[sample] = band[2 * sample] }
        var powers = SIMD8<Float>.zero
        let row = samples.span
        for sample in 0 ..< Self.templateCount {
            let part = row.eight(at: sample)
            powers += part * part
        }
        scales.replace(with: 1 / powers.squareRoot(), where: powers .> 0)
    }

    /// Its middle.
    var template: Template { Template(InlineArray { samples[$0 + 3] }) }

    /// The best correlation over the shifts, -1…1; zero with a template of nothing.
    func correlation(_ template: borrowing Template) -> Float {
        guard template.norm > 0 else { return 0 }
        var products = SIMD8<Float>.zero
        let row = samples.span
        for sample in 0 ..< Self.templateCount { products += row.eight(at: sample) * template.samples[sample] }
        return (products * scales).max() / template.norm
    }
}
