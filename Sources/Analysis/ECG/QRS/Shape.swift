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

    init(around peak: Int, _ front: borrowing LeadFront) {
        for sample in 0 ..< 28 { samples[sample] = front[peak + 2 * (sample - 13)].band }
        var powers = SIMD8<Float>.zero
        for sample in 0 ..< Self.templateCount {
            let part = shifted(sample)
            powers += part * part
        }
        for shift in 0 ..< Self.shiftCount where powers[shift] > 0 {
            scales[shift] = 1 / powers[shift].squareRoot()
        }
    }

    /// Its middle.
    var template: Template { Template(InlineArray { samples[$0 + 3] }) }

    /// The best correlation over the shifts, -1…1; zero with a template of nothing.
    func correlation(_ template: borrowing Template) -> Float {
        guard template.norm > 0 else { return 0 }
        var products = SIMD8<Float>.zero
        for sample in 0 ..< Self.templateCount { products += shifted(sample) * template.samples[sample] }
        return (products * scales).max() / template.norm
    }

    @inline(__always)
    private func shifted(_ at: Int) -> SIMD8<Float> {
        SIMD8(
            samples[at], samples[at + 1], samples[at + 2], samples[at + 3], samples[at + 4], samples[at + 5],
            samples[at + 6], samples[at + 7])
    }
}
