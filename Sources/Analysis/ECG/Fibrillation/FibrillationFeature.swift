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
        let fine = window.fine
        let coarse = window.coarse
        // One more than there are, for those who write several at a time.
        var room = InlineArray<500, Float>(repeating: 0)
        takeSteps(of: fine.span, to: &room)
        let steps = room.span.extracting(0 ..< fine.count - 1)
        let sums = FibrillationSums(fine.span, steps: steps, coarse: coarse.span)
        let extremes = fine.span.extremes
        shape(fine.span, sums, extremes, into: &features)
        slopes(steps, sums, into: &features)
        amplitudes(fine.span, into: &features)
        repetition(fine.span, extremes, coarse.span, sums, into: &features)
        power(coarse, sums.coarseMean, &spectrum, into: &features)
        return features
    }

    /// From each sample to the next, without the sign.
    private static func takeSteps(of fine: borrowing Span<Float>, to room: inout InlineArray<500, Float>) {
        var steps = room.mutableSpan
        var at = 0
        while at &+ 5 <= fine.count {
            let step = fine.four(at: at &+ 1) - fine.four(at: at)
            steps.put(step.replacing(with: -step, where: step .< 0), at: at)
            at &+= 4
        }
        while at &+ 1 < fine.count {
            steps[at] = abs(fine[at &+ 1] - fine[at])
            at &+= 1
        }
    }

    static func set(_ feature: FibrillationFeature, _ value: Float, _ features: inout [Float]) {
        features[feature.rawValue] = value.isFinite ? value : 0
    }
}

extension FibrillationFeature {
    /// Amplitude, and how it is distributed.
    private static func shape(
        _ signal: borrowing Span<Float>, _ sums: FibrillationSums, _ extremes: (lowest: Float, highest: Float),
        into features: inout [Float]
    ) {
        let count = signal.count
        let mean = sums.mean
        let all = sums.all.normalized(count: count)
        set(.logAmplitude, Mathematics.log(all.square.squareRoot() + 0.001), &features)
        set(.kurtosis, all.kurtosis, &features)
        set(.kurtosisLate, sums.late.normalized(count: count - count / 2).kurtosis, &features)
        let half = 0.5 * max(extremes.highest - mean, mean - extremes.lowest)
        let wide = signal.count { values in
            let centred = values - mean
            return centred .> half .| centred .< -half
        }
        var changes = SIMD8<Int32>.zero
        var at = 1
        while at &+ 8 <= count {
            let isChange = (signal.eight(at: at) .> mean) .^ (signal.eight(at: at &- 1) .> mean)
            changes.replace(with: changes &+ 1, where: isChange)
            at &+= 8
        }
        var zero = Int(changes.wrappedSum())
        while at < count {
            if (signal[at] > mean) != (signal[at &- 1] > mean) { zero &+= 1 }
            at &+= 1
        }
        set(.wideShare, Float(wide) / Float(count), &features)
        set(.zeroCrossings, Float(zero) / Float(FibrillationWindow.seconds), &features)
    }

    /// How the slope is distributed.
    private static func slopes(
        _ steps: borrowing Span<Float>, _ sums: FibrillationSums, into features: inout [Float]
    ) {
        let greatest = max(0, steps.extremes.highest)
        let count = Float(max(1, steps.count))
        let square = sums.slopeSquare / count
        set(.slopeKurtosis, sums.slopeFourth / count / max(square * square, 1e-12), &features)
        set(.slopeMean, sums.slope / count / max(greatest, 1e-6), &features)
        set(.restShare, restShare(steps, greatest), &features)
        set(.restShareLate, restShare(steps.extracting(((steps.count + 1) / 2)...), greatest), &features)
    }

    /// The share of samples with less than a tenth of the greatest slope: the rest between complexes.
    private static func restShare(_ slopes: borrowing Span<Float>, _ greatest: Float) -> Float {
        let least = 0.1 * greatest
        return Float(slopes.count { $0 .< least }) / Float(max(1, slopes.count))
    }

    /// From second to second, peak to peak.
    private static func amplitudes(_ signal: borrowing Span<Float>, into features: inout [Float]) {
        let rate = FibrillationWindow.fineRateHz
        var least = Float.infinity
        var greatest: Float = 0
        var total: Float = 0
        var square: Float = 0
        for second in 0 ..< FibrillationWindow.seconds {
            let extremes = signal.extracting(second * rate ..< (second + 1) * rate).extremes
            let amplitude = extremes.highest - extremes.lowest
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
}

extension FibrillationFeature {
    private static func power(
        _ coarse: [Float], _ mean: Float, _ spectrum: inout SmallSpectrum, into features: inout [Float]
    ) {
        let powers = spectrum.powers(of: coarse, mean: mean)
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
