public import Vitals

/// What an ECG gave since the last time, each list in the order of time.
public struct ECGOutput: Sendable {
    /// As soon as a beat is known, with a class that may still change.
    public var provisional: [Beat] = []
    /// The same beats with the class that stays: up to ten beats later.
    public var beats: [Beat] = []
    /// Times from one beat to the next, with their marks, as their beats become final.
    public var intervals: [RRInterval] = []
    public var findings: [Finding] = []
    public var seconds: [ECGSecond] = []
    public var variability: [HRVWindow] = []
    public var respiration: [RespirationEstimate] = []
    public var burdens: [RhythmBurden] = []
    /// Strips that are asked for, and those that are complete; none where the analyzer has no settings for them.
    public var requests: [StripRequest] = []
    public var strips: [ECGStrip] = []

    public init() {}

    /// Forgets what has been read, and keeps the room.
    public mutating func removeAll() {
        provisional.removeAll(keepingCapacity: true)
        beats.removeAll(keepingCapacity: true)
        intervals.removeAll(keepingCapacity: true)
        findings.removeAll(keepingCapacity: true)
        seconds.removeAll(keepingCapacity: true)
        variability.removeAll(keepingCapacity: true)
        respiration.removeAll(keepingCapacity: true)
        burdens.removeAll(keepingCapacity: true)
        requests.removeAll(keepingCapacity: true)
        strips.removeAll(keepingCapacity: true)
    }
}

/// One second of an ECG: what can be said of all its leads together.
public struct ECGSecond: Hashable, Sendable {
    /// Seconds since the start of the stream.
    public var second: Int
    /// Per minute, as a monitor shows it: 0 in asystole, `nil` when nothing is known.
    public var heartRate: Double?
    /// Of the best lead.
    public var quality: QualitySecond
    /// The lead that leads.
    public var leader: Metric
    public var isAtrialFibrillation: Bool

    public init(
        second: Int, heartRate: Double?, quality: QualitySecond, leader: Metric, isAtrialFibrillation: Bool
    ) {
        self.second = second
        self.heartRate = heartRate
        self.quality = quality
        self.leader = leader
        self.isAtrialFibrillation = isAtrialFibrillation
    }
}
