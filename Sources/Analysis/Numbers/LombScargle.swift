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
        let length = min(times.count, values.count)
        var density = [Double](repeating: 0, count: max(0, count))
        guard length > 2, let first = times.first else { return density }
        let span = (times[length - 1] - first) * Double(length) / Double(length - 1)
        guard span.isFinite, span > 0 else { return density }
        let mean = values[..<length].reduce(0, +) / Double(length)
        var turns = (0 ..< length).map { Turn(at: times[$0] - first, firstHz: firstHz, stepHz: stepHz) }
        for index in density.indices {
            var sums = Sums()
            for place in turns.indices {
                sums.add(values[place] - mean, turns[place].cosine, turns[place].sine)
                turns[place].advance()
            }
            density[index] = 2 * sums.power(count: Double(length)) * span / Double(length)
        }
        return density
    }

    /// The angle of one time, turned from frequency to frequency.
    private struct Turn {
        var cosine: Double
        var sine: Double
        let stepCosine: Double
        let stepSine: Double

        init(at seconds: Double, firstHz: Double, stepHz: Double) {
            let angle = 2 * Double.pi * seconds
            cosine = Mathematics.cos(angle * firstHz)
            sine = Mathematics.sin(angle * firstHz)
            stepCosine = Mathematics.cos(angle * stepHz)
            stepSine = Mathematics.sin(angle * stepHz)
        }

        mutating func advance() {
            (cosine, sine) = (cosine * stepCosine - sine * stepSine, sine * stepCosine + cosine * stepSine)
        }
    }

    private struct Sums {
        var cosine = 0.0
        var sine = 0.0
        var cosineSquared = 0.0
        var product = 0.0

        mutating func add(_ value: Double, _ cosine: Double, _ sine: Double) {
            self.cosine += value * cosine
            self.sine += value * sine
            cosineSquared += cosine * cosine
            product += cosine * sine
        }

        /// Of the best fitting wave: half the reduction of the sum of squares.
        func power(count: Double) -> Double {
            let sineSquared = count - cosineSquared
            let determinant = cosineSquared * sineSquared - product * product
            guard determinant > 1e-9 * count * count else { return 0 }
            let reduction =
                cosine * cosine * sineSquared + sine * sine * cosineSquared - 2 * cosine * sine * product
            return reduction / determinant / 2
        }
    }
}
