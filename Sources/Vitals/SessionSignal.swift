/// Equally spaced samples of a whole session. What is missing is missing: it lies between two segments.
///
/// A night's saturation, the leads of an ECG strip.
public struct SessionSignal: Hashable, Sendable {
    public var metric: Metric
    /// Greater than 0. The first sample of the session, at `firstSample` 0, is at its beginning.
    public var sampleRateHz: Double
    /// value = sample × scale + offset, in the metric's unit.
    public var scale: Double
    public var offset: Double
    /// In the order of time, none within another; at most ``segmentsMax``.
    public var segments: [Segment]

    /// Samples without a hole.
    public struct Segment: Hashable, Sendable {
        /// The place of its first sample, counted from the session's beginning with those that are missing.
        public var firstSample: Int
        /// Not empty.
        public var samples: [Int32]

        public init(firstSample: Int, samples: [Int32]) {
            self.firstSample = firstSample
            self.samples = samples
        }
    }

    /// A night of twelve hours at 2 Hz, or half a minute of six leads at 500 Hz.
    public static let samplesMax = 90_000
    /// More holes than that leave nothing to look at.
    public static let segmentsMax = 2000

    public init(
        _ metric: Metric, sampleRateHz: Double, scale: Double = 1, offset: Double = 0, segments: [Segment] = []
    ) {
        self.metric = metric
        self.sampleRateHz = sampleRateHz
        self.scale = scale
        self.offset = offset
        self.segments = segments
    }

    /// - Parameter samples: one for each place; `nil` where there is none.
    public init(
        _ metric: Metric, sampleRateHz: Double, scale: Double = 1, offset: Double = 0,
        samples: some Sequence<Int32?>
    ) {
        self.init(metric, sampleRateHz: sampleRateHz, scale: scale, offset: offset)
        var place = 0
        for sample in samples {
            if let sample { append(sample, at: place) }
            place += 1
        }
    }

    /// Behind all that is there; one that would be before the end, or too many, is left out.
    public mutating func append(_ sample: Int32, at place: Int) {
        guard place >= endSample, place < Self.samplesMax else { return }
        if let last = segments.indices.last, place == endSample {
            segments[last].samples.append(sample)
        } else if segments.count < Self.segmentsMax {
            segments.append(Segment(firstSample: place, samples: [sample]))
        }
    }

    /// The place behind the last sample.
    public var endSample: Int { segments.last.map { $0.firstSample &+ $0.samples.count } ?? 0 }

    /// Samples that are there.
    public var sampleCount: Int { segments.reduce(0) { $0 + $1.samples.count } }
}
