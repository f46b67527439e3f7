import Numbers

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
            if !readPlain(inputs, index ..< end) { readWithinSecond(inputs, index ..< end) }
            inputCount += end - index
            index = end
            if inputCount >= secondEnd { endSecond() }
        }
    }

    /// Where nothing is missing and nothing stands still, as nearly always. Else `false`, and nothing is done.
    private mutating func readPlain(_ inputs: borrowing Span<Float>, _ range: Range<Int>) -> Bool {
        guard !isLeadOff, missingRun == 0, range.count >= 8 else { return false }
        let values = inputs.extracting(range)
        guard let lastEqual = movement(values), let extremes = Self.plausibleExtremes(values) else { return false }
        current.lowest = min(current.lowest, extremes.lowest)
        current.highest = max(current.highest, extremes.highest)
        current.count += values.count
        equalRun = lastEqual
        raw = values[values.count - 1]
        held = raw - offset
        Self.lower(values, by: offset, to: &block, at: range.lowerBound)
        return true
    }

    /// How many equal samples are the last; `nil` when a stretch in which nothing moves is among them.
    private func movement(_ values: borrowing Span<Float>) -> Int? {
        var leading = 0
        while leading < values.count, values[leading] == raw { leading &+= 1 }
        guard leading < values.count, equalRun + leading < stillSamples else { return nil }
        // A stretch has one of these places in it, and not as its first.
        let step = stillSamples - 1
        var place = step
        while place < values.count {
            if values[place] == values[place &- 1] {
                var first = place &- 1
                while first > 0, values[first &- 1] == values[first] { first &-= 1 }
                var behind = place &+ 1
                while behind < values.count, values[behind] == values[place] { behind &+= 1 }
                if behind &- first >= stillSamples { return nil }
            }
            place &+= step
        }
        var last = values.count - 1
        while last > 0, values[last - 1] == values[last] { last -= 1 }
        return values.count - last
    }

    /// Of at least eight; `nil` when one of them is missing.
    private static func plausibleExtremes(_ values: borrowing Span<Float>) -> (lowest: Float, highest: Float)? {
        // What is no number makes the sum none.
        var sum = 0 * values.eight(at: values.count &- 8)
        var at = 0
        while at < values.count &- 8 {
            sum += 0 * values.eight(at: at)
            at &+= 8
        }
        let extremes = values.extremes
        let isPlausible = sum.sum() == 0 && -plausibleMax <= extremes.lowest && extremes.highest <= plausibleMax
        return isPlausible ? extremes : nil
    }

    private static func lower(
        _ values: borrowing Span<Float>, by offset: Float, to block: inout [Float], at start: Int
    ) {
        var block = block.mutableSpan
        for index in values.indices { block[start &+ index] = values[index] - offset }
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
