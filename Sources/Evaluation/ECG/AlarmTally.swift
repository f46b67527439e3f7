import ECG

/// Life-threatening findings of one kind, right and wrong.
public struct AlarmTally: Hashable, Sendable {
    public private(set) var trueAlarms = 0
    public private(set) var falseAlarms = 0
    /// In records without a reference.
    public private(set) var unjudgedAlarms = 0
    /// Of the reference, and those of them that were told.
    public private(set) var referenceEvents = 0
    public private(set) var referenceEventsFound = 0
    /// From the event's beginning to the alarm, of each that was told.
    public private(set) var delaysSeconds: [Double] = []

    public init() {}

    public var delaySecondsMedian: Double? {
        let sorted = delaysSeconds.sorted()
        guard !sorted.isEmpty else { return nil }
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
    public var delaySecondsMax: Double? { delaysSeconds.max() }

    /// - Parameters:
    ///   - findings: those of the kind that begin.
    ///   - events: `nil` without a reference.
    mutating func count(_ kind: Finding.Kind, _ findings: [Finding], events: ReferenceEvents?, scored: Spans) {
        guard let events else {
            unjudgedAlarms += findings.count
            return
        }
        for finding in findings {
            let end = max(finding.startSeconds, finding.announcedSeconds)
            let isRight = events.excused[kind]?.overlaps(finding.startSeconds ..< end.nextUp) ?? false
            if isRight { trueAlarms += 1 } else { falseAlarms += 1 }
        }
        for span in (events.certain[kind] ?? Spans()).intersection(scored).list {
            referenceEvents += 1
            let reach = span.lowerBound ..< span.upperBound + ReferenceEvents.marginSeconds
            guard let first = findings.map(\.announcedSeconds).filter({ reach.contains($0) }).min() else {
                // Told before, and still going on.
                if findings.contains(where: { $0.covers(span.lowerBound) }) { referenceEventsFound += 1 }
                continue
            }
            referenceEventsFound += 1
            delaysSeconds.append(first - span.lowerBound)
        }
    }

    /// Nothing happened in the record: each is false.
    mutating func countAllFalse(_ findings: [Finding]) { falseAlarms += findings.count }

    static func += (sum: inout AlarmTally, other: AlarmTally) {
        sum.trueAlarms += other.trueAlarms
        sum.falseAlarms += other.falseAlarms
        sum.unjudgedAlarms += other.unjudgedAlarms
        sum.referenceEvents += other.referenceEvents
        sum.referenceEventsFound += other.referenceEventsFound
        sum.delaysSeconds += other.delaysSeconds
    }
}

extension Finding {
    /// It lasts over that second, as far as is known when it is told.
    fileprivate func covers(_ second: Double) -> Bool {
        announcedSeconds <= second && second < (endSeconds ?? .infinity)
    }
}
