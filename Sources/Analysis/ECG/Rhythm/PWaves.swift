/// What the signal is before each beat, where its P wave would be, until the beat's class is final.
struct PWaves: Sendable {
    /// From and to so many samples before the R peak: 240 to 80 ms. P is there, the QRS complex is not yet.
    private static let fromSamples = 48
    private static let toSamples = 16
    /// Beats whose class is not final yet: a power of two, above the classifier's look-ahead.
    private static let slots = 32

    private var indices = [Int](repeating: -1, count: slots)
    private var segments = [SIMD16<Float>](repeating: .zero, count: slots)
    private var count = 0

    mutating func add(_ beat: Beat, clean: borrowing SignalRing) {
        let slot = count & (Self.slots - 1)
        count &+= 1
        indices[slot] = beat.index
        segments[slot] = Self.segment(before: beat.index, clean)
    }

    /// In millivolts, without its slope; zero when it is not known.
    func segment(of beat: Beat) -> SIMD16<Float> {
        for slot in 0 ..< Self.slots where indices[slot] == beat.index { return segments[slot] }
        return .zero
    }

    /// Means of two samples each, less the line from the first four samples to the last four.
    private static func segment(before index: Int, _ clean: borrowing SignalRing) -> SIMD16<Float> {
        let range = (index &- fromSamples) ..< max(index &- fromSamples, index &- toSamples)
        guard range.lowerBound >= 0, clean.holds(range) else { return .zero }
        let window = clean.window(range)
        var segment = SIMD16<Float>.zero
        for place in 0 ..< 16 { segment[place] = (window[2 &* place] + window[2 &* place &+ 1]) / 2 }
        let first = (segment[0] + segment[1]) / 2
        let last = (segment[14] + segment[15]) / 2
        for place in 0 ..< 16 { segment[place] -= first + (last - first) * (Float(place) - 0.5) / 14 }
        return segment
    }
}

/// Beats whose P waves speak for or against the sinus node: the newest 64.
///
/// P waves that stay the same from beat to beat say that the sinus node beats, however uneven its intervals are.
/// While the atria fibrillate, what is before one beat has nothing to do with what is before the next.
struct PWaveHistory: Sendable {
    /// Behind a shorter interval the last beat's T wave lies where P would be.
    private static let intervalSecondsMin = 0.6
    /// So many beats, and so large a share of them all, must have a P wave that can be looked at.
    private static let beatsMin = 8
    private static let beatsShareMin = 0.5
    private static let capacity = 64

    private var segments = [SIMD16<Float>](repeating: .zero, count: capacity)
    private var energies = [Float](repeating: 0, count: capacity)
    private var ectopic = [Bool](repeating: false, count: capacity)
    private var count = 0

    /// A beat of its final class, what is before it, and the interval since the last beat.
    mutating func append(_ segment: SIMD16<Float>, _ beat: Beat, intervalSeconds: Double) {
        let slot = count & (Self.capacity - 1)
        count += 1
        let energy = intervalSeconds >= Self.intervalSecondsMin ? (segment * segment).sum() : 0
        segments[slot] = segment
        energies[slot] = energy.isFinite ? energy : 0
        ectopic[slot] = beat.beatClass == .supraventricular
    }

    /// How alike any two beats of the range are before their R peaks, in the mean and in shares of their energy: 1
    /// when they are the same, about 0 when one has nothing to do with the other, or when it cannot be said. No
    /// beat has more weight than the middle one.
    func coherence(_ range: ClosedRange<Int>) -> Float {
        var sorted = InsertionSorted()
        for index in range {
            let energy = energies[index & (Self.capacity - 1)]
            if energy > 0 { sorted.insert(Double(energy)) }
        }
        let beats = sorted.count
        guard beats >= Self.beatsMin, Double(beats) >= Self.beatsShareMin * Double(range.count) else { return 0 }
        let middle = Float(sorted[beats / 2])
        var sum = SIMD16<Float>.zero
        var total: Float = 0
        for index in range {
            let slot = index & (Self.capacity - 1)
            let energy = energies[slot]
            guard energy > 0 else { continue }
            sum += energy > middle ? segments[slot] * (middle / energy).squareRoot() : segments[slot]
            total += min(energy, middle)
        }
        return total > 0 ? ((sum * sum).sum() - total) / (Float(beats - 1) * total) : 0
    }

    /// The share of supraventricular ectopic beats.
    func ectopicShare(_ range: ClosedRange<Int>) -> Double {
        var beats = 0
        for index in range where ectopic[index & (Self.capacity - 1)] { beats += 1 }
        return Double(beats) / Double(range.count)
    }
}
