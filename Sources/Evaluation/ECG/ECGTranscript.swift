public import ECG

/// What the analysis said of one lead of one record.
public struct ECGTranscript: Sendable {
    /// As they were told for good, ascending.
    public var beats: [Told] = []
    /// Each episode once, with its end when it has one; and each moment.
    public var findings: [Finding] = []
    public var quality: [QualitySecond] = []
    public var sampleRateHz = 0.0
    public var sampleCount = 0
    /// Time that the analysis alone took.
    public var analysisSeconds = 0.0

    public struct Told: Hashable, Sendable {
        public var beat: Beat
        /// When it was first told, in seconds of the record.
        public var announcedSeconds: Double

        public init(_ beat: Beat, announcedSeconds: Double) {
            self.beat = beat
            self.announcedSeconds = announcedSeconds
        }
    }

    public init() {}

    /// An end is joined with its beginning.
    public mutating func take(_ findings: [Finding]) {
        for finding in findings {
            guard finding.phase == .end,
                let begun = self.findings.lastIndex(where: {
                    $0.phase == .begin && $0.kind == finding.kind && $0.endSeconds == nil
                })
            else {
                self.findings.append(finding)
                continue
            }
            self.findings[begun].endSeconds = finding.endSeconds ?? finding.announcedSeconds
        }
    }

    public var seconds: Double { sampleRateHz > 0 ? Double(sampleCount) / sampleRateHz : 0 }

    /// When findings of some kinds last.
    func spans(_ kinds: Set<Finding.Kind>) -> Spans {
        Spans(
            findings.filter { kinds.contains($0.kind) }.compactMap { finding in
                let end = min(finding.endSeconds ?? seconds, seconds)
                return finding.startSeconds < end ? finding.startSeconds ..< end : nil
            })
    }
}

extension Double {
    /// The nearest tick of a clock of so many a second.
    func ticks(_ ticksPerSecond: Double) -> Int { Int(exactly: (self * ticksPerSecond).rounded()) ?? 0 }
}
