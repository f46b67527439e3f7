/// The band around a peak, at every second sample, with room to be shifted against a template.
struct Shape: Sendable {
    /// Of a template: ±100 ms.
    static let templateCount = 21
    /// Positions that a template is tried at: -30…+40 ms.
    static let shiftCount = 8

    /// What beats are compared with.
    typealias Template = InlineArray<21, Float>

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
    var template: Template { InlineArray { samples[$0 + 3] } }

    /// The best correlation over the shifts, -1…1; zero with a template of nothing.
    func correlation(_ template: borrowing Template) -> Float {
        var products = SIMD8<Float>.zero
        var power: Float = 0
        for sample in 0 ..< Self.templateCount {
            products += shifted(sample) * template[sample]
            power += template[sample] * template[sample]
        }
        guard power > 0 else { return 0 }
        return (products * scales).max() / power.squareRoot()
    }

    @inline(__always)
    private func shifted(_ at: Int) -> SIMD8<Float> {
        SIMD8(
            samples[at], samples[at + 1], samples[at + 2], samples[at + 3], samples[at + 4], samples[at + 5],
            samples[at + 6], samples[at + 7])
    }
}
