/// The complex of one window at every lag that it may be matched at.
///
/// Every second sample is enough: the clean signal ends at 40 Hz, and correlations are what a beat costs most.
struct ShiftedComplex {
    /// Samples that are compared.
    static let taps = BeatWindow.complex.count / stride
    private static let stride = 2
    private static let lags = 2 * BeatWindow.lagSamplesMax + 1
    /// A complex with less energy than that, in mV², is a flat line.
    private static let energyFloor: Float = 1e-7

    /// How a complex fits a template.
    struct Fit {
        var correlation: Float = 0
        /// By how many samples the complex is late.
        var lag = 0
    }

    private let start: Int
    /// One over the norm without the mean, for each lag.
    private var scales = InlineArray<9, Float>(repeating: 0)

    /// Of the window at `offset` in `samples`.
    init(_ samples: [Float], at offset: Int) {
        start = offset + BeatWindow.complex.lowerBound - BeatWindow.lagSamplesMax
        let samples = samples.span
        for lag in 0 ..< min(Self.lags, scales.count) {
            var sum: Float = 0
            var squares: Float = 0
            var position = start + lag
            for _ in 0 ..< Self.taps {
                let sample = samples[position]
                sum += sample
                squares += sample * sample
                position &+= Self.stride
            }
            let energy = squares - sum * sum / Float(Self.taps)
            scales[lag] = energy > Self.energyFloor ? 1 / energy.squareRoot() : 0
        }
    }

    /// The best correlation with the template at `unit`, over the lags. `samples` are those it was made of.
    func fit(_ samples: [Float], _ units: [Float], at unit: Int) -> Fit {
        let samples = samples.span
        let units = units.span
        var best = Fit(correlation: -1)
        for lag in 0 ..< min(Self.lags, scales.count) {
            var product: Float = 0
            var position = start + lag
            for tap in unit ..< unit + Self.taps {
                product += samples[position] * units[tap]
                position &+= Self.stride
            }
            let correlation = product * scales[lag]
            if correlation > best.correlation {
                best = Fit(correlation: correlation, lag: lag - BeatWindow.lagSamplesMax)
            }
        }
        return best
    }

    /// The complex of the window at `offset`, with mean zero and norm one, as a template at `unit`.
    static func normalize(_ samples: [Float], at offset: Int, into units: inout [Float], at unit: Int) {
        let first = offset + BeatWindow.complex.lowerBound
        var mean: Float = 0
        for tap in 0 ..< taps { mean += samples[first + tap * stride] }
        mean /= Float(taps)
        var energy: Float = 0
        for tap in 0 ..< taps {
            let value = samples[first + tap * stride] - mean
            units[unit + tap] = value
            energy += value * value
        }
        let scale = energy > energyFloor ? 1 / energy.squareRoot() : 0
        for tap in 0 ..< taps { units[unit + tap] *= scale }
    }
}
