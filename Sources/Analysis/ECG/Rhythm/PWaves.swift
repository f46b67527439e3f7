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

/// What is before the newest 64 beats, and how likely each is atrial premature.
///
/// P waves that stay the same from beat to beat say that the sinus node beats, however uneven its intervals are.
/// While the atria fibrillate, what is before one beat has nothing to do with what is before the next.
struct PWaveHistory: Sendable {
    private static let capacity = 64
    /// From this correlation of its complex with the usual one on a beat is like it.
    private static let usualCorrelationMin: Float = 0.5

    private var segments = [SIMD16<Float>](repeating: .zero, count: capacity)
    private var energies = [Float](repeating: 0, count: capacity)
    private var usual = [Bool](repeating: false, count: capacity)
    private var ectopies = [Float](repeating: 0, count: capacity)
    private var count = 0

    /// A beat of its final class, and what is before it.
    mutating func append(_ segment: SIMD16<Float>, _ beat: Beat) {
        let slot = count & (Self.capacity - 1)
        count &+= 1
        let energy = (segment * segment).sum()
        segments[slot] = segment
        energies[slot] = energy.isFinite ? energy : 0
        usual[slot] = beat.templateCorrelation > Self.usualCorrelationMin
        let likely = beat.beatClass == .supraventricular ? beat.confidence : 1 - beat.confidence
        ectopies[slot] = likely > 0 ? min(likely, 1) : 0
    }

    mutating func removeAll() { count = 0 }

    /// Whether there was a signal before the beat.
    func isKnown(_ place: Int) -> Bool { energies[place & (Self.capacity - 1)] > 0 }

    /// Whether its complex is like the patient's usual one.
    func isUsual(_ place: Int) -> Bool { usual[place & (Self.capacity - 1)] }

    /// How likely the beat is atrial premature, 0…1.
    func ectopic(_ place: Int) -> Float { ectopies[place & (Self.capacity - 1)] }

    /// How alike any two of the beats are before their R peaks, in the mean and in shares of their energy: 1 when
    /// they are the same, about 0 when one has nothing to do with the other. No beat has more weight than the
    /// middle one.
    func coherence(_ places: borrowing Span<Int>) -> Float {
        let beats = places.count
        guard beats > 1 else { return 0 }
        var sorted = InsertionSorted()
        for index in 0 ..< beats {
            sorted.insert(Double(energies[places[index] & (Self.capacity - 1)]), keep: beats / 2 + 1)
        }
        let middle = Float(sorted[min(beats / 2, sorted.count - 1)])
        var sum = SIMD16<Float>.zero
        var total: Float = 0
        for index in 0 ..< beats {
            let slot = places[index] & (Self.capacity - 1)
            let energy = energies[slot]
            sum += energy > middle ? segments[slot] * (middle / energy).squareRoot() : segments[slot]
            total += min(energy, middle)
        }
        return total > 0 ? ((sum * sum).sum() - total) / (Float(beats - 1) * total) : 0
    }
}
