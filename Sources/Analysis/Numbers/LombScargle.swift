/// The spectrum of values at uneven times, as it is needed for heart beats: no interpolation invents what was not
/// measured.
///
/// Lomb 1976, Scargle 1982. Scaled so that its integral over all frequencies is the variance of the values.
public enum LombScargle {
    /// The power at equally spaced frequencies, in squared units of the values per hertz.
    ///
    /// The values' mean is taken away first. Zeros for fewer than three values, or for values at one time.
    ///
    /// - Parameters:
    ///   - times: in seconds, rising; as many as there are values.
    ///   - firstHz: the first frequency, greater than 0.
    ///   - stepHz: from one frequency to the next.
    public static func density(
        times: [Double], values: [Double], firstHz: Double, stepHz: Double, count: Int
    ) -> [Double] {
        densities(times: times, values, values, firstHz: firstHz, stepHz: stepHz, count: count).first
    }

    /// The same of two series with the same times, for hardly more than the effort of one.
    public static func densities(
        times: [Double], _ first: [Double], _ second: [Double], firstHz: Double, stepHz: Double, count: Int
    ) -> (first: [Double], second: [Double]) {
        let length = min(times.count, first.count, second.count)
        var densities = (
            first: [Double](repeating: 0, count: max(0, count)),
            second: [Double](repeating: 0, count: max(0, count))
        )
        guard length > 2, let start = times.first else { return densities }
        let span = (times[length - 1] - start) * Double(length) / Double(length - 1)
        guard span.isFinite, span > 0 else { return densities }
        let mean = SIMD2(first[..<length].reduce(0, +), second[..<length].reduce(0, +)) / Double(length)
        var waves = (0 ..< (length + 3) / 4).map { group in
            var wave = FourWaves()
            for lane in 0 ..< min(4, length - 4 * group) {
                let place = 4 * group + lane
                wave.set(
                    lane, at: times[place] - start, firstHz: firstHz, stepHz: stepHz,
                    values: SIMD2(first[place], second[place]) - mean)
            }
            return wave
        }
        for index in stride(from: 0, to: count, by: 2) {
            let powers = powers(turning: &waves, count: Double(length))
            densities.first[index] = 2 * powers.first.x * span / Double(length)
            densities.second[index] = 2 * powers.first.y * span / Double(length)
            guard index + 1 < count else { break }
            densities.first[index + 1] = 2 * powers.second.x * span / Double(length)
            densities.second[index + 1] = 2 * powers.second.y * span / Double(length)
        }
        return densities
    }

    /// The values at four times, and their angles, which are turned from frequency to frequency. In single
    /// precision: what a turn rounds is far below what beats are measured to.
    private struct FourWaves {
        var cosine = SIMD4<Float>.zero
        var sine = SIMD4<Float>.zero
        private(set) var first = SIMD4<Float>.zero
        private(set) var second = SIMD4<Float>.zero
        private var stepCosine = SIMD4<Float>.zero
        private var stepSine = SIMD4<Float>.zero

        mutating func set(
            _ lane: Int, at seconds: Double, firstHz: Double, stepHz: Double, values: SIMD2<Double>
        ) {
            let angle = 2 * Double.pi * seconds
            cosine[lane] = Float(Mathematics.cos(angle * firstHz))
            sine[lane] = Float(Mathematics.sin(angle * firstHz))
            stepCosine[lane] = Float(Mathematics.cos(angle * stepHz))
            stepSine[lane] = Float(Mathematics.sin(angle * stepHz))
            first[lane] = Float(values.x)
            second[lane] = Float(values.y)
        }

        @inline(__always)
        mutating func advance() {
            (cosine, sine) = (cosine * stepCosine - sine * stepSine, sine * stepCosine + cosine * stepSine)
        }
    }

    /// At the waves' frequency and at the next. Turns all angles to the one after it.
    private static func powers(
        turning waves: inout [FourWaves], count: Double
    ) -> (first: SIMD2<Double>, second: SIMD2<Double>) {
        var sums = Sums()
        var nextSums = Sums()
        var span = waves.mutableSpan
        var place = 0
        while place < span.count {
            var wave = span[place]
            sums.add(wave)
            wave.advance()
            nextSums.add(wave)
            wave.advance()
            span[place].cosine = wave.cosine
            span[place].sine = wave.sine
            place &+= 1
        }
        return (sums.power(count: count), nextSums.power(count: count))
    }

    private struct Sums {
        /// Of the series times the cosine, and times the sine.
        var first = (cosine: SIMD4<Float>.zero, sine: SIMD4<Float>.zero)
        var second = (cosine: SIMD4<Float>.zero, sine: SIMD4<Float>.zero)
        /// Of the cosine squared, and of the product of both.
        var squares = (cosine: SIMD4<Float>.zero, both: SIMD4<Float>.zero)

        @inline(__always)
        mutating func add(_ wave: FourWaves) {
            first.cosine += wave.first * wave.cosine
            first.sine += wave.first * wave.sine
            second.cosine += wave.second * wave.cosine
            second.sine += wave.second * wave.sine
            squares.cosine += wave.cosine * wave.cosine
            squares.both += wave.cosine * wave.sine
        }

        /// Of the best fitting wave of each series: half the reduction of the sum of squares.
        func power(count: Double) -> SIMD2<Double> {
            let cosine = SIMD2(Double(first.cosine.sum()), Double(second.cosine.sum()))
            let sine = SIMD2(Double(first.sine.sum()), Double(second.sine.sum()))
            let cosineSquared = Double(squares.cosine.sum())
            let both = Double(squares.both.sum())
            let sineSquared = count - cosineSquared
            let determinant = cosineSquared * sineSquared - both * both
            guard determinant > leastShare * count * count else { return .zero }
            let reduction = cosine * cosine * sineSquared + sine * sine * cosineSquared - 2 * cosine * sine * both
            return reduction / determinant / 2
        }
    }

    /// Below it, as a part of its greatest value, a determinant is nothing but rounding.
    private static let leastShare = 1e-6
}
