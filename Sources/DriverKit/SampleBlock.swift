public import Vitals

/// Collects the samples of one signal into blocks of one second, and keeps account of those that are missing.
public struct SampleBlock: Hashable, Sendable {
    public let metric: Metric
    public private(set) var samplesPerSecond: Int
    /// Units of the metric in one count.
    public let scale: Double
    @usableFromInline var samples: [Int32] = []
    @usableFromInline var doubts: QualityReasons = []
    @usableFromInline var lost = 0
    private var hasReported = false
    /// Off: nothing is kept and nothing reported.
    public let isOn: Bool

    public init(_ metric: Metric, samplesPerSecond: Int, scale: Double = 1, isOn: Bool) {
        self.metric = metric
        self.samplesPerSecond = min(max(1, samplesPerSecond), Waveform.samplesMax)
        self.scale = scale
        self.isOn = isOn
    }

    @inlinable @inline(__always)
    public mutating func append(_ sample: Int32, doubts: QualityReasons = [], _ turn: inout Turn) {
        guard isOn else { return }
        if samples.isEmpty { samples.reserveCapacity(samplesPerSecond) }
        samples.append(sample)
        self.doubts.formUnion(doubts)
        if samples.count >= samplesPerSecond { flush(&turn) }
    }

    /// The signal is interrupted: what there is goes out, and `count` samples are known to be missing.
    @inlinable @inline(__always)
    public mutating func interrupt(lost count: Int, _ turn: inout Turn) {
        guard isOn else { return }
        if !samples.isEmpty { flush(&turn) }
        lost &+= count
    }

    /// Another rate: the block so far goes out first.
    public mutating func change(samplesPerSecond: Int, _ turn: inout Turn) {
        guard samplesPerSecond != self.samplesPerSecond else { return }
        flush(&turn)
        self.samplesPerSecond = min(max(1, samplesPerSecond), Waveform.samplesMax)
    }

    /// Reports what has been collected, if anything.
    public mutating func flush(_ turn: inout Turn) {
        guard !samples.isEmpty else { return }
        turn.report(
            Waveform(
                metric, sampleRateHz: Double(samplesPerSecond), scale: scale, samples: samples,
                quality: Quality(doubts: doubts), lostBefore: hasReported ? lost : 0))
        samples = []
        doubts = []
        lost = 0
        hasReported = true
    }
}
