import Numbers

/// What the detector looks at, for one working sample.
struct Frame: Sendable {
    /// 5…20 Hz, where a QRS stands out; behind the signal by ``LeadFront/bandDelaySamples``.
    var band: Float = 0
    /// The absolute slope of ``band``, per second.
    var slope: Float = 0
    /// The mean of ``slope`` over the last 100 ms.
    var energy: Float = 0
    /// 0.7…4 Hz: T waves and wander.
    var low: Float = 0
}

/// Turns a device's samples into the signals of the analysis, and finds where a QRS may be.
struct LeadFront: Sendable {
    /// Of the band-pass, at the frequencies of a QRS: measured as the mean distance of its peak from the R peak.
    static let bandDelaySamples = 7
    static let bandHz = (low: 5.0, high: 20.0)
    static let wanderHz = 0.5
    static let lowHz = (low: 0.7, high: 4.0)
    /// 100 ms.
    static let energyWindow = 20
    /// A candidate has the most energy within so much on either side: 100 ms.
    static let dominance = 20
    /// Frames that can be looked back at: 2.56 s.
    static let frameCapacity = 512
    /// Of ``clean`` behind the newest sample.
    static let cleanDelay = 10
    /// Candidates that a block can bring.
    static let candidatesMax = Resampler.outputMax / (dominance + 1) + 2
    /// Energy is summed in whole numbers, which cannot drift: parts of a millivolt per sample.
    static let energyUnit: Float = 1_048_576

    /// Low-pass of linear phase, 21 taps at 200 Hz, the middle one and those beside it: even to 34 Hz, half at
    /// 37 Hz, and less than a 200th of the mains at 50 and 60 Hz, always. Least squares (bands 0-34, 48-52,
    /// 58-62, 64-100 Hz, weights 1, 30, 30, 3).
    static let cleanTaps: [Float] = [
        0.402666300535202, 0.3058162331581116, 0.09881266206502914, -0.053946856409311295, -0.06992273032665253,
        -0.006510631646960974, 0.035335078835487366, 0.022912409156560898, -0.0073751527816057205,
        -0.0182652585208416, -0.008188915438950062,
    ]

    /// Of a new sample, in the two means between which ``Frame/low`` lies.
    private static let lowShares = (
        smooth: Float(2 * Double.pi * lowHz.high / 200), wander: Float(2 * Double.pi * lowHz.low / 200)
    )

    var input: RawInput
    private var resampler: Resampler
    private let taps = LeadFront.cleanTaps
    /// The newest samples before any filter, twice as many as are needed, so that they are seldom moved.
    private var plain = [Float](repeating: 0, count: 512)
    private var plainEnd = 20
    private var wander = Biquad.highPass(hertz: wanderHz, sampleRateHz: 200)
    private var bandHigh = Biquad.highPass(hertz: bandHz.low, sampleRateHz: 200)
    private var bandLow = Biquad.lowPass(hertz: bandHz.high, sampleRateHz: 200)
    private var lowSmooth: Float = 0
    private var lowWander: Float = 0
    private var energySum: Int64 = 0
    private var energyParts = [Int64](repeating: 0, count: 32)
    private var frames = [Frame](repeating: Frame(), count: frameCapacity)
    private(set) var clean = SignalRing()
    private var second = FilteredSecond(0)
    /// Seconds of the clean signal that have ended and nobody has taken yet.
    var endedSeconds: [FilteredSecond] = []
    /// Behind the newest working sample.
    private(set) var endIndex = 0
    /// Where energy dominates, oldest first; taken by the detector.
    var candidates: [Int] = []

    init(sampleRateHz: Double) {
        input = RawInput(sampleRateHz: sampleRateHz)
        resampler = Resampler(sampleRateHz: sampleRateHz)
        candidates.reserveCapacity(2 * Self.candidatesMax)
    }

    subscript(_ index: Int) -> Frame {
        guard index >= 0, index < endIndex, index > endIndex - Self.frameCapacity else { return Frame() }
        return frames[index & (Self.frameCapacity - 1)]
    }

    /// At most ``Resampler/blockMax`` samples in mV.
    mutating func append(_ samples: borrowing Span<Float>) {
        input.read(samples)
        let block = input.block
        resampler.append(block.span.extracting(0 ..< samples.count))
        filter()
    }

    /// Time goes on without samples.
    mutating func skip(_ count: Int) {
        input.skip(count)
        let passed = resampler.skip(inputs: count)
        endIndex += passed
        clean.skip(to: max(0, endIndex - Self.cleanDelay))
        for index in frames.indices { frames[index] = Frame() }
        for index in energyParts.indices { energyParts[index] = 0 }
        for index in plain.indices { plain[index] = 0 }
        energySum = 0
        endedSeconds.removeAll(keepingCapacity: true)
        second = FilteredSecond(clean.endIndex / WorkingSignal.sampleRateHz)
        second.begin(at: clean.endIndex % WorkingSignal.sampleRateHz)
        lowSmooth = 0
        lowWander = 0
        wander.reset()
        bandHigh.reset()
        bandLow.reset()
        candidates.removeAll(keepingCapacity: true)
    }

    private mutating func filter() {
        let count = resampler.outputCount
        if plainEnd + count > plain.count { slide() }
        for step in 0 ..< count { plain[plainEnd + step] = resampler.output[step] }
        let start = plainEnd
        plainEnd += count
        smooth(start ..< plainEnd)
        passBand(start ..< plainEnd)
        followLow(start ..< plainEnd)
        endIndex += count
        findCandidates(endIndex - count ..< endIndex)
    }

    private mutating func slide() {
        for index in 0 ..< 20 { plain[index] = plain[plainEnd - 20 + index] }
        plainEnd = 20
    }

    /// The clean signal, ten samples behind.
    private mutating func smooth(_ range: Range<Int>) {
        var wander = wander
        let plain = plain
        let taps = taps
        let weights = taps.span
        var index = endIndex
        var second = second
        for at in range {
            let window = plain.span.extracting(at - 20 ..< at + 1)
            var sum = weights[0] * window[10]
            for tap in 1 ... 10 { sum += weights[tap] * (window[10 - tap] + window[10 + tap]) }
            let cleaned = wander.filter(sum)
            if index >= Self.cleanDelay {
                clean.append(cleaned)
                if second.add(cleaned, drift: sum - cleaned, rest: window[10] - sum) {
                    endedSeconds.append(second)
                    second = FilteredSecond(second.second + 1)
                }
            }
            index += 1
            if index & 63 == 0 { wander.forgetTraces() }
        }
        self.wander = wander
        self.second = second
    }

    /// Band, slope and energy.
    private mutating func passBand(_ range: Range<Int>) {
        var bandHigh = bandHigh
        var bandLow = bandLow
        var energySum = energySum
        var index = endIndex
        let mask = Self.frameCapacity - 1
        var before = (self.frames[(index &- 2) & mask].band, self.frames[(index &- 1) & mask].band)
        let plain = plain
        // Out of `self` for a while: then no write asks who else holds them.
        var taken: [Frame] = []
        var takenParts: [Int64] = []
        swap(&taken, &self.frames)
        swap(&takenParts, &energyParts)
        var frames = taken.mutableSpan
        var parts = takenParts.mutableSpan
        for at in range {
            let band = bandLow.filter(bandHigh.filter(plain[at]))
            let slope = abs(band - before.0) * 100
            before = (before.1, band)
            let part = Int64(slope * Self.energyUnit)
            energySum &+= part &- parts[(index &- Self.energyWindow) & 31]
            parts[index & 31] = part
            let energy = Float(energySum) * (1 / (Self.energyUnit * Float(Self.energyWindow)))
            frames[index & mask] = Frame(band: band, slope: slope, energy: energy)
            index += 1
            if index & 63 == 0 {
                bandHigh.forgetTraces()
                bandLow.forgetTraces()
            }
        }
        swap(&taken, &self.frames)
        swap(&takenParts, &energyParts)
        self.bandHigh = bandHigh
        self.bandLow = bandLow
        self.energySum = energySum
    }

    private mutating func followLow(_ range: Range<Int>) {
        var smooth = lowSmooth
        var drift = lowWander
        let smoothing = Self.lowShares.smooth
        let wandering = Self.lowShares.wander
        let plain = plain
        var index = endIndex
        var taken: [Frame] = []
        swap(&taken, &self.frames)
        var frames = taken.mutableSpan
        for at in range {
            smooth += smoothing * (plain[at] - smooth)
            drift += wandering * (smooth - drift)
            frames[index & (Self.frameCapacity - 1)].low = smooth - drift
            index += 1
            if index & 63 == 0 {
                if abs(smooth) < 1e-15 { smooth = 0 }
                if abs(drift) < 1e-15 { drift = 0 }
            }
        }
        swap(&taken, &self.frames)
        lowSmooth = smooth
        lowWander = drift
    }

    /// A peak of energy counts when nothing within ``dominance`` is above it; of equals the first.
    private mutating func findCandidates(_ range: Range<Int>) {
        let frames = frames
        let mask = Self.frameCapacity - 1
        for newest in range {
            let index = newest &- Self.dominance
            let energy = frames[index & mask].energy
            guard energy > 0, energy > frames[(index &- 1) & mask].energy else { continue }
            var isHighest = true
            for distance in 1 ... Self.dominance where isHighest {
                isHighest =
                    frames[(index &+ distance) & mask].energy <= energy
                    && frames[(index &- distance) & mask].energy < energy
            }
            if isHighest { candidates.append(index) }
        }
    }
}
