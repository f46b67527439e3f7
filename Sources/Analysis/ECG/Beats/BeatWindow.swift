import Numbers

/// The stretch of the clean signal around a beat that its class is judged by: 250 ms before to 400 ms after.
///
/// The windows and the isoelectric segment are those of the usual inter-patient beat classifiers (de Chazal 2004).
enum BeatWindow {
    /// Working samples before the fiducial point.
    static let before = 50
    /// Working samples behind it.
    static let after = 80
    static let length = before + after
    /// The ventricular complex: 90 ms before to 120 ms after.
    static let complex = (before - 18) ..< (before + 24)
    /// The segment that counts as zero: 80 to 50 ms before.
    static let isoelectric = (before - 16) ..< (before - 10)
    /// The P wave: 230 to 80 ms before.
    static let pWave = (before - 46) ..< (before - 16)
    /// The T wave: from 120 ms after.
    static let tWave = (before + 24) ..< length
    /// The beginning of the complex, in samples: 40 ms.
    static let initial = 8
    /// How far a beat may be shifted to match a template: 20 ms.
    static let lagSamplesMax = 4
    static let millisecondsPerSample: Float = 1000 / Float(WorkingSignal.sampleRateHz)

    /// Whether the signal goes far enough for the window of a beat at `index`.
    static func isComplete(_ index: Int, in clean: borrowing SignalRing) -> Bool {
        clean.endIndex.subtractingReportingOverflow(index).partialValue >= after
    }

    /// The window of the beat at `index`, isoelectric at zero, into `slot` of `windows`.
    ///
    /// What is not there yet is held at the last sample that is.
    static func cut(_ index: Int, from clean: borrowing SignalRing, into windows: inout [Float], at slot: Int) {
        let start = index.subtractingReportingOverflow(before).partialValue
        let offset = slot * length
        var all = windows.mutableSpan
        // There whole, and nothing wrong with it, as nearly always.
        let oldest = max(0, clean.endIndex - SignalRing.capacity)
        if start >= oldest, start <= clean.endIndex - length, isPlausible(clean.window(start ..< start + length)) {
            let window = clean.window(start ..< start + length)
            for position in 0 ..< length { all[offset &+ position] = window[position] }
        } else {
            copy(start, from: clean, to: &all, at: offset)
        }
        var zero: Float = 0
        for position in isoelectric { zero += all[offset &+ position] }
        zero /= Float(isoelectric.count)
        for position in 0 ..< length { all[offset &+ position] -= zero }
    }

    /// Whether all are numbers, and none is more than any electrode gives.
    private static func isPlausible(_ window: borrowing Span<Float>) -> Bool {
        let limit = SIMD8(repeating: amplitudeLimitMillivolts)
        return window.count { $0 .<= limit .& $0 .>= -limit } == window.count
    }

    /// Sample by sample: each limited, and where there is none the one before it.
    private static func copy(
        _ start: Int, from clean: borrowing SignalRing, to windows: inout MutableSpan<Float>, at offset: Int
    ) {
        let available = max(0, min(length, clean.endIndex.subtractingReportingOverflow(start).partialValue))
        var last: Float = 0
        for position in 0 ..< length {
            if position < available {
                let sample = clean[start &+ position]
                last =
                    sample.isFinite ? min(max(sample, -amplitudeLimitMillivolts), amplitudeLimitMillivolts) : last
            }
            windows[offset &+ position] = last
        }
    }

    /// More than any electrode gives.
    private static let amplitudeLimitMillivolts: Float = 100
}

/// What can be measured of one window by itself.
struct BeatShape {
    /// Between the highest and the lowest point of the complex, in millivolts.
    var amplitude: Float = 0
    var maximum: Float = 0
    var minimum: Float = 0
    /// How long the slope stays above 15 % and 40 % of its steepest, in samples.
    var width: Float = 0
    /// Where it begins, in samples of the window.
    var onset = BeatWindow.before
    /// The way of the signal in the first 40 ms of the complex beside that in the first and the last 40 ms.
    var initialShare: Float = 0.5
    var coreWidth: Float = 0
    /// The steepest, in millivolts per sample.
    var slope: Float = 0
    /// Mean of the complex, and of its absolute value, in millivolts.
    var area: Float = 0
    var absoluteArea: Float = 0
    var pWaveHeight: Float = 0
    var tWaveMaximum: Float = 0
    var tWaveMinimum: Float = 0
    /// Mean of the second differences outside of the complex, in millivolts.
    var noise: Float = 0
    /// From the first tenth of the window to the last, in millivolts.
    var baselineStep: Float = 0
    /// How far the slope's energy lies from its centre, in samples: a width that noise hardly moves.
    var slopeSpread: Float = 0
    /// Of the complex: root of the energy of its differences beside its own.
    var frequency: Float = 0
    /// Mean of the T wave, in millivolts.
    var tWaveMean: Float = 0

    /// The shares of the steepest slope that bound the complex and its core.
    private static let widthShare: Float = 0.15
    private static let coreShare: Float = 0.4
    /// The slope counts from 100 ms before to 140 ms after.
    private static let slopeRange = (BeatWindow.before - 20) ..< (BeatWindow.before + 28)
    /// Below it a shape is a flat line, in millivolts.
    static let amplitudeFloor: Float = 1e-4

    init() {}

    /// Of the window at `offset` in `samples`.
    init(_ samples: [Float], at offset: Int) {
        let window = samples.span.extracting(offset ..< offset + BeatWindow.length)
        var high = -Float.greatestFiniteMagnitude
        var low = Float.greatestFiniteMagnitude
        for position in BeatWindow.complex {
            let sample = window[position]
            high = max(high, sample)
            low = min(low, sample)
            area += sample
            absoluteArea += abs(sample)
        }
        area /= Float(BeatWindow.complex.count)
        absoluteArea /= Float(BeatWindow.complex.count)
        maximum = high
        minimum = low
        amplitude = max(high - low, Self.amplitudeFloor)
        measureSlopes(window)
        measureWaves(window)
    }

    /// Of the slope: the widths, and how far its energy is spread.
    private mutating func measureSlopes(_ window: borrowing Span<Float>) {
        var slopes = InlineArray<48, Float>(repeating: 0)
        var (energy, first, second, own): (Float, Float, Float, Float) = (0, 0, 0, 0)
        for place in slopes.indices {
            let position = place + Self.slopeRange.lowerBound
            let difference = window[position + 1] - window[position - 1]
            slopes[place] = abs(difference) + 0.5 * abs(window[position + 2] - window[position - 2])
            slope = max(slope, slopes[place])
            let square = difference * difference
            let distance = Float(position - BeatWindow.before)
            energy += square
            first += square * distance
            second += square * distance * distance
            own += window[position] * window[position]
        }
        let complex = Self.bounds(slopes.span, above: Self.widthShare * slope)
        width = Float(complex.count - 1)
        onset = complex.lowerBound + Self.slopeRange.lowerBound
        coreWidth = Float(Self.bounds(slopes.span, above: Self.coreShare * slope).count - 1)
        let begun = Self.way(window, from: onset)
        let ended = Self.way(window, from: onset + complex.count - BeatWindow.initial)
        initialShare = begun / max(begun + ended, Self.amplitudeFloor)
        guard energy > 0, own > 0 else { return }
        let centre = first / energy
        slopeSpread = max(0, second / energy - centre * centre).squareRoot()
        frequency = (energy / own).squareRoot()
    }

    /// From the first slope above a limit to the last.
    private static func bounds(_ slopes: borrowing Span<Float>, above limit: Float) -> ClosedRange<Int> {
        var first = 0
        while first < slopes.count, !(slopes[first] > limit) { first += 1 }
        var last = slopes.count - 1
        while last > first, !(slopes[last] > limit) { last -= 1 }
        let start = min(first, slopes.count - 1)
        return start ... max(start, last)
    }

    /// How far the signal goes up and down in the 40 ms from `start` on.
    private static func way(_ window: borrowing Span<Float>, from start: Int) -> Float {
        var sum: Float = 0
        let first = max(start, 0)
        for position in first ..< min(first + BeatWindow.initial, window.count - 1) {
            sum += abs(window[position + 1] - window[position])
        }
        return sum
    }

    private mutating func measureWaves(_ window: borrowing Span<Float>) {
        var high = -Float.greatestFiniteMagnitude
        var low = Float.greatestFiniteMagnitude
        for position in BeatWindow.pWave {
            high = max(high, window[position])
            low = min(low, window[position])
            noise += abs(window[position + 1] - 2 * window[position] + window[position - 1])
        }
        pWaveHeight = high - low
        high = -Float.greatestFiniteMagnitude
        low = Float.greatestFiniteMagnitude
        for position in BeatWindow.tWave {
            high = max(high, window[position])
            low = min(low, window[position])
            tWaveMean += window[position]
        }
        tWaveMean /= Float(BeatWindow.tWave.count)
        tWaveMaximum = high
        tWaveMinimum = low
        noise /= Float(BeatWindow.pWave.count)
        let tenth = BeatWindow.length / 10
        for position in 0 ..< tenth { baselineStep += window[BeatWindow.length - 1 - position] - window[position] }
        baselineStep /= Float(tenth)
    }
}
