import Numbers

/// The complex of one window at every lag that it may be matched at.
///
/// Every second sample is enough: the clean signal ends at 40 Hz, and correlations are what a beat costs most. All
/// lags are summed side by side, each in the order of its samples.
struct ShiftedComplex: Sendable {
    /// Samples that are compared.
    static let taps = BeatWindow.complex.count / stride
    fileprivate static let stride = 2
    private static let lags = 2 * BeatWindow.lagSamplesMax + 1
    /// A complex with less energy than that, in mV², is a flat line.
    private static let energyFloor: Float = 1e-7
    /// How a complex fits a template.
    struct Fit {
        var correlation: Float = 0
        /// By how many samples the complex is late.
        var lag = 0
    }

    /// From the first tap of the first lag to the last tap of the last one, and those that are read with it.
    private var samples = InlineArray<52, Float>(repeating: 0)
    /// One over the norm without the mean, for each lag.
    private var scales = InlineArray<9, Float>(repeating: 0)

    /// Of a flat line.
    init() {}

    /// Of the window at `offset` in `samples`.
    init(_ samples: [Float], at offset: Int) {
        let window = samples.span.extracting(offset ..< offset + BeatWindow.length)
        let first = BeatWindow.complex.lowerBound - BeatWindow.lagSamplesMax
        for place in self.samples.indices { self.samples[place] = window[first + place] }
        var sums = Lanes()
        var squares = Lanes()
        let samples = self.samples.span
        for tap in 0 ..< Self.taps {
            let lanes = Lanes(of: samples, at: tap)
            sums.add(lanes)
            squares.add(lanes * lanes)
        }
        for lag in 0 ..< min(Self.lags, scales.count) {
            let energy = squares[lag] - sums[lag] * sums[lag] / Float(Self.taps)
            scales[lag] = energy > Self.energyFloor ? 1 / energy.squareRoot() : 0
        }
    }

    /// A number for each of the nine lags.
    private struct Lanes {
        var first: SIMD4<Float>
        var second: SIMD4<Float>
        var last: Float

        /// The samples of all lags at one tap.
        @inline(__always)
        init(of samples: borrowing Span<Float>, at tap: Int) {
            first = samples.four(at: ShiftedComplex.stride &* tap)
            second = samples.four(at: ShiftedComplex.stride &* tap &+ 4)
            last = samples[ShiftedComplex.stride &* tap &+ 8]
        }

        @inline(__always)
        init(first: SIMD4<Float> = .zero, second: SIMD4<Float> = .zero, last: Float = 0) {
            self.first = first
            self.second = second
            self.last = last
        }

        subscript(lag: Int) -> Float { lag < 4 ? first[lag] : lag < 8 ? second[lag - 4] : last }

        @inline(__always)
        mutating func add(_ other: Lanes) {
            first += other.first
            second += other.second
            last += other.last
        }

        @inline(__always)
        static func * (one: Lanes, other: Lanes) -> Lanes {
            Lanes(first: one.first * other.first, second: one.second * other.second, last: one.last * other.last)
        }

        @inline(__always)
        static func * (one: Lanes, factor: Float) -> Lanes {
            Lanes(first: one.first * factor, second: one.second * factor, last: one.last * factor)
        }
    }

    /// The best correlation with the template at `unit` in `units`, over the lags.
    func fit(_ units: [Float], at unit: Int) -> Fit {
        let template = units.span.extracting(unit ..< unit + Self.taps)
        var products = Lanes()
        let samples = samples.span
        for tap in 0 ..< Self.taps { products.add(Lanes(of: samples, at: tap) * template[tap]) }
        let scales = scales.span
        var best = Fit(correlation: -1)
        for lag in 0 ..< min(Self.lags, scales.count) {
            let correlation = products[lag] * scales[lag]
            if correlation > best.correlation {
                best = Fit(correlation: correlation, lag: lag - BeatWindow.lagSamplesMax)
            }
        }
        return best
    }

    /// The complex of the window at `offset`, with mean zero and norm one, as a template at `unit`.
    static func normalize(_ samples: [Float], at offset: Int, into units: inout [Float], at unit: Int) {
        let window = samples.span.extracting(offset ..< offset + BeatWindow.length)
        let first = BeatWindow.complex.lowerBound
        var mean: Float = 0
        for tap in 0 ..< taps { mean += window[first + tap * stride] }
        mean /= Float(taps)
        var energy: Float = 0
        var span = units.mutableSpan
        for tap in 0 ..< taps {
            let value = window[first + tap * stride] - mean
            span[unit &+ tap] = value
            energy += value * value
        }
        let scale = energy > energyFloor ? 1 / energy.squareRoot() : 0
        for tap in 0 ..< taps { span[unit &+ tap] *= scale }
    }
}
