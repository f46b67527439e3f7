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

    @usableFromInline var samples: [Float]
    /// The index behind the newest sample; the oldest that can be read is ``startIndex``.
    public private(set) var endIndex = 0

    public init() { samples = [Float](repeating: 0, count: Self.capacity) }

    public var startIndex: Int { max(0, endIndex - Self.capacity) }

    /// Zero for an index that is not there any more, or not yet.
    @inlinable
    public subscript(_ index: Int) -> Float {
        guard index >= startIndex, index < endIndex else { return 0 }
        return samples[index & (Self.capacity - 1)]
    }

    public mutating func append(_ sample: Float) {
        samples[endIndex & (Self.capacity - 1)] = sample
        endIndex += 1
    }

    /// The signal goes on at `index`; what lies between is zero.
    public mutating func skip(to index: Int) {
        guard index > endIndex else { return }
        for missing in max(endIndex, index - Self.capacity) ..< index { samples[missing & (Self.capacity - 1)] = 0 }
        endIndex = index
    }
}
