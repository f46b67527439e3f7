/// How much of the time of a rhythm was found: by seconds, by episodes, and by windows.
public struct DurationTally: Hashable, Sendable {
    public private(set) var truePositiveSeconds = 0.0
    public private(set) var falseNegativeSeconds = 0.0
    public private(set) var falsePositiveSeconds = 0.0
    public private(set) var trueNegativeSeconds = 0.0
    /// Of the reference, and those of them that we touch.
    public private(set) var referenceEpisodes = 0
    public private(set) var referenceEpisodesFound = 0
    /// Ours, and those of them that the reference touches.
    public private(set) var foundEpisodes = 0
    public private(set) var foundEpisodesTrue = 0
    /// Windows of five seconds, a second apart.
    public private(set) var windows = WindowTally()

    public struct WindowTally: Hashable, Sendable {
        public var truePositives = 0
        public var falseNegatives = 0
        public var falsePositives = 0
        public var trueNegatives = 0

        public var sensitivity: Double? { Percent.of(truePositives, in: truePositives + falseNegatives) }
        public var specificity: Double? { Percent.of(trueNegatives, in: trueNegatives + falsePositives) }
    }

    static let windowSeconds = 5.0
    static let windowStepSeconds = 1.0
    /// A window of which the reference fills less is without the rhythm, one with more has it; others are left out.
    static let windowShares = (absent: 0.2, present: 0.8)
    /// We have found it in a window of which we fill at least so much.
    static let windowShareFound = 0.5

    public init() {}

    /// - Parameters:
    ///   - aside: seconds that count neither way.
    ///   - scored: what of the record counts.
    mutating func count(reference: Spans, found: Spans, aside: Spans, scored: Spans) {
        let judged = scored.subtracting(aside)
        let reference = reference.intersection(scored)
        let truth = reference.intersection(judged)
        let told = found.intersection(judged)
        let both = truth.intersection(told).seconds
        truePositiveSeconds += both
        falseNegativeSeconds += truth.seconds - both
        falsePositiveSeconds += told.seconds - both
        trueNegativeSeconds += judged.seconds - truth.seconds - told.seconds + both
        for span in truth.list {
            referenceEpisodes += 1
            if found.overlaps(span) { referenceEpisodesFound += 1 }
        }
        for span in found.intersection(scored).list where judged.overlaps(span) {
            foundEpisodes += 1
            if reference.overlaps(span) || aside.overlaps(span) { foundEpisodesTrue += 1 }
        }
        countWindows(truth: truth, told: told, judged: judged)
    }

    private mutating func countWindows(truth: Spans, told: Spans, judged: Spans) {
        for stretch in judged.list {
            var start = stretch.lowerBound
            while start + Self.windowSeconds <= stretch.upperBound {
                let window = Spans(from: start, to: start + Self.windowSeconds)
                start += Self.windowStepSeconds
                let share = truth.intersection(window).seconds / Self.windowSeconds
                let isFound = told.intersection(window).seconds / Self.windowSeconds >= Self.windowShareFound
                if share >= Self.windowShares.present {
                    if isFound { windows.truePositives += 1 } else { windows.falseNegatives += 1 }
                } else if share <= Self.windowShares.absent {
                    if isFound { windows.falsePositives += 1 } else { windows.trueNegatives += 1 }
                }
            }
        }
    }

    static func += (sum: inout DurationTally, other: DurationTally) {
        sum.truePositiveSeconds += other.truePositiveSeconds
        sum.falseNegativeSeconds += other.falseNegativeSeconds
        sum.falsePositiveSeconds += other.falsePositiveSeconds
        sum.trueNegativeSeconds += other.trueNegativeSeconds
        sum.referenceEpisodes += other.referenceEpisodes
        sum.referenceEpisodesFound += other.referenceEpisodesFound
        sum.foundEpisodes += other.foundEpisodes
        sum.foundEpisodesTrue += other.foundEpisodesTrue
        sum.windows.truePositives += other.windows.truePositives
        sum.windows.falseNegatives += other.windows.falseNegatives
        sum.windows.falsePositives += other.windows.falsePositives
        sum.windows.trueNegatives += other.windows.trueNegatives
    }

    public var sensitivity: Double? {
        Percent.of(truePositiveSeconds, in: truePositiveSeconds + falseNegativeSeconds)
    }
    public var specificity: Double? {
        Percent.of(trueNegativeSeconds, in: trueNegativeSeconds + falsePositiveSeconds)
    }
    public var positivePredictivity: Double? {
        Percent.of(truePositiveSeconds, in: truePositiveSeconds + falsePositiveSeconds)
    }
    public var episodeSensitivity: Double? { Percent.of(referenceEpisodesFound, in: referenceEpisodes) }
    public var episodePositivePredictivity: Double? { Percent.of(foundEpisodesTrue, in: foundEpisodes) }
}
