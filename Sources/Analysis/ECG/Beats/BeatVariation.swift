/// How much the patient's usual beats differ from their template: what is beyond it is unusual in this patient.
struct BeatVariation {
    /// The share of a new beat in the running means, once enough have been seen.
    private static let learningShare: Float = 0.03
    /// A beat counts as no further away than so many times the mean.
    private static let outlierRatio: Float = 3
    private static let outlierFloor: Float = 1e-3
    /// The first beats count as far as they are.
    private static let settlingBeats: Float = 8
    /// So little is noise of the measurement.
    private static let spreadFloor: Float = 0.03
    private static let differenceFloor: Float = 0.01

    /// Running means: of the spread of the slope beside the template's, less one; of the differences of complex,
    /// P and T wave. Before there is a beat they are what most hearts have.
    private var spread: Float = 0.1
    private var complex: Float = 0.05
    private var pWave: Float = 0.05
    private var tWave: Float = 0.05
    private var count: Float = 0

    /// From the features of a usual beat.
    mutating func learn(_ features: BeatFeatures) {
        count += 1
        let share = max(Self.learningShare, 1 / (count + 1))
        let isSettled = count > Self.settlingBeats
        func follow(_ mean: inout Float, _ value: Float) {
            mean += ((isSettled ? min(value, Self.outlierRatio * mean + Self.outlierFloor) : value) - mean) * share
        }
        follow(&spread, abs(features[.slopeSpreadToDominant] - 1))
        follow(&complex, features[.dominantDifference])
        follow(&pWave, features[.pWaveDifference])
        follow(&tWave, features[.tWaveDifference])
    }

    /// Measures the differences that a beat has by those that are usual.
    func compare(_ features: inout BeatFeatures) {
        features[.slopeSpreadDeviation] = (features[.slopeSpreadToDominant] - 1) / (spread + Self.spreadFloor)
        features[.differenceDeviation] = features[.dominantDifference] / (complex + Self.differenceFloor)
        features[.pWaveDeviation] = features[.pWaveDifference] / (pWave + Self.differenceFloor)
        features[.tWaveDeviation] = features[.tWaveDifference] / (tWave + Self.differenceFloor)
    }
}
