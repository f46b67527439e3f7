import Numbers

/// Turns a device's samples into the signals of the analysis, and finds where a QRS may be.
struct LeadFront: Sendable {
    /// Of the band-pass, at the frequencies of a QRS: measured as the mean distance of its peak from the R peak.
    static let bandDelaySamples = 7
    /// 100 ms.
    static let energyWindow = 20
    /// A candidate has the most energy within so much on either side: 100 ms.
    static let dominance = 20
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

    var input: RawInput
    private var resampler: Resampler
    private let taps = LeadFront.cleanTaps
    /// The newest samples before any filter, twice as many as are needed, so that they are seldom moved.
    private var plain = [Float](repeating: 0, count: 192)
    /// Of the last block: behind the low-pass, and behind the high-pass too.
    private var smoothed = [Float](repeating: 0, count: Resampler.outputMax + 8)
    private var cleaned = [Float](repeating: 0, count: Resampler.outputMax)
    private var plainEnd = 20
    private var filters = LeadFilters()
    private var energySum: Int64 = 0
    private var energyParts = InlineArray<32, Int64>(repeating: 0)
    private(set) var frames = FrameRows()
    private(set) var clean = SignalRing()
    private var second = FilteredSecond(0)
    /// Seconds of the clean signal that have ended and nobody has taken yet.
    var endedSeconds: [FilteredSecond] = []
    /// Behind the newest working sample.
    private(set) var endIndex = 0
    /// Where energy dominates, oldest first; taken by the detector.
    var candidates: [Int] = []

    /// Samples that may be appended at once.
    var blockSamples: Int { resampler.blockSamples }

    init(sampleRateHz: Double) {
        input = RawInput(sampleRateHz: sampleRateHz)
        resampler = Resampler(sampleRateHz: sampleRateHz)
        candidates.reserveCapacity(2 * Self.candidatesMax)
    }

    /// At most ``blockSamples`` in mV.
    mutating func append(_ samples: borrowing Span<Float>) {
        input.read(samples)
        Self.resample(input.block, samples.count, &resampler)
        filter()
    }

    // Each row is handed on by itself: then it is neither copied nor counted.

    private static func resample(_ block: [Float], _ count: Int, _ resampler: inout Resampler) {
        resampler.append(block.span.extracting(0 ..< count))
    }

    /// Time goes on without samples.
    mutating func skip(_ count: Int) {
        input.skip(count)
        let passed = resampler.skip(inputs: count)
        endIndex += passed
        clean.skip(to: max(0, endIndex - Self.cleanDelay))
        frames.skip(to: endIndex)
        for index in energyParts.indices { energyParts[index] = 0 }
        for index in plain.indices { plain[index] = 0 }
        energySum = 0
        endedSeconds.removeAll(keepingCapacity: true)
        second = FilteredSecond(clean.endIndex / WorkingSignal.sampleRateHz)
        second.begin(at: clean.endIndex % WorkingSignal.sampleRateHz)
        filters.reset()
        candidates.removeAll(keepingCapacity: true)
    }

    private mutating func filter() {
        let count = resampler.outputCount
        if plainEnd + count + 8 > plain.count { slide() }
        let start = plainEnd
        Self.copy(resampler.output, to: &plain, at: start, count)
        plainEnd += count
        Self.smooth(plain, start, taps, to: &smoothed, count)
        let place = frames.extend(by: count)
        Self.run(
            &filters, plain, start, smoothed, count, from: endIndex, clean: &cleaned, band: &frames.band,
            low: &frames.low, at: place.lowerBound)
        keepClean(start, count)
        // What was smoothed is not needed any more.
        Self.takeSlopes(of: frames.band, place, to: &smoothed)
        Self.sum(smoothed, to: &frames.energy, place, &energyParts, from: endIndex, &energySum)
        endIndex += count
        Self.findPeaks(frames.energy, place, origin: frames.origin, &candidates)
    }

    private static func copy(_ source: [Float], to target: inout [Float], at start: Int, _ count: Int) {
        let source = source.span
        var target = target.mutableSpan
        for step in 0 ..< count { target[start &+ step] = source[step] }
    }

    private mutating func slide() {
        for index in 0 ..< 20 { plain[index] = plain[plainEnd - 20 + index] }
        plainEnd = 20
    }

    /// The low-pass, ten samples behind: eight at a time, the last of which may be too many.
    private static func smooth(
        _ plain: [Float], _ start: Int, _ taps: [Float], to smooth: inout [Float], _ count: Int
    ) {
        let samples = plain.span
        let weights = taps.span
        var smoothed = smooth.mutableSpan
        var step = 0
        while step < count {
            let window = samples.extracting(start + step - 20 ..< start + step + 8)
            var sum = weights[0] * window.eight(at: 10)
            for tap in 1 ... 10 { sum += weights[tap] * (window.eight(at: 10 - tap) + window.eight(at: 10 + tap)) }
            smoothed.put(sum, at: step)
            step += 8
        }
    }

    private static func run(
        _ filters: inout LeadFilters, _ plain: [Float], _ start: Int, _ smoothed: [Float], _ count: Int,
        from index: Int, clean: inout [Float], band: inout [Float], low: inout [Float], at place: Int
    ) {
        filters.run(
            plain.span.extracting(start ..< start + count), smoothed.span.extracting(0 ..< count), from: index,
            clean: &clean, band: &band, low: &low, at: place)
    }

    /// What stands for the time before the start is no signal.
    private mutating func keepClean(_ start: Int, _ count: Int) {
        var step = min(count, max(0, Self.cleanDelay - endIndex))
        Self.keep(cleaned, step ..< count, in: &clean)
        while step < count {
            let end = min(count, step + second.room)
            Self.note(step ..< end, cleaned, smoothed, plain, start - 10, in: &second)
            step = end
            if second.room == 0 {
                endedSeconds.append(second)
                second = FilteredSecond(second.second + 1)
            }
        }
    }

    private static func keep(_ cleaned: [Float], _ range: Range<Int>, in clean: inout SignalRing) {
        clean.append(contentsOf: cleaned.span.extracting(range))
    }

    private static func note(
        _ range: Range<Int>, _ cleaned: [Float], _ smooth: [Float], _ plain: [Float], _ start: Int,
        in second: inout FilteredSecond
    ) {
        second.add(
            cleaned.span.extracting(range), smooth: smooth.span.extracting(range),
            plain: plain.span.extracting(start + range.lowerBound ..< start + range.upperBound))
    }

    /// Eight absolute slopes of the band, per second.
    @inline(__always)
    static func slopes(_ band: borrowing Span<Float>, _ place: Int) -> SIMD8<Float> {
        let rise = band.eight(at: place) - band.eight(at: place &- 2)
        return rise.replacing(with: -rise, where: rise .< 0) * 100
    }

    /// Eight at a time, the last of which may be too many.
    private static func takeSlopes(of band: [Float], _ place: Range<Int>, to room: inout [Float]) {
        let bands = band.span
        var room = room.mutableSpan
        for at in stride(from: 0, to: place.count, by: 8) {
            room.put(slopes(bands, place.lowerBound &+ at), at: at)
        }
    }

    /// The energy of the band: the mean of its slopes.
    private static func sum(
        _ slopes: [Float], to energy: inout [Float], _ place: Range<Int>, _ allParts: inout InlineArray<32, Int64>,
        from start: Int, _ total: inout Int64
    ) {
        let slopes = slopes.span.extracting(0 ..< place.count)
        var energies = energy.mutableSpan
        var parts = allParts
        var sum = total
        var index = start
        var at = place.lowerBound
        for step in slopes.indices {
            let part = Int64(slopes[step] * energyUnit)
            sum &+= part &- parts[(index &- energyWindow) & 31]
            parts[index & 31] = part
            energies[at] = Float(sum) * (1 / (energyUnit * Float(energyWindow)))
            at &+= 1
            index &+= 1
        }
        allParts = parts
        total = sum
    }

    /// A peak of energy counts when nothing within ``dominance`` is above it; of equals the first.
    private static func findPeaks(
        _ energy: [Float], _ place: Range<Int>, origin: Int, _ candidates: inout [Int]
    ) {
        let energies = energy.span
        let bits = SIMD8<Int32>(1, 2, 4, 8, 16, 32, 64, 128)
        let end = place.upperBound - dominance
        var at = place.lowerBound - dominance
        while at < end {
            let here = energies.eight(at: at)
            let isPeak = here .> energies.eight(at: at &- 1) .& here .>= energies.eight(at: at &+ 1) .& here .> 0
            var peaks = SIMD8<Int32>.zero.replacing(with: bits, where: isPeak).wrappedSum()
            while peaks != 0 {
                let middle = at &+ peaks.trailingZeroBitCount
                peaks &= peaks &- 1
                if middle < end, isDominant(middle, energies) { candidates.append(middle + origin) }
            }
            at &+= 8
        }
    }

    /// Of the ``dominance`` on either side.
    @inline(__always)
    private static func isDominant(_ middle: Int, _ energies: borrowing Span<Float>) -> Bool {
        let here = energies[middle]
        let early = energies.eight(at: middle &- 20) .>= here .| energies.eight(at: middle &- 12) .>= here
        let late = energies.eight(at: middle &+ 1) .> here .| energies.eight(at: middle &+ 9) .> here
        let far = energies.four(at: middle &- 4) .>= here .| energies.four(at: middle &+ 17) .> here
        let near = SIMD8<Int32>.zero.replacing(with: 1, where: early .| late)
        return (near.lowHalf &+ near.highHalf &+ SIMD4<Int32>.zero.replacing(with: 1, where: far)).wrappedSum() == 0
    }
}
