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
        var waves = (0 ..< length).map {
            Wave(
                at: times[$0] - start, firstHz: firstHz, stepHz: stepHz, values: SIMD2(first[$0], second[$0]) - mean
            )
        }
        for index in stride(from: 0, to: count, by: 2) {
            let powers = powers(turning: &waves)
            densities.first[index] = 2 * powers.first.x * span / Double(length)
            densities.second[index] = 2 * powers.first.y * span / Double(length)
            guard index + 1 < count else { break }
            densities.first[index + 1] = 2 * powers.second.x * span / Double(length)
            densities.second[index + 1] = 2 * powers.second.y * span / Double(length)
        }
        return densities
    }

    /// The values at one time, and its angle, which is turned from frequency to frequency.
    private struct Wave {
        /// Cosine and sine.
        var turn: SIMD2<Double>
        let values: SIMD2<Double>
        private let stepCosine: SIMD2<Double>
        /// With the sign that a turn needs: -, +.
        private let stepSine: SIMD2<Double>

        init(at seconds: Double, firstHz: Double, stepHz: Double, values: SIMD2<Double>) {
            let angle = 2 * Double.pi * seconds
            turn = SIMD2(Mathematics.cos(angle * firstHz), Mathematics.sin(angle * firstHz))
            stepCosine = SIMD2(repeating: Mathematics.cos(angle * stepHz))
            stepSine = SIMD2(-Mathematics.sin(angle * stepHz), Mathematics.sin(angle * stepHz))
            self.values = values
        }

        @inline(__always)
        mutating func advance() { turn = turn * stepCosine + SIMD2(turn.y, turn.x) * stepSine }
    }

    /// At the waves' frequency and at the next. Turns all angles to the one after it.
    private static func powers(turning waves: inout [Wave]) -> (first: SIMD2<Double>, second: SIMD2<Double>) {
        var sums = Sums()
        var nextSums = Sums()
        let count = Double(waves.count)
        var span = waves.mutableSpan
        var place = 0
        while place < span.count {
            var wave = span[place]
            sums.add(wave)
            wave.advance()
            nextSums.add(wave)
            wave.advance()
            span[place].turn = wave.turn
            place &+= 1
        }
        return (sums.power(count: count), nextSums.power(count: count))
    }

    private struct Sums {
        var cosine = SIMD2<Double>.zero
        var sine = SIMD2<Double>.zero
        /// Of the cosine squared, and of the product of both.
        var squares = SIMD2<Double>.zero

        @inline(__always)
        mutating func add(_ wave: Wave) {
            cosine += wave.values * wave.turn.x
            sine += wave.values * wave.turn.y
            squares += wave.turn * wave.turn.x
        }

        /// Of the best fitting wave of each series: half the reduction of the sum of squares.
        func power(count: Double) -> SIMD2<Double> {
            let sineSquared = count - squares.x
            let determinant = squares.x * sineSquared - squares.y * squares.y
            guard determinant > 1e-9 * count * count else { return .zero }
            let reduction = cosine * cosine * sineSquared + sine * sine * squares.x - 2 * cosine * sine * squares.y
            return reduction / determinant / 2
        }
    }
}
