/// What the raw samples of one second of a lead tell about the electrode and the amplifier.
struct RawSecond: Sendable {
    var second = 0
    var lowest = Float.infinity
    var highest = -Float.infinity
    var missingCount = 0
    /// Samples in stretches of equal values, and how many of those lay at the second's extremes.
    var stillCount = 0
    var railCount = 0
    var count = 0
    var isLeadOff = false

    mutating func noteStill(count: Int, isExtreme: Bool) {
        stillCount += count
        if isExtreme { railCount += count }
    }
}

/// The first step: holds what is missing, takes jumps of the level across a gap away, and notes what a second
/// looked like before any filter.
struct RawInput: Sendable {
    /// Greater is no voltage of a body in any unit that a device could be mistaken about (mV).
    static let plausibleMax: Float = 1e6
    /// A gap at least so long may end on another level: what follows continues where the signal stopped.
    static let levelGapSeconds = 0.05
    /// So many equal samples in a row are a stretch in which nothing moves.
    static let stillSeconds = 0.03

    private let sampleRateHz: Double
    private let levelGapSamples: Int
    private let stillSamples: Int
    private var offset: Float = 0
    private var held: Float = 0
    private var raw = Float.nan
    private var missingRun: Int
    private var equalRun = 0
    private(set) var current = RawSecond()
    /// Seconds that have ended and nobody has taken yet.
    private(set) var ended: [RawSecond] = []
    private(set) var inputCount = 0
    private var secondEnd: Int
    var isLeadOff = false
    /// What is handed on: the first `count` samples of the last block.
    private(set) var block = [Float](repeating: 0, count: Resampler.blockMax)

    init(sampleRateHz: Double) {
        self.sampleRateHz = sampleRateHz
        levelGapSamples = max(1, Int(Self.levelGapSeconds * sampleRateHz))
        stillSamples = max(3, Int(Self.stillSeconds * sampleRateHz))
        missingRun = levelGapSamples
        secondEnd = Int(sampleRateHz.rounded(.up))
        ended.reserveCapacity(4)
    }

    /// At most ``Resampler/blockMax`` of `inputs`. Replaces ``block``.
    mutating func read(_ inputs: borrowing Span<Float>) {
        var index = 0
        while index < inputs.count {
            let end = min(inputs.count, index + secondEnd - inputCount)
            readWithinSecond(inputs, index ..< end)
            inputCount += end - index
            index = end
            if inputCount >= secondEnd { endSecond() }
        }
    }

    private mutating func readWithinSecond(_ inputs: borrowing Span<Float>, _ range: Range<Int>) {
        var second = current
        var lowest = second.lowest
        var highest = second.highest
        var (previous, held, offset, equal, missingRun) = (raw, held, offset, equalRun, missingRun)
        let (levelGapSamples, stillSamples) = (levelGapSamples, stillSamples)
        // No voltage is less than none: with the lead off, nothing is plausible.
        let most = isLeadOff ? -1 : Self.plausibleMax
        // Out of `self` for a while: then no write asks who else holds it.
        var taken = exchange(&block, with: [])
        var kept = taken.mutableSpan
        for index in range {
            let value = inputs[index]
            guard abs(value) <= most else {
                missingRun += 1
                second.missingCount += 1
                kept[index] = held
                continue
            }
            if missingRun > 0 {
                if missingRun >= levelGapSamples { offset = value - held }
                missingRun = 0
            }
            lowest = value < lowest ? value : lowest
            highest = value > highest ? value : highest
            equal = value == previous ? equal &+ 1 : 1
            if equal >= stillSamples {
                second.noteStill(
                    count: equal == stillSamples ? equal : 1, isExtreme: value <= lowest || value >= highest)
            }
            previous = value
            held = value - offset
            kept[index] = held
        }
        block = taken
        second.lowest = lowest
        second.highest = highest
        second.count += range.count
        second.isLeadOff = second.isLeadOff || isLeadOff
        current = second
        raw = previous
        equalRun = equal
        self.held = held
        self.offset = offset
        self.missingRun = missingRun
    }

    private mutating func endSecond() {
        ended.append(current)
        let next = current.second + 1
        current = RawSecond()
        current.second = next
        secondEnd = Int((Double(next + 1) * sampleRateHz).rounded(.up))
    }

    mutating func takeEnded() -> RawSecond? { ended.isEmpty ? nil : ended.removeFirst() }

    /// So many samples are passed over. The second in which they begin is given up.
    mutating func skip(_ count: Int) {
        inputCount += count
        missingRun = levelGapSamples
        equalRun = 0
        raw = .nan
        ended.removeAll(keepingCapacity: true)
        current = RawSecond()
        current.second = Int(Double(inputCount) / sampleRateHz)
        current.missingCount = inputCount - Int((Double(current.second) * sampleRateHz).rounded(.up))
        current.count = current.missingCount
        secondEnd = max(inputCount + 1, Int((Double(current.second + 1) * sampleRateHz).rounded(.up)))
        held = 0
    }
}
