import Vitals

/// Signal that is too bad to watch the heart, and electrodes without contact: the technical findings.
struct SignalWatch: Sendable {
    private let settings: RhythmSettings
    private var poor = Episode(.signalPoor)
    private var leadOff = Episode(.leadOff)
    /// The newest seconds: 1 for a bad one.
    private var bad = RecentValues(capacity: 16)
    private var offSeconds = 0
    private var onSeconds = 0
    private var usableSeconds = 0

    init(_ settings: RhythmSettings) { self.settings = settings }

    var isTold: Bool { poor.isOpen || leadOff.isOpen }

    /// Of the last so many seconds, none was bad.
    func isUsable(seconds: Int) -> Bool {
        for age in 0 ..< min(seconds, bad.count) where bad[age] != 0 { return false }
        return true
    }

    /// Whether fibrillation may begin in the newest second.
    var isTrustedForFibrillation: Bool { isUsable(seconds: 1) && !isTold }

    mutating func add(_ second: QualitySecond, now: Double, _ findings: inout [Finding]) {
        let start = Double(second.second)
        let isOff = second.reasons.contains(.leadOff)
        bad.append(second.grade == .bad ? 1 : 0)
        offSeconds = isOff ? offSeconds + 1 : 0
        onSeconds = isOff ? 0 : onSeconds + 1
        usableSeconds = second.grade == .bad ? 0 : usableSeconds + 1
        if offSeconds >= settings.leadOffSecondsMin {
            poor.end(at: start + 1 - Double(offSeconds), now: now, &findings)
            leadOff.begin(at: start + 1 - Double(offSeconds), now: now, doubts: second.reasons, &findings)
        } else if onSeconds >= settings.leadOffSecondsMin {
            // The seconds without contact are told: they are not to be told again as poor ones.
            if leadOff.isOpen { bad.removeAll() }
            leadOff.end(at: start + 1 - Double(onSeconds), now: now, &findings)
        }
        guard !leadOff.isOpen else { return }
        beginOrEndPoor(second, now: now, &findings)
    }

    private mutating func beginOrEndPoor(_ second: QualitySecond, now: Double, _ findings: inout [Finding]) {
        let start = Double(second.second)
        var count = 0
        var oldest = 0
        for age in 0 ..< min(settings.signalPoorWindowSeconds, bad.count) where bad[age] != 0 {
            count += 1
            oldest = age
        }
        if count >= settings.signalPoorSecondsMin {
            poor.begin(at: start - Double(oldest), now: now, doubts: second.reasons, &findings)
        } else if usableSeconds >= settings.signalPoorSecondsToEnd {
            poor.end(at: start + 1 - Double(usableSeconds), now: now, &findings)
        }
    }

    mutating func interrupt() {
        bad.removeAll()
        offSeconds = 0
        onSeconds = 0
    }

    mutating func finish(at seconds: Double, _ findings: inout [Finding]) {
        poor.end(at: seconds, now: seconds, &findings)
        leadOff.end(at: seconds, now: seconds, &findings)
    }
}
