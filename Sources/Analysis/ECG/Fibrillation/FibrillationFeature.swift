import Numbers

/// What the trees ask about the last five seconds; the order is that of the weights.
///
/// Most are published detectors of ventricular fibrillation: the VF filter's leakage (Kuo and Dillman 1978), the
/// threshold crossing sample count (TCSC: Arafat et al. 2011), spectral moments (Barro et al. 1989), the fill of
/// phase space (PSR: Amann et al. 2007).
enum FibrillationFeature: Int, CaseIterable {
    case leakage, crossings, dominantHertz, centroidHertz, peakShare, overtoneShare, lowShare, middleShare,
        highShare
    case logAmplitude, kurtosis, slopeKurtosis, nearCorrelation, farCorrelation, wideShare, phaseFill, zeroCrossings
    case amplitudeSpread, amplitudeRatio, slopeMean, restShare, restShareLate, kurtosisLate

    static let count = allCases.count

    /// All of them, of a full window.
    static func compute(_ window: borrowing FibrillationWindow, _ spectrum: inout SmallSpectrum) -> [Float] {
        var features = [Float](repeating: 0, count: count)
        shape(window.fine, into: &features)
        repetition(window.fine, window.coarse, into: &features)
        power(window.coarse, &spectrum, into: &features)
        return features
    }

    static func set(_ feature: FibrillationFeature, _ value: Float, _ features: inout [Float]) {
        features[feature.rawValue] = value.isFinite ? value : 0
    }
}

extension FibrillationFeature {
    /// Amplitude, slope, and how they are distributed.
    private static func shape(_ signal: [Float], into features: inout [Float]) {
        let count = signal.count
        let rate = FibrillationWindow.fineRateHz
        var sum: Float = 0
        for value in signal { sum += value }
        let mean = sum / Float(count)
        let all = moments(signal.span, mean)
        let late = moments(signal.span.extracting((count / 2)...), mean)
        set(.logAmplitude, Mathematics.log(all.square.squareRoot() + 0.001), &features)
        set(.kurtosis, all.kurtosis, &features)
        set(.kurtosisLate, late.kurtosis, &features)
        let steps = (1 ..< count).map { abs(signal[$0] - signal[$0 - 1]) }
        let slopes = slopeMoments(steps.span)
        set(.slopeKurtosis, slopes.kurtosis, &features)
        set(.slopeMean, slopes.mean / max(slopes.greatest, 1e-6), &features)
        set(.restShare, restShare(steps.span, slopes.greatest), &features)
        set(.restShareLate, restShare(steps.span.extracting((count / 2)...), slopes.greatest), &features)
        var wide = 0
        var zero = 0
        var wasAbove = signal[0] > mean
        let half = 0.5 * all.greatest
        for value in signal {
            let isAbove = value > mean
            wide &+= abs(value - mean) > half ? 1 : 0
            zero &+= isAbove != wasAbove ? 1 : 0
            wasAbove = isAbove
        }
        set(.wideShare, Float(wide) / Float(count), &features)
        set(.zeroCrossings, Float(zero) / Float(FibrillationWindow.seconds), &features)
        var least = Float.infinity
        var greatest: Float = 0
        var total: Float = 0
        var square: Float = 0
        for second in 0 ..< FibrillationWindow.seconds {
            let amplitude = peakToPeak(signal, (second * rate) ..< ((second + 1) * rate))
            least = min(least, amplitude)
            greatest = max(greatest, amplitude)
            total += amplitude
            square += amplitude * amplitude
        }
        let middle = total / Float(FibrillationWindow.seconds)
        let variance = max(0, square / Float(FibrillationWindow.seconds) - middle * middle)
        set(.amplitudeSpread, variance.squareRoot() / max(middle, 1e-6), &features)
        set(.amplitudeRatio, least / max(greatest, 1e-6), &features)
    }

    private static func moments(
        _ signal: borrowing Span<Float>, _ mean: Float
    ) -> (square: Float, kurtosis: Float, greatest: Float) {
        // Of the squares and of their squares: each in the order of time.
        var sums = SIMD2<Float>.zero
        var greatest: Float = 0
        for index in signal.indices {
            let value = signal[index] - mean
            let square = value * value
            sums += SIMD2(square, square * square)
            greatest = max(greatest, abs(value))
        }
        let count = Float(max(1, signal.count))
        let two = sums.x / count
        return (two, sums.y / count / max(two * two, 1e-12), greatest)
    }

    private static func slopeMoments(
        _ slopes: borrowing Span<Float>
    ) -> (mean: Float, kurtosis: Float, greatest: Float) {
        var one: Float = 0
        var two: Float = 0
        var four: Float = 0
        var greatest: Float = 0
        for index in slopes.indices {
            let slope = slopes[index]
            one += slope
            two += slope * slope
            four += slope * slope * slope * slope
            greatest = max(greatest, slope)
        }
        let count = Float(max(1, slopes.count))
        two /= count
        return (one / count, four / count / max(two * two, 1e-12), greatest)
    }

    /// The share of samples with less than a tenth of the greatest slope: the rest between complexes.
    private static func restShare(_ slopes: borrowing Span<Float>, _ greatest: Float) -> Float {
        let least = 0.1 * greatest
        var rest = 0
        for index in slopes.indices { rest &+= slopes[index] < least ? 1 : 0 }
        return Float(rest) / Float(max(1, slopes.count))
    }

    private static func peakToPeak(_ signal: [Float], _ range: Range<Int>) -> Float {
        var least = Float.infinity
        var greatest = -Float.infinity
        for value in signal[range] {
            least = min(least, value)
            greatest = max(greatest, value)
        }
        return greatest - least
    }
}

extension FibrillationFeature {
    private static func power(_ coarse: [Float], _ spectrum: inout SmallSpectrum, into features: inout [Float]) {
        let powers = spectrum.powers(of: coarse)
        let hertz = Float(FibrillationWindow.coarseRateHz) / Float(SmallSpectrum.length)
        func bin(_ frequency: Float) -> Int { min(max(Int((frequency / hertz).rounded()), 0), powers.count) }
        func sum(_ from: Float, _ to: Float) -> Float {
            var sum: Float = 0
            for index in bin(from) ..< max(bin(from), bin(to)) { sum += powers[index] }
            return sum
        }
        let total = max(sum(0.5, 25), 1e-12)
        var peak = bin(1)
        var moment: Float = 0
        for index in bin(0.5) ..< bin(25) {
            moment += powers[index] * Float(index) * hertz
            if index >= bin(1), index < bin(15), powers[index] > powers[peak] { peak = index }
        }
        let dominant = Float(peak) * hertz
        set(.dominantHertz, dominant, &features)
        set(.centroidHertz, moment / total, &features)
        set(.peakShare, sum(0.7 * dominant, 1.4 * dominant) / total, &features)
        set(.overtoneShare, sum(1.7 * dominant, 2.4 * dominant) / total, &features)
        set(.lowShare, sum(0.5, 2.4) / total, &features)
        set(.middleShare, sum(2.4, 7) / total, &features)
        set(.highShare, sum(10, 25) / total, &features)
    }
}
