/// Heart rate variability of five minutes, or the reason why there is none.
public struct HRVWindow: Hashable, Sendable {
    /// Since the start of the stream.
    public var startSeconds: Double
    public var endSeconds: Double
    /// The share of the intervals that are normal, 0…1.
    public var cleanShare: Double
    /// The share of the time that normal intervals cover, 0…1.
    public var coveredShare: Double
    /// `nil` for a ``reason``.
    public var values: HRVValues?
    public var reason: Reason?

    /// Why there are no numbers.
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        /// Hardly any beats were seen.
        case noSignal = "no-signal"
        /// Too much of the time is ectopic beats or artefacts.
        case tooFewCleanBeats = "too-few-clean-beats"
        /// In atrial fibrillation the intervals tell nothing of the sinus node.
        case atrialFibrillation = "atrial-fibrillation"
    }

    /// Five minutes: the short recording of the Task Force (1996).
    public static let seconds = 300.0
    /// Of the time, normal intervals must cover so much: the PhysioNet Cardiovascular Signal Toolbox rejects a
    /// window with more than 15 % missing.
    public static let coveredShareMin = 0.85
}

/// Collects intervals into windows of five minutes, one after the other.
public struct HRVSeries: Sendable {
    /// More than any heart beats in five minutes.
    static let intervalsMax = 2048
    /// A window is closed so long after its end at the latest: later no beat becomes final.
    static let patienceSeconds = 20.0

    private var intervals: [RRInterval] = []
    private var startSeconds = 0.0
    private var fibrillatingSeconds = 0

    public init() {}

    public mutating func add(_ interval: RRInterval, _ windows: inout [HRVWindow]) {
        closeWindows(before: interval.endSeconds, &windows)
        guard interval.endSeconds >= startSeconds, intervals.count < Self.intervalsMax else { return }
        intervals.append(interval)
    }

    /// A second is over.
    public mutating func advance(
        toSeconds seconds: Double, isAtrialFibrillation: Bool, _ windows: inout [HRVWindow]
    ) {
        closeWindows(before: seconds - Self.patienceSeconds, &windows)
        if isAtrialFibrillation { fibrillatingSeconds += 1 }
    }

    private mutating func closeWindows(before seconds: Double, _ windows: inout [HRVWindow]) {
        guard seconds >= startSeconds + HRVWindow.seconds else { return }
        windows.append(window())
        intervals.removeAll(keepingCapacity: true)
        fibrillatingSeconds = 0
        // Windows in which nothing was heard at all are not told one by one.
        startSeconds += HRVWindow.seconds * ((seconds - startSeconds) / HRVWindow.seconds).rounded(.down)
    }

    private func window() -> HRVWindow {
        let normal = intervals.filter { $0.mark == .normal }
        let covered = normal.reduce(0) { $0 + $1.milliseconds } / 1000
        var window = HRVWindow(
            startSeconds: startSeconds, endSeconds: startSeconds + HRVWindow.seconds,
            cleanShare: intervals.isEmpty ? 0 : Double(normal.count) / Double(intervals.count),
            coveredShare: min(1, covered / HRVWindow.seconds))
        if Double(fibrillatingSeconds) > HRVWindow.seconds / 2 {
            window.reason = .atrialFibrillation
        } else if window.coveredShare < HRVWindow.coveredShareMin {
            let all = intervals.reduce(0) { $0 + $1.milliseconds } / 1000
            window.reason = all < HRVWindow.seconds / 2 ? .noSignal : .tooFewCleanBeats
        } else {
            window.values = HRVValues(intervals)
            if window.values == nil { window.reason = .tooFewCleanBeats }
        }
        return window
    }
}
