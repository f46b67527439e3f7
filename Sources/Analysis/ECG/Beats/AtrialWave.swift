/// A wave of a P wave's length in front of a complex, also where it stood on the T wave of the beat before.
///
/// A premature atrial beat, however it is conducted, has its P wave there; a ventricular one has none, or has that
/// of the sinus node at another distance.
struct AtrialWave: Sendable {
    /// Half of what counts as the top of a wave, in samples: 40 ms in all.
    private static let topHalf = 4
    /// The level beside it is measured so far away on both sides, in samples: 45 to 70 ms.
    private static let flank = 9 ..< 14
    /// So close to the onset of the complex nothing is looked for, in samples.
    private static let onsetMargin = 3
    /// A shorter stretch than that shows no wave, in samples.
    private static let stretchMin = 23

    /// The highest and the lowest above the level beside them, in millivolts.
    private(set) var highest: Float = 0
    private(set) var lowest: Float = 0
    /// How far before the fiducial point they are, in samples.
    private(set) var highestBefore: UInt8 = 0
    private(set) var lowestBefore: UInt8 = 0

    /// None.
    init() {}

    /// Before the complex that begins at `onset` of the window at `offset`, and behind that of the beat before,
    /// which was `intervalSamples` earlier.
    init(_ windows: [Float], at offset: Int, onset: Int, intervalSamples: Int) {
        let end = min(onset - Self.onsetMargin, BeatWindow.before)
        let first = max(0, UsualTail.range.lowerBound - intervalSamples)
        guard end - first >= Self.stretchMin else { return }
        let window = windows.span.extracting(offset ..< offset + BeatWindow.before)
        var sums = InlineArray<51, Float>(repeating: 0)
        for place in first ..< end { sums[place + 1] = sums[place] + window[place] }
        search(sums.span, first ..< end)
    }

    /// By the running sums of the signal.
    private mutating func search(_ sums: borrowing Span<Float>, _ stretch: Range<Int>) {
        for top in (stretch.lowerBound + Self.flank.lowerBound) ..< (stretch.upperBound - Self.topHalf) {
            let left = max(stretch.lowerBound, top - Self.flank.upperBound) ..< (top - Self.flank.lowerBound + 1)
            let end = min(stretch.upperBound, top + Self.flank.upperBound)
            let right = min(top + Self.flank.lowerBound, end - 2) ..< end
            let level = (Self.mean(sums, left) + Self.mean(sums, right)) / 2
            let height = Self.mean(sums, (top - Self.topHalf) ..< (top + Self.topHalf)) - level
            if height > highest {
                highest = height
                highestBefore = UInt8(BeatWindow.before - top)
            }
            if height < lowest {
                lowest = height
                lowestBefore = UInt8(BeatWindow.before - top)
            }
        }
    }

    @inline(__always)
    private static func mean(_ sums: borrowing Span<Float>, _ range: Range<Int>) -> Float {
        (sums[range.upperBound] - sums[range.lowerBound]) / Float(range.count)
    }
}

/// The P wave that is in front of the patient's usual beats.
struct UsualAtrialWave: Sendable {
    private static let learningShare: Float = 0.03
    /// Before there is a beat: 160 ms.
    private static let samplesAssumed: Float = 32
    private var highest: Float = 0
    private var lowest: Float = 0
    private var highestBefore = samplesAssumed
    private var lowestBefore = samplesAssumed
    private var count: Float = 0

    private var isUp: Bool { highest >= -lowest }
    /// In millivolts, whichever way it points; and how far before the fiducial point, in samples.
    var height: Float { isUp ? highest : -lowest }
    var before: Float { isUp ? highestBefore : lowestBefore }

    /// The height of another that points the same way, how far before it is, and the height of what points the
    /// other way.
    func compare(_ wave: AtrialWave) -> (like: Float, likeBefore: Float, unlike: Float) {
        isUp
            ? (wave.highest, Float(wave.highestBefore), -wave.lowest)
            : (-wave.lowest, Float(wave.lowestBefore), wave.highest)
    }

    mutating func learn(_ wave: AtrialWave) {
        count += 1
        let share = max(Self.learningShare, 1 / count)
        highest += (wave.highest - highest) * share
        lowest += (wave.lowest - lowest) * share
        highestBefore += (Float(wave.highestBefore) - highestBefore) * share
        lowestBefore += (Float(wave.lowestBefore) - lowestBefore) * share
    }
}

extension BeatClassifier {
    /// The P wave in front of a beat is so high at least, as a part of the usual complex, to be a measure.
    private static let usualShareMin: Float = 0.02

    /// The P wave in front of a beat, beside the usual one and what the beats of its shape have.
    func compareAtrialWave(_ slot: Int, _ match: BeatTemplates.Match, _ features: inout BeatFeatures) {
        guard !templates.isEmpty else { return }
        let wave = waiting[slot].wave
        let usual = templates.usualWave
        let amplitude = max(templates.shapes[templates.dominant].amplitude, BeatShape.amplitudeFloor)
        let size = max(usual.height, Self.usualShareMin * amplitude)
        let compared = usual.compare(wave)
        let onsetBefore = Float(BeatWindow.before - waiting[slot].shape.onset)
        features[.atrialWaveHeight] = max(wave.highest, -wave.lowest) / amplitude
        features[.atrialWaveToUsual] = compared.like / size
        features[.atrialWaveOpposite] = compared.unlike / size
        features[.atrialWaveLagMilliseconds] =
            (compared.likeBefore - usual.before) * BeatWindow.millisecondsPerSample
        features[.usualAtrialWave] = usual.height / amplitude
        features[.clusterAtrialWave] = templates.atrialWaves[match.cluster]
        features[.atrialWaveToOnsetMilliseconds] =
            (compared.likeBefore - onsetBefore) * BeatWindow.millisecondsPerSample
    }
}
