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
        let available = max(0, min(length, clean.endIndex.subtractingReportingOverflow(start).partialValue))
        let offset = slot * length
        var last: Float = 0
        for position in 0 ..< length {
            if position < available {
                let sample = clean[start &+ position]
                last =
                    sample.isFinite ? min(max(sample, -amplitudeLimitMillivolts), amplitudeLimitMillivolts) : last
            }
            windows[offset + position] = last
        }
        var zero: Float = 0
        for position in isoelectric { zero += windows[offset + position] }
        zero /= Float(isoelectric.count)
        for position in 0 ..< length { windows[offset + position] -= zero }
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
        var high = -Float.greatestFiniteMagnitude
        var low = Float.greatestFiniteMagnitude
        for position in BeatWindow.complex {
            let sample = samples[offset + position]
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
        measureWidths(samples, at: offset)
        measureWaves(samples, at: offset)
        measureSpread(samples, at: offset)
    }

    private static func slope(_ samples: [Float], _ position: Int) -> Float {
        abs(samples[position + 1] - samples[position - 1])
            + 0.5 * abs(samples[position + 2] - samples[position - 2])
    }

    private mutating func measureWidths(_ samples: [Float], at offset: Int) {
        for position in Self.slopeRange { slope = max(slope, Self.slope(samples, offset + position)) }
        var first = -1
        var last = -1
        var coreFirst = -1
        var coreLast = -1
        for position in Self.slopeRange {
            let here = Self.slope(samples, offset + position)
            if here > Self.widthShare * slope {
                if first < 0 { first = position }
                last = position
            }
            if here > Self.coreShare * slope {
                if coreFirst < 0 { coreFirst = position }
                coreLast = position
            }
        }
        width = Float(last - first)
        coreWidth = Float(coreLast - coreFirst)
    }

    private mutating func measureSpread(_ samples: [Float], at offset: Int) {
        var (energy, first, second, own): (Float, Float, Float, Float) = (0, 0, 0, 0)
        for position in Self.slopeRange {
            let difference = samples[offset + position + 1] - samples[offset + position - 1]
            let square = difference * difference
            let distance = Float(position - BeatWindow.before)
            energy += square
            first += square * distance
            second += square * distance * distance
            own += samples[offset + position] * samples[offset + position]
        }
        guard energy > 0, own > 0 else { return }
        let centre = first / energy
        slopeSpread = max(0, second / energy - centre * centre).squareRoot()
        frequency = (energy / own).squareRoot()
    }

    private mutating func measureWaves(_ samples: [Float], at offset: Int) {
        var high = -Float.greatestFiniteMagnitude
        var low = Float.greatestFiniteMagnitude
        for position in BeatWindow.pWave {
            high = max(high, samples[offset + position])
            low = min(low, samples[offset + position])
            noise += abs(
                samples[offset + position + 1] - 2 * samples[offset + position] + samples[offset + position - 1])
        }
        pWaveHeight = high - low
        high = -Float.greatestFiniteMagnitude
        low = Float.greatestFiniteMagnitude
        for position in BeatWindow.tWave {
            high = max(high, samples[offset + position])
            low = min(low, samples[offset + position])
            tWaveMean += samples[offset + position]
        }
        tWaveMean /= Float(BeatWindow.tWave.count)
        tWaveMaximum = high
        tWaveMinimum = low
        noise /= Float(BeatWindow.pWave.count)
        let tenth = BeatWindow.length / 10
        for position in 0 ..< tenth {
            baselineStep += samples[offset + BeatWindow.length - 1 - position] - samples[offset + position]
        }
        baselineStep /= Float(tenth)
    }
}
