/// The times of beats in the seconds before an alarm.
struct BeatTrain {
    private let times: [Double]
    private let window: ClosedRange<Double>

    init(_ times: [Double], _ window: ClosedRange<Double>) {
        self.times = times
        self.window = window
    }

    var intervals: [Double] { zip(times, times.dropFirst()).map { $1 - $0 } }

    /// The time from the last beat to the alarm counts too, and that to the first.
    var longestGap: Double {
        guard let first = times.first, let last = times.last else { return window.upperBound - window.lowerBound }
        return max(intervals.max() ?? 0, first - window.lowerBound, window.upperBound - last)
    }

    /// Of five beats in succession, per minute; the time since the last beat counts as an interval when it is
    /// longer.
    var slowestRate: Double {
        var intervals = intervals
        if let last = times.last { intervals.append(max(window.upperBound - last, intervals.last ?? 0)) }
        return rates(of: intervals, 4).min() ?? 0
    }

    /// Of seventeen beats in succession, or of all when there are fewer.
    var fastestRate: Double {
        let intervals = intervals
        return rates(of: intervals, min(16, max(1, intervals.count))).max() ?? 0
    }

    private func rates(of intervals: [Double], _ count: Int) -> [Double] {
        guard intervals.count >= count, count > 0 else { return [] }
        return (0 ... (intervals.count - count)).map { start in
            60 * Double(count) / max(intervals[start ..< (start + count)].reduce(0, +), 0.01)
        }
    }

    /// The middle interval.
    var usualInterval: Double {
        let sorted = intervals.sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }

    /// The shortest of all intervals but the tenth that are shortest.
    var shortestUsualInterval: Double {
        let sorted = intervals.sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 10]
    }

    /// The share of intervals that differ from the middle one by no more than this share of it.
    func regularity(within share: Double) -> Double {
        let intervals = intervals
        let usual = usualInterval
        guard !intervals.isEmpty else { return 0 }
        return Double(intervals.filter { abs($0 - usual) <= share * usual }.count) / Double(intervals.count)
    }
}

/// One pulse wave in the seconds before an alarm.
struct PulseWindow {
    /// Pulses of a usual height, so many of them, and so many of their intervals like the middle one.
    private static let riseRatioRange = 0.4 ... 2.5
    private static let pulsesMin = 5
    private static let intervalShare = 0.2
    private static let regularityMin = 0.8
    private static let usualShareMin = 0.8

    let train: BeatTrain
    let isBelievable: Bool

    init(_ evidence: PulseEvidence, _ window: ClosedRange<Double>) {
        let beats = evidence.beats.filter { window.contains($0.seconds) }
        let usual = beats.filter { Self.riseRatioRange.contains($0.riseRatio) }
        train = BeatTrain(beats.map(\.seconds), window)
        isBelievable =
            beats.count >= Self.pulsesMin && Double(usual.count) >= Self.usualShareMin * Double(beats.count)
            && train.regularity(within: Self.intervalShare) >= Self.regularityMin
    }
}

/// One lead in the seconds before an alarm.
struct LeadWindow {
    /// A complex is a usual one when it is so like the patient's template.
    private static let correlationMin: Float = 0.8
    /// A lead is believed when so many of its complexes are usual ones.
    private static let usualShareMin = 0.8
    private static let usualMin = 3
    /// A complex is another one when it is called ventricular, or so unlike the usual one.
    private static let otherCorrelationMax: Float = 0.5
    private static let unsureConfidenceMax: Float = 0.45

    let all: [Beat]
    let usual: [Double]
    /// Of all complexes, and of the usual ones: what is not one of them may be no beat at all.
    let train: BeatTrain
    let usualTrain: BeatTrain
    let isBelievable: Bool
    let isUsable: Bool
    private let scores: [Float]

    init(_ evidence: LeadEvidence, _ window: ClosedRange<Double>) {
        all = evidence.beats.filter { window.contains($0.seconds) }
        usual = all.filter { $0.templateCorrelation >= Self.correlationMin }.map(\.seconds)
        train = BeatTrain(all.map(\.seconds), window)
        usualTrain = BeatTrain(usual, window)
        isBelievable =
            usual.count >= Self.usualMin && Double(usual.count) >= Self.usualShareMin * Double(all.count)
        scores = zip(evidence.seconds, evidence.fibrillationScores)
            .filter { window.contains(Double($0.0.second)) }.map(\.1)
        let grades = evidence.seconds.filter { window.contains(Double($0.second)) }.map(\.grade)
        isUsable = grades.filter { $0 != .bad }.count * 2 > grades.count
    }

    func secondsAbove(_ score: Float) -> Int { scores.filter { $0 > score }.count }

    private static func isOther(_ beat: Beat) -> Bool {
        beat.beatClass == .ventricular || beat.templateCorrelation < otherCorrelationMax
            || beat.confidence < unsureConfidenceMax
    }

    /// Beats that are not the usual ones, one behind the other, in such a mean interval.
    func hasRun(beats count: Int, interval: Double) -> Bool {
        guard count > 1, all.count >= count else { return false }
        return (0 ... (all.count - count)).contains { start in
            let run = all[start ..< (start + count)]
            guard run.allSatisfy(Self.isOther), let first = run.first, let last = run.last else { return false }
            return last.seconds - first.seconds <= interval * Double(count - 1)
        }
    }
}
