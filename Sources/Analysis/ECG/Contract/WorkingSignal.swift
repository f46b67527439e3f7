/// The rate that all of the analysis works at, whatever the device's.
///
/// One rate makes one set of constants and one set of learnt weights. Indices count working samples from the
/// start of the stream; a gap in the signal counts as time, so that `index / sampleRateHz` is always the time
/// since the start.
public enum WorkingSignal {
    public static let sampleRateHz = 200

    /// Working samples in so many seconds, rounded.
    public static func samples(seconds: Double) -> Int { Int((seconds * Double(sampleRateHz)).rounded()) }
}

/// The last ten seconds of one signal at the working rate, found by their index.
public struct SignalRing: Sendable {
    /// A power of two: 10.24 s.
    public static let capacity = 2048
    /// The longest stretch that can be read at once.
    static let windowMax = 256

    /// Behind the ring, its first ``windowMax`` once more: every window lies in one piece.
    @usableFromInline var samples: [Float]
    /// The index behind the newest sample; the oldest that can be read is ``startIndex``.
    public private(set) var endIndex = 0

    public init() { samples = [Float](repeating: 0, count: Self.capacity + Self.windowMax) }

    public var startIndex: Int { max(0, endIndex - Self.capacity) }

    /// Zero for an index that is not there any more, or not yet.
    @inlinable
    public subscript(_ index: Int) -> Float {
        guard index >= startIndex, index < endIndex else { return 0 }
        return samples[index & (Self.capacity - 1)]
    }

    public mutating func append(_ sample: Float) {
        put(sample, at: endIndex)
        endIndex += 1
    }

    mutating func append(contentsOf news: borrowing Span<Float>) {
        var at = 0
        while at < news.count {
            let slot = endIndex & (Self.capacity - 1)
            let count = min(news.count - at, Self.capacity - slot)
            var ring = samples.mutableSpan
            for step in 0 ..< count { ring[slot &+ step] = news[at &+ step] }
            if slot < Self.windowMax {
                for step in 0 ..< min(count, Self.windowMax - slot) {
                    ring[Self.capacity &+ slot &+ step] = news[at &+ step]
                }
            }
            at += count
            endIndex += count
        }
    }

    /// Whether ``window(_:)`` may be asked for `range`. Before the start of the stream there are zeros.
    func holds(_ range: Range<Int>) -> Bool {
        range.count <= Self.windowMax && range.lowerBound >= endIndex - Self.capacity
            && range.upperBound <= endIndex
    }

    /// A stretch that ``holds(_:)`` says is there.
    @_lifetime(borrow self)
    func window(_ range: Range<Int>) -> Span<Float> {
        let slot = range.lowerBound & (Self.capacity - 1)
        return samples.span.extracting(slot ..< slot + range.count)
    }

    /// The signal goes on at `index`; what lies between is zero.
    public mutating func skip(to index: Int) {
        guard index > endIndex else { return }
        for missing in max(endIndex, index - Self.capacity) ..< index { put(0, at: missing) }
        endIndex = index
    }

    private mutating func put(_ sample: Float, at index: Int) {
        let slot = index & (Self.capacity - 1)
        samples[slot] = sample
        if slot < Self.windowMax { samples[Self.capacity + slot] = sample }
    }
}
