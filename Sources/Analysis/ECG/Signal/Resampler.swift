import Numbers

/// Brings samples of any rate to the working rate, with a low-pass filter of linear phase that keeps what lies
/// above from folding back.
///
/// The filter is a sinc under a Kaiser window, tabulated for each phase that an output can have between two
/// inputs: exactly, when these are few, else at the nearest of ``phasesMax``. Output `n` stands for the time `n
/// / 200` s; it is made when the inputs half a filter behind it are there.
struct Resampler: Sendable {
    /// Inputs in one go, at most.
    static let blockMax = 128
    /// Outputs that one go can give: as many as inputs, and what was still owed.
    static let outputMax = blockMax + 2
    static let phasesMax = 64
    /// Zero crossings of the sinc on each side.
    static let crossings = 4.0
    /// Of the Kaiser window: about 60 dB.
    static let kaiserBeta = 5.6
    /// Of the lower of both rates: where the filter is at half.
    static let cutoffShare = 0.45

    /// Inputs in one go: fewer where each gives more than one output.
    let blockSamples: Int
    /// A multiple of four.
    private let tapCount: Int
    private let phaseCount: Int
    private let kernel: [Float]
    /// An output is `down / up` inputs after the one before it.
    private let up: Int
    private let stepWhole: Int
    private let stepPart: Int
    private var history: [Float]
    private var filled: Int
    /// First tap of the next output.
    private var start = 0
    /// In parts of `up`.
    private var phase = 0
    /// What came of the last block: the first `outputCount` are valid.
    private(set) var output = [Float](repeating: 0, count: outputMax)
    private(set) var outputCount = 0

    init(sampleRateHz: Double) {
        // In thousandths of a hertz every rate that a device states is a whole number.
        let down = max(1, Int((sampleRateHz * 1000).rounded()))
        let working = WorkingSignal.sampleRateHz * 1000
        let common = Self.commonDivisor(down, working)
        up = working / common
        stepWhole = down / working
        stepPart = (down % working) / common
        let rate = Double(WorkingSignal.sampleRateHz)
        blockSamples = min(Self.blockMax, max(1, Int(Double(Self.blockMax) * sampleRateHz / rate)))
        let cutoffHz = Self.cutoffShare * min(sampleRateHz, rate)
        let halfWidth = Self.crossings * sampleRateHz / (2 * cutoffHz)
        tapCount = (2 * Int(halfWidth.rounded(.up)) + 3) / 4 * 4
        phaseCount = min(up, Self.phasesMax)
        kernel = Self.kernel(
            tapCount: tapCount, phaseCount: phaseCount, cutoff: cutoffHz / sampleRateHz, halfWidth: halfWidth)
        history = [Float](repeating: 0, count: tapCount + 2 * Self.blockMax)
        filled = tapCount / 2 - 1
    }

    /// Inputs that must follow an output's time before it is made.
    var lookahead: Int { tapCount / 2 }

    /// At most ``blockSamples`` of `inputs`. Replaces ``output``.
    mutating func append(_ inputs: borrowing Span<Float>) {
        if filled + inputs.count > history.count { slide() }
        take(inputs)
        let steps = Steps(taps: tapCount, phases: phaseCount, up: up, whole: stepWhole, part: stepPart)
        outputCount = Self.filter(history, kernel, to: &output, steps, from: &start, &phase, filled)
    }

    /// From one output to the next.
    private struct Steps {
        let taps: Int
        let phases: Int
        let up: Int
        let whole: Int
        let part: Int
    }

    /// All outputs whose inputs are there; gives how many.
    private static func filter(
        _ history: [Float], _ kernel: [Float], to output: inout [Float], _ steps: Steps, from start: inout Int,
        _ startPhase: inout Int, _ filled: Int
    ) -> Int {
        let samples = history.span
        let weights = kernel.span
        var outputs = output.mutableSpan
        let isExact = steps.phases == steps.up
        var made = 0
        var first = start
        var phase = startPhase
        while first &+ steps.taps <= filled {
            let part = isExact ? phase : phase * steps.phases / steps.up
            var sums = SIMD4<Float>.zero
            var weight = part &* steps.taps
            var at = first
            let end = first &+ steps.taps
            while at &+ 16 <= end {
                let window = samples.extracting(at ..< at &+ 16)
                let row = weights.extracting(weight ..< weight &+ 16)
                sums += window.four(at: 0) * row.four(at: 0)
                sums += window.four(at: 4) * row.four(at: 4)
                sums += window.four(at: 8) * row.four(at: 8)
                sums += window.four(at: 12) * row.four(at: 12)
                at &+= 16
                weight &+= 16
            }
            while at < end {
                sums += samples.four(at: at) * weights.four(at: weight)
                at &+= 4
                weight &+= 4
            }
            outputs[made] = sums.sum()
            made &+= 1
            first &+= steps.whole
            phase &+= steps.part
            if phase >= steps.up {
                phase &-= steps.up
                first &+= 1
            }
        }
        start = first
        startPhase = phase
        return made
    }

    private mutating func take(_ inputs: borrowing Span<Float>) {
        let end = filled
        var newest = history.mutableSpan
        for index in inputs.indices { newest[end &+ index] = inputs[index] }
        filled = end + inputs.count
    }

    /// So many inputs never came, and no output is made for them: time goes on. Gives how many outputs were
    /// passed over.
    mutating func skip(inputs count: Int) -> Int {
        // Where the next output's first tap lies, in parts of an input behind the history's end.
        let ahead = (start - filled + tapCount / 2 - 1) * up + phase
        let step = stepWhole * up + stepPart
        let missed = max(0, count * up - ahead)
        let outputs = (missed + step - 1) / step
        let position = ahead + outputs * step - count * up
        for index in history.indices { history[index] = 0 }
        filled = tapCount / 2 - 1
        start = position / up
        phase = position % up
        return outputs
    }

    private mutating func slide() {
        let keep = min(start, filled)
        for index in keep ..< filled { history[index - keep] = history[index] }
        filled -= keep
        start -= keep
    }

    private static func commonDivisor(_ one: Int, _ other: Int) -> Int {
        other == 0 ? one : commonDivisor(other, one % other)
    }

    /// `cutoff` in shares of the input rate, `halfWidth` in inputs. Every phase passes a constant unchanged.
    private static func kernel(tapCount: Int, phaseCount: Int, cutoff: Double, halfWidth: Double) -> [Float] {
        var kernel: [Float] = []
        for phase in 0 ..< phaseCount {
            var row = (0 ..< tapCount).map { tap -> Double in
                let x = Double(tap - (tapCount / 2 - 1)) - Double(phase) / Double(phaseCount)
                guard abs(x) < halfWidth else { return 0 }
                let angle = 2 * Double.pi * cutoff * x
                let share = x / halfWidth
                let window = besselI0(kaiserBeta * (1 - share * share).squareRoot()) / besselI0(kaiserBeta)
                return (x == 0 ? 1 : Mathematics.sin(angle) / angle) * window
            }
            let sum = row.reduce(0, +)
            for tap in row.indices { row[tap] /= sum }
            kernel += row.map { Float($0) }
        }
        return kernel
    }

    /// The modified Bessel function of order zero, by its series.
    private static func besselI0(_ x: Double) -> Double {
        var sum = 1.0
        var term = 1.0
        for index in 1 ... 30 {
            term *= (x / 2 / Double(index)) * (x / 2 / Double(index))
            sum += term
        }
        return sum
    }
}
