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

    private static func set(_ feature: FibrillationFeature, _ value: Float, _ features: inout [Float]) {
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
        let all = moments(signal, 0 ..< count, mean)
        let late = moments(signal, (count / 2) ..< count, mean)
        set(.logAmplitude, Mathematics.log(all.square.squareRoot() + 0.001), &features)
        set(.kurtosis, all.kurtosis, &features)
        set(.kurtosisLate, late.kurtosis, &features)
        let slopes = slopeMoments(signal, 0 ..< (count - 1))
        set(.slopeKurtosis, slopes.kurtosis, &features)
        set(.slopeMean, slopes.mean / max(slopes.greatest, 1e-6), &features)
        set(.restShare, restShare(signal, 0 ..< (count - 1), slopes.greatest), &features)
        set(.restShareLate, restShare(signal, (count / 2) ..< (count - 1), slopes.greatest), &features)
        var wide = 0
        var zero = 0
        for index in 0 ..< count {
            if abs(signal[index] - mean) > 0.5 * all.greatest { wide += 1 }
            if index > 0, (signal[index] > mean) != (signal[index - 1] > mean) { zero += 1 }
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
        _ signal: [Float], _ range: Range<Int>, _ mean: Float
    ) -> (square: Float, kurtosis: Float, greatest: Float) {
        var two: Float = 0
        var four: Float = 0
        var greatest: Float = 0
        for index in range {
            let value = signal[index] - mean
            let square = value * value
            two += square
            four += square * square
            greatest = max(greatest, abs(value))
        }
        let count = Float(max(1, range.count))
        two /= count
        return (two, four / count / max(two * two, 1e-12), greatest)
    }

    private static func slopeMoments(
        _ signal: [Float], _ range: Range<Int>
    ) -> (mean: Float, kurtosis: Float, greatest: Float) {
        var one: Float = 0
        var two: Float = 0
        var four: Float = 0
        var greatest: Float = 0
        for index in range {
            let slope = abs(signal[index + 1] - signal[index])
            one += slope
            two += slope * slope
            four += slope * slope * slope * slope
            greatest = max(greatest, slope)
        }
        let count = Float(max(1, range.count))
        two /= count
        return (one / count, four / count / max(two * two, 1e-12), greatest)
    }

    /// The share of samples with less than a tenth of the greatest slope: the rest between complexes.
    private static func restShare(_ signal: [Float], _ range: Range<Int>, _ greatest: Float) -> Float {
        var rest = 0
        for index in range where abs(signal[index + 1] - signal[index]) < 0.1 * greatest { rest += 1 }
        return Float(rest) / Float(max(1, range.count))
    }

    private static func peakToPeak(_ signal: [Float], _ range: Range<Int>) -> Float {
        var least = Float.infinity
        var greatest = -Float.infinity
        for index in range {
            least = min(least, signal[index])
            greatest = max(greatest, signal[index])
        }
        return greatest - least
    }
}

extension FibrillationFeature {
    /// How like itself the signal is a while later.
    private static func repetition(_ fine: [Float], _ coarse: [Float], into features: inout [Float]) {
        set(.leakage, leakage(fine), &features)
        set(.crossings, crossings(fine), &features)
        set(.phaseFill, phaseFill(fine), &features)
        var mean: Float = 0
        for value in coarse { mean += value }
        mean /= Float(coarse.count)
        var energy: Float = 0
        for value in coarse { energy += (value - mean) * (value - mean) }
        let rate = Float(FibrillationWindow.coarseRateHz)
        let near = Int(0.10 * rate)
        let far = Int(0.45 * rate)
        let end = Int(1.20 * rate)
        var greatest: (near: Float, far: Float) = (-1, -1)
        for lag in near ..< end {
            var sum: Float = 0
            for index in lag ..< coarse.count { sum += (coarse[index] - mean) * (coarse[index - lag] - mean) }
            let value = sum / max(energy, 1e-9)
            if lag < far {
                greatest.near = max(greatest.near, value)
            } else {
                greatest.far = max(greatest.far, value)
            }
        }
        set(.nearCorrelation, greatest.near, &features)
        set(.farCorrelation, greatest.far, &features)
    }

    /// What a narrow filter around the mean frequency lets through in the wrong phase: small for a sine.
    private static func leakage(_ signal: [Float]) -> Float {
        var size: Float = 0
        var slope: Float = 1e-9
        for index in 1 ..< signal.count {
            size += abs(signal[index])
            slope += abs(signal[index] - signal[index - 1])
        }
        let half = Int(exactly: min(max(Float.pi * size / slope, 1), Float(signal.count / 2)).rounded()) ?? 1
        var through: Float = 0
        var all: Float = 1e-9
        for index in half ..< signal.count {
            through += abs(signal[index] + signal[index - half])
            all += abs(signal[index]) + abs(signal[index - half])
        }
        return through / all
    }

    /// The share of samples beyond a fifth of the greatest, in tapered windows of three seconds.
    private static func crossings(_ signal: [Float]) -> Float {
        let rate = FibrillationWindow.fineRateHz
        let width = 3 * rate
        let taper = rate / 4
        var beyond = 0
        var windows = 0
        var start = 0
        while start + width <= signal.count {
            var greatest: Float = 0
            for index in 0 ..< width {
                greatest = max(greatest, abs(signal[start + index]) * Self.taper(index, width, taper))
            }
            for index in 0 ..< width
            where abs(signal[start + index]) * Self.taper(index, width, taper) > 0.2 * greatest { beyond += 1 }
            windows += width
            start += rate
        }
        return Float(beyond) / Float(max(1, windows))
    }

    /// Of a trapezium: near enough to the published cosine, and cheap.
    private static func taper(_ index: Int, _ width: Int, _ taper: Int) -> Float {
        min(1, Float(min(index, width - 1 - index)) / Float(taper))
    }

    /// The share of 40 x 40 cells that the signal against itself half a second earlier passes through.
    private static func phaseFill(_ signal: [Float]) -> Float {
        let cells = 40
        let delay = FibrillationWindow.fineRateHz / 2
        var least = Float.infinity
        var greatest = -Float.infinity
        for value in signal {
            least = min(least, value)
            greatest = max(greatest, value)
        }
        let scale = Float(cells - 1) / max(greatest - least, 1e-6)
        var rows = InlineArray<40, UInt64>(repeating: 0)
        for index in delay ..< signal.count {
            let row = min(max(Int((signal[index] - least) * scale), 0), cells - 1)
            let column = min(max(Int((signal[index - delay] - least) * scale), 0), cells - 1)
            rows[row] |= 1 << UInt64(column)
        }
        var filled = 0
        for row in 0 ..< cells { filled += rows[row].nonzeroBitCount }
        return Float(filled) / Float(cells * cells)
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
