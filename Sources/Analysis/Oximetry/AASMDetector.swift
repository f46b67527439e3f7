/// Events from the level before them: the definition `aasm`.
///
/// It sees the middle of five seconds. An event begins where the saturation leaves the level (the mean of the
/// highest fifth of the last 120 s), counts when it falls by the depth and lasts ten seconds, and ends when it is
/// back within 1 % of the level or has made good two thirds of the fall. What resumes within five seconds is the
/// same event. A fall that finds a new, steady level after three minutes ends there: later falls start from it.
struct AASMDetector {
    let depth: SaturationHundredths
    /// Area of what remained of the fall behind the events' ends, hundredths of a percent × seconds.
    private(set) var tailArea = 0
    private var window = BaselineWindow()
    private var candidate: DesaturationEvent?
    /// Ended, but it may resume.
    private var ended: DesaturationEvent?
    /// Since when the level has been left, and the area below it since then.
    private var left: (second: Int, level: SaturationHundredths, area: Int)?
    private var last = -1

    static let durationSecondsMin = 10
    static let mergeSeconds = 5
    /// The level is left, and reached again, at this distance.
    static let levelMargin: SaturationHundredths = 100
    /// So long behind its end an event's area goes on, while the saturation is still below the level, s.
    static let tailSecondsMax = 30

    init(depth: SaturationHundredths) { self.depth = depth }

    /// A fall as deep as the depth that has not ended, with the level it came from.
    var current: DesaturationEvent? { candidate }

    /// The level of now, `nil` while too little is known.
    var baseline: SaturationHundredths? { window.baseline }

    /// The event that this second shows to be over for good, if any.
    mutating func add(_ value: MiddleOfFive.Value) -> DesaturationEvent? {
        for _ in 0 ..< min(max(0, value.second - last - 1), BaselineWindow.seconds) { window.add(nil) }
        window.add(value.smooth)
        last = value.second
        if candidate != nil {
            goOn(value)
            return nil
        }
        let told = tellEnded(before: value.second)
        look(value)
        return told
    }

    /// A hole of the signal. A long one ends the event and forgets the level.
    mutating func gap(_ seconds: Int) -> DesaturationEvent? {
        guard seconds > OximetryParameters.segmentGapSeconds else { return nil }
        return finish()
    }

    mutating func finish() -> DesaturationEvent? {
        if var current = candidate {
            current.isCutOff = true
            close(current)
        }
        candidate = nil
        left = nil
        window.reset()
        return tellEnded(before: .max)
    }

    /// Looks for the beginning of a fall.
    private mutating func look(_ value: MiddleOfFive.Value) {
        guard let level = window.baseline else { return }
        tail(value)
        if value.smooth > level - Self.levelMargin {
            left = nil
        } else {
            let since = left ?? (value.second, level, 0)
            left = (since.second, since.level, since.area + max(0, since.level - value.smooth))
        }
        guard level - value.smooth >= depth else { return }
        if var resumed = ended, value.second - resumed.endSecond <= Self.mergeSeconds {
            ended = nil
            note(value, &resumed)
            candidate = resumed
            return
        }
        let start = max(left?.second ?? value.second, value.second - BaselineWindow.seconds)
        candidate = DesaturationEvent(
            startSecond: start, endSecond: value.second + 1, nadirSecond: value.second, baseline: level,
            nadir: value.smooth, area: left?.area ?? 0, isCutOff: false,
            depth: level - value.smooth)
    }

    private mutating func goOn(_ value: MiddleOfFive.Value) {
        guard var event = candidate else { return }
        let isBack =
            value.smooth >= event.baseline - Self.levelMargin
            || 3 * (value.smooth - event.nadir) >= 2 * event.depth
        let isSteady =
            value.second - event.startSecond > DesaturationEvent.breathingSecondsMax
            && (window.baseline ?? .max) - value.smooth < Self.levelMargin
        guard isBack || isSteady else {
            note(value, &event)
            candidate = event
            return
        }
        candidate = nil
        left = nil
        // Behind a hole nobody knows when it was over: it is not longer than what was seen.
        if value.second - event.endSecond <= OximetryParameters.holdSecondsMax { event.endSecond = value.second }
        close(event)
    }

    private func note(_ value: MiddleOfFive.Value, _ event: inout DesaturationEvent) {
        event.endSecond = value.second + 1
        event.area += max(0, event.baseline - value.smooth)
        if value.smooth < event.nadir {
            event.nadir = value.smooth
            event.nadirSecond = value.second
            event.depth = event.baseline - value.smooth
        }
    }

    private var tailOf: (end: Int, level: SaturationHundredths)?

    private mutating func tail(_ value: MiddleOfFive.Value) {
        guard let event = tailOf else { return }
        guard value.second - event.end < Self.tailSecondsMax, value.smooth < event.level, left == nil else {
            tailOf = nil
            return
        }
        tailArea += event.level - value.smooth
    }

    private mutating func close(_ event: DesaturationEvent) {
        guard event.durationSeconds >= Self.durationSecondsMin else { return }
        ended = event
        tailOf = event.isSustained ? nil : (event.endSecond, event.baseline)
    }

    private mutating func tellEnded(before second: Int) -> DesaturationEvent? {
        guard let event = ended, second == .max || second - event.endSecond > Self.mergeSeconds else { return nil }
        ended = nil
        return event
    }
}
