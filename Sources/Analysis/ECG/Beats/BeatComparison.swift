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
        guard !templates.isEmpty else { return }
        features[.dominantCorrelation] = match.dominant.correlation
        features[.lagMilliseconds] = Float(match.dominant.lag) * BeatWindow.millisecondsPerSample
        features[.clusterCorrelation] = match.best.correlation
        features[.clusterShare] = templates.share(match.cluster)
        features[.clusterIntervalRatio] = templates.intervalRatios[match.cluster]
        features[.clusterWidthToDominant] = templates.shapes[match.cluster].width / max(usual.width, 1)
        features[.clusterToDominantCorrelation] = templates.dominantCorrelations[match.cluster]
        compareWaves(slot, match.dominant.lag, scale, usualScale, &features)
    }

    /// Complex, P and T wave beside those of the dominant template.
    private func compareWaves(
        _ slot: Int, _ lag: Int, _ scale: Float, _ usualScale: Float, _ features: inout BeatFeatures
    ) {
        let complex = difference(slot, BeatWindow.complex, lag)
        let pWave = difference(slot, BeatWindow.pWave, lag)
        let tWave = difference(slot, BeatWindow.tWave, min(lag, 0))
        features[.dominantDifference] = complex.absolute * usualScale
        features[.pWaveDifference] = pWave.absolute * usualScale
        features[.pWaveCorrelation] = pWave.correlation
        features[.tWaveDifference] = tWave.absolute * max(scale, usualScale)
        features[.tWaveCorrelation] = tWave.correlation
    }

    /// Mean absolute difference from the dominant template, in millivolts, and correlation with it, over a range.
    private func difference(_ slot: Int, _ range: Range<Int>, _ lag: Int) -> (absolute: Float, correlation: Float) {
        let own = slot * BeatWindow.length + lag
        let usual = templates.dominant * BeatWindow.length
        var absolute: Float = 0
        var (sumX, sumY, sumXX, sumYY, sumXY): (Float, Float, Float, Float, Float) = (0, 0, 0, 0, 0)
        for position in range where position + lag < BeatWindow.length {
            let x = windows[own + position]
            let y = templates.windows[usual + position]
            absolute += abs(x - y)
            sumX += x
            sumY += y
            sumXX += x * x
            sumYY += y * y
            sumXY += x * y
        }
        let count = Float(range.count)
        let spread = (sumXX - sumX * sumX / count) * (sumYY - sumY * sumY / count)
        let correlation = spread > 1e-12 ? (sumXY - sumX * sumY / count) / spread.squareRoot() : 0
        return (absolute / count, correlation)
    }
}
