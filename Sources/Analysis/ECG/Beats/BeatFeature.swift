/// What the beat models look at, in the order of their inputs. Ratios unless a unit is named.
///
/// The first group is known when the beat is; the second compares it with what the patient's beats look like; the
/// third needs the beats that follow and is zero in the provisional model.
enum BeatFeature: Int, CaseIterable {
    // The intervals up to the beat.
    case intervalToMedian10
    case intervalToSlowMean
    case intervalToUpperQuartile64
    case intervalToMaximum10
    case previousToMedian10
    case intervalToPrevious
    case intervalSeconds
    case spread10
    case variation10
    case mean10ToSlowMean
    case prematureShare10
    case variation64
    // The beat's own shape.
    case widthMilliseconds
    case coreWidthMilliseconds
    case slopeToAmplitude
    case peakShare
    case area
    case absoluteArea
    case pWaveHeight
    case tWaveMaximum
    case tWaveMinimum
    case noise
    case baselineStep
    case slopeSpreadMilliseconds
    case discordance
    // Against the dominant template.
    case dominantCorrelation
    case dominantDifference
    case pWaveCorrelation
    case pWaveDifference
    case tWaveCorrelation
    case tWaveDifference
    case amplitudeToDominant
    case widthToDominant
    case slopeToDominant
    case dominantPWaveHeight
    case dominantWidthMilliseconds
    case lagMilliseconds
    case slopeSpreadToDominant
    case frequencyToDominant
    case latePWaveDifference
    case latePWaveCorrelation
    // Against how much the patient's usual beats vary.
    case slopeSpreadDeviation
    case differenceDeviation
    case pWaveDeviation
    case tWaveDeviation
    // How the complex begins: as a conducted one, even where it ends aberrantly.
    case initialShare
    case initialDifference
    case initialCorrelation
    case slopeSpreadToNarrowest
    // Against the cluster of beats that it belongs to.
    case clusterCorrelation
    case clusterShare
    case clusterIntervalRatio
    case clusterWidthToDominant
    case clusterToDominantCorrelation
    case clusterNextRatio
    case previousCorrelation
    case previousDominantCorrelation
    // With the beats that follow.
    case nextToMedian10
    case intervalToNext
    case pairToMedian10
    case nextToSlowMean
    case intervalToCentredMedian
    case nextToCentredMedian
    case secondNextToCentredMedian
    case previousToCentredMedian
    case intervalToCentredMaximum
    case intervalToCentredUpperQuartile
    case centredPrematureShare
    case centredVariation
    case centredVariationOfNormals
    case intervalToLongMedian
    case nextCorrelation
    case nextDominantCorrelation
    case intervalToLikeMaximum
    case centredUnlikeShare
    // The P wave in front, without the T wave of the beat before.
    case atrialWaveHeight
    case atrialWaveToUsual
    case atrialWaveOpposite
    case atrialWaveLagMilliseconds
    case usualAtrialWave
    case clusterAtrialWave
    case atrialWaveToOnsetMilliseconds
}

/// One row of model inputs.
struct BeatFeatures {
    /// One for each ``BeatFeature``, all finite.
    private(set) var values = InlineArray<82, Float>(repeating: 0)

    var array: [Float] { values.indices.map { values[$0] } }

    subscript(_ feature: BeatFeature) -> Float {
        get { values[feature.rawValue] }
        set { values[feature.rawValue] = newValue.isFinite ? min(max(newValue, -Self.limit), Self.limit) : 0 }
    }

    /// Nothing that a heart does is beyond it.
    private static let limit: Float = 1e4
}

/// What stays of a beat's inputs while it waits for its successors: the rest is compared anew with what is known
/// then.
struct LastingFeatures {
    private static let count = BeatFeature.variation64.rawValue + 1
    private var intervals = InlineArray<12, Float>(repeating: 0)
    private var previousCorrelation: Float = 0
    private var previousDominantCorrelation: Float = 0

    init() {}

    init(_ features: BeatFeatures) {
        for place in 0 ..< min(Self.count, intervals.count) { intervals[place] = features.values[place] }
        previousCorrelation = features[.previousCorrelation]
        previousDominantCorrelation = features[.previousDominantCorrelation]
    }

    var features: BeatFeatures { BeatFeatures(intervals, previousCorrelation, previousDominantCorrelation) }
}

extension BeatFeatures {
    fileprivate init(_ intervals: InlineArray<12, Float>, _ previous: Float, _ previousDominant: Float) {
        for place in intervals.indices { values[place] = intervals[place] }
        self[.previousCorrelation] = previous
        self[.previousDominantCorrelation] = previousDominant
    }
}
