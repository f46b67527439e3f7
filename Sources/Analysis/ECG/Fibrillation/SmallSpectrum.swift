import Numbers

/// The power spectrum of at most 256 samples under Hann's window; tables are made once.
///
/// Four neighbours are computed side by side.
struct SmallSpectrum: Sendable {
    static let length = 256
    private static let levels = 8
    private static let groups = length / 4

    private let cosines: [Float]
    private let sines: [Float]
    private let reversed: [Int]
    /// The turns of the levels from the third on, in groups of four, one level behind the other.
    private var turns: [Turn] = []
    private var real = [SIMD4<Float>](repeating: .zero, count: groups)
    private var imaginary = [SIMD4<Float>](repeating: .zero, count: groups)
    /// Two times Hann's window for as many samples as there were last.
    private var window: [Float] = []

    private struct Turn {
        var cosine: SIMD4<Float>
        var sine: SIMD4<Float>
    }

    init() {
        var cosines: [Float] = []
        var sines: [Float] = []
        for index in 0 ..< (Self.length / 2) {
            let angle = -2 * Double.pi * Double(index) / Double(Self.length)
            cosines.append(Float(Mathematics.cos(angle)))
            sines.append(Float(Mathematics.sin(angle)))
        }
        self.cosines = cosines
        self.sines = sines
        reversed = (0 ..< Self.length).map { index in
            var bits = 0
            for level in 0 ..< Self.levels where index >> level & 1 == 1 { bits |= 1 << (Self.levels - 1 - level) }
            return bits
        }
        var half = 4
        while half < Self.length {
            let stride = Self.length / 2 / half
            for first in Swift.stride(from: 0, to: half, by: 4) {
                let places = SIMD4(first, first + 1, first + 2, first + 3) &* stride
                turns.append(Turn(cosine: Self.group(cosines, places), sine: Self.group(sines, places)))
            }
            half *= 2
        }
    }

    private static func group(_ values: [Float], _ places: SIMD4<Int>) -> SIMD4<Float> {
        SIMD4(values[places.x], values[places.y], values[places.z], values[places.w])
    }

    /// Bins 0 to 127; the samples' mean is taken off first.
    mutating func powers(of samples: [Float], mean: Float) -> [Float] {
        let count = min(samples.count, Self.length)
        guard count > 1 else { return [Float](repeating: 0, count: Self.length / 2) }
        if window.count != count { makeWindow(count) }
        var tapered = [Float](repeating: 0, count: Self.length)
        for index in 0 ..< count { tapered[index] = (samples[index] - mean) * 0.5 * window[index] }
        for group in 0 ..< Self.groups {
            let first = 4 * group
            let places = SIMD4(reversed[first], reversed[first + 1], reversed[first + 2], reversed[first + 3])
            real[group] = Self.group(tapered, places)
            imaginary[group] = .zero
        }
        transformNeighbours()
        Self.transform(&real, &imaginary, turns)
        var powers: [Float] = []
        powers.reserveCapacity(Self.length / 2)
        for group in 0 ..< (Self.groups / 2) {
            let power = real[group] * real[group] + imaginary[group] * imaginary[group]
            for lane in 0 ..< 4 { powers.append(power[lane]) }
        }
        return powers
    }

    /// Hann's window over the samples, out of the table of cosines.
    private mutating func makeWindow(_ count: Int) {
        window = (0 ..< count).map { index in
            let phase = index * Self.length / count
            return 1 - (phase < Self.length / 2 ? cosines[phase] : -cosines[phase - Self.length / 2])
        }
    }

    /// The first two levels of radix two, within each group.
    private mutating func transformNeighbours() {
        let quarter = Self.length / 4
        let cosine = SIMD2(cosines[0], cosines[quarter])
        let sine = SIMD2(sines[0], sines[quarter])
        for group in 0 ..< Self.groups {
            let (re, im) = (real[group], imaginary[group])
            let evenRe = SIMD2(re.x + re.y, re.x - re.y)
            let evenIm = SIMD2(im.x + im.y, im.x - im.y)
            let oddRe = SIMD2(re.z + re.w, re.z - re.w)
            let oddIm = SIMD2(im.z + im.w, im.z - im.w)
            let turnedRe = oddRe * cosine - oddIm * sine
            let turnedIm = oddRe * sine + oddIm * cosine
            real[group] = SIMD4(lowHalf: evenRe + turnedRe, highHalf: evenRe - turnedRe)
            imaginary[group] = SIMD4(lowHalf: evenIm + turnedIm, highHalf: evenIm - turnedIm)
        }
    }

    /// The other levels, in place.
    private static func transform(
        _ real: inout [SIMD4<Float>], _ imaginary: inout [SIMD4<Float>], _ turns: [Turn]
    ) {
        let turns = turns.span
        var re = real.mutableSpan
        var im = imaginary.mutableSpan
        // In groups.
        var half = 1
        while half < groups {
            var start = 0
            while start < groups {
                for index in 0 ..< half {
                    let one = start &+ index
                    let two = one &+ half
                    let turn = turns[half &- 1 &+ index]
                    let turnedRe = re[two] * turn.cosine - im[two] * turn.sine
                    let turnedIm = re[two] * turn.sine + im[two] * turn.cosine
                    re[two] = re[one] - turnedRe
                    im[two] = im[one] - turnedIm
                    re[one] += turnedRe
                    im[one] += turnedIm
                }
                start += 2 * half
            }
            half *= 2
        }
    }
}
