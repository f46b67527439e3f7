extension BeatClassifier {
    /// The beat's shape, by itself and beside the templates.
    func compare(
        _ slot: Int, _ shape: BeatShape, _ match: BeatTemplates.Match, _ features: inout BeatFeatures
    ) {
        let up = templates.polarity > 0
        let scale = 1 / shape.amplitude
        features[.widthMilliseconds] = shape.width * BeatWindow.millisecondsPerSample
        features[.coreWidthMilliseconds] = shape.coreWidth * BeatWindow.millisecondsPerSample
        features[.slopeToAmplitude] = shape.slope * scale
        features[.peakShare] = (up ? shape.maximum : -shape.minimum) * scale
        features[.area] = shape.area * templates.polarity * scale
        features[.absoluteArea] = shape.absoluteArea * scale
        features[.tWaveMaximum] = (up ? shape.tWaveMaximum : -shape.tWaveMinimum) * scale
        features[.tWaveMinimum] = (up ? shape.tWaveMinimum : -shape.tWaveMaximum) * scale
        let usual = templates.isEmpty ? shape : templates.shapes[templates.dominant]
        let usualScale = 1 / max(usual.amplitude, BeatShape.amplitudeFloor)
        features[.pWaveHeight] = shape.pWaveHeight * usualScale
        features[.noise] = shape.noise * usualScale
        features[.baselineStep] = abs(shape.baselineStep) * usualScale
        features[.amplitudeToDominant] = shape.amplitude * usualScale
        features[.widthToDominant] = shape.width / max(usual.width, 1)
        features[.slopeToDominant] = shape.slope / max(usual.slope, BeatShape.amplitudeFloor)
        features[.dominantPWaveHeight] = usual.pWaveHeight * usualScale
        features[.dominantWidthMilliseconds] = usual.width * BeatWindow.millisecondsPerSample
        features[.slopeSpreadMilliseconds] = shape.slopeSpread * BeatWindow.millisecondsPerSample
        features[.slopeSpreadToDominant] = shape.slopeSpread / max(usual.slopeSpread, 1)
        features[.frequencyToDominant] = shape.frequency / max(usual.frequency, 1e-3)
        features[.initialShare] = shape.initialShare
        features[.discordance] = (shape.area > 0 ? -shape.tWaveMean : shape.tWaveMean) * scale
        guard !templates.isEmpty else { return }
        features[.dominantCorrelation] = match.dominant.correlation
        features[.lagMilliseconds] = Float(match.dominant.lag) * BeatWindow.millisecondsPerSample
        features[.clusterCorrelation] = match.best.correlation
        features[.clusterShare] = templates.share(match.cluster)
        features[.clusterIntervalRatio] = templates.intervalRatios[match.cluster]
        features[.clusterWidthToDominant] = templates.shapes[match.cluster].width / max(usual.width, 1)
        features[.clusterNextRatio] = templates.nextRatios[match.cluster]
        features[.clusterToDominantCorrelation] = templates.dominantCorrelation(match.cluster)
        compareWaves(slot, shape, match.dominant.lag, scale, usualScale, &features)
    }

    /// Complex, P and T wave beside those of the dominant template.
    private func compareWaves(
        _ slot: Int, _ shape: BeatShape, _ lag: Int, _ scale: Float, _ usualScale: Float,
        _ features: inout BeatFeatures
    ) {
        let complex = difference(slot, BeatWindow.complex, lag)
        let pWave = difference(slot, BeatWindow.pWave, lag)
        if templates.lateCount > 0 { compareLatePWave(slot, lag, usualScale, &features) }
        let tWave = difference(slot, BeatWindow.tWave, min(lag, 0))
        features[.dominantDifference] = complex.difference * usualScale
        features[.pWaveDifference] = pWave.difference * usualScale
        features[.pWaveCorrelation] = pWave.correlation
        features[.tWaveDifference] = tWave.difference * max(scale, usualScale)
        features[.tWaveCorrelation] = tWave.correlation
        compareInitial(slot, shape, usualScale, &features)
        features[.slopeSpreadToNarrowest] = shape.slopeSpread / max(templates.narrowest, 1)
        templates.variation.compare(&features)
    }

    /// The P wave beside that of beats that come late.
    private func compareLatePWave(_ slot: Int, _ lag: Int, _ usualScale: Float, _ features: inout BeatFeatures) {
        let start = slot * BeatWindow.length + BeatWindow.pWave.lowerBound + lag
        let resemblance = Resemblance(
            windows.span.extracting(start ..< start + BeatWindow.pWave.count), templates.latePWave.span)
        features[.latePWaveDifference] = resemblance.difference * usualScale
        features[.latePWaveCorrelation] = resemblance.correlation
    }

    /// The first 60 ms of the complex beside those of the dominant template, each from its own onset.
    private func compareInitial(
        _ slot: Int, _ shape: BeatShape, _ usualScale: Float, _ features: inout BeatFeatures
    ) {
        let usual = templates.shapes[templates.dominant]
        let own = slot * BeatWindow.length + shape.onset
        let other = templates.dominant * BeatWindow.length + usual.onset
        let count = BeatWindow.initial * 3 / 2
        let resemblance = Resemblance(
            windows.span.extracting(own ..< own + count), templates.windows.span.extracting(other ..< other + count)
        )
        features[.initialDifference] = resemblance.difference * usualScale
        features[.initialCorrelation] = resemblance.correlation
    }

    /// A range of the window beside the same of the dominant template.
    private func difference(_ slot: Int, _ range: Range<Int>, _ lag: Int) -> Resemblance {
        let own = slot * BeatWindow.length + lag + range.lowerBound
        let usual = templates.dominant * BeatWindow.length + range.lowerBound
        let count = min(range.count, BeatWindow.length - lag - range.lowerBound)
        return Resemblance(
            windows.span.extracting(own ..< own + count), templates.windows.span.extracting(usual ..< usual + count)
        )
    }
}

/// How two stretches of signal resemble each other.
private struct Resemblance {
    private var count: Float = 0
    private var absolute: Float = 0
    private var (sumX, sumY, sumXX, sumYY, sumXY): (Float, Float, Float, Float, Float) = (0, 0, 0, 0, 0)
    /// Two stretches with less energy than that, in mV⁴, have no correlation.
    private static let spreadFloor: Float = 1e-12

    /// Of two stretches of the same length.
    @inline(__always)
    init(_ one: borrowing Span<Float>, _ other: borrowing Span<Float>) {
        var place = 0
        let end = min(one.count, other.count)
        while place < end {
            let x = one[place]
            let y = other[place]
            absolute += abs(x - y)
            sumX += x
            sumY += y
            sumXX += x * x
            sumYY += y * y
            sumXY += x * y
            place &+= 1
        }
        count = Float(end)
    }

    /// Mean absolute difference, in millivolts.
    var difference: Float { count > 0 ? absolute / count : 0 }

    var correlation: Float {
        guard count > 0 else { return 0 }
        let spread = (sumXX - sumX * sumX / count) * (sumYY - sumY * sumY / count)
        return spread > Self.spreadFloor ? (sumXY - sumX * sumY / count) / spread.squareRoot() : 0
    }
}
