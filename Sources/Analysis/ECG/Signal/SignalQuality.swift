import Numbers
import Vitals

/// Says of each second of a lead how good it is, and why not better.
///
/// Noise is judged by what it is in the pauses between beats, against the height of this patient's beats, so
/// that neither the gain nor the shape of the beats matters. Ventricular fibrillation fills its pauses without
/// being noise: slow and large waves alone never make a second bad.
struct SignalQuality: Sendable {
    /// More of a second's samples missing make it bad.
    static let missingShareMax = 0.2
    /// More of a second's samples at one value make it a flat line; at its extremes, a saturated amplifier.
    static let stillShareMax = 0.9
    static let railShareMax = 0.05
    /// Less, peak to peak in a second, is a flat line (mV).
    static let flatHeight: Float = 0.02
    /// Amplitude of the mains that is worth telling: share of the beats' height, and mV.
    static let mainsShare: Float = 0.05
    static let mainsLeast: Float = 0.01
    /// Roughness of the pauses, in shares of the beats' height.
    static let roughPoor: Float = 0.045
    static let roughBad: Float = 0.09
    /// What is above 40 Hz, in shares of the beats' height.
    static let restPoor: Float = 0.1
    /// Wander of the baseline within the second, in shares of the beats' height.
    static let driftPoor: Float = 1.5
    /// Height of the second, in usual heights.
    static let jumpPoor: Float = 2.5
    /// How far the level before the beats jumps from one to the next, in shares of their height: below 0.05 nearly
    /// everywhere in 20 of 24 records of MIT-BIH, above 0.1 in half of the beats with an electrode that moves at
    /// 0 dB.
    static let unrestPoor: Float = 0.08
    /// Parts of a second that are judged for themselves; the middle one counts.
    static let partCount = 10

    private var raw: [RawSecond] = []
    private var filtered: [FilteredSecond] = []
    private var usual: RecentMedian?
    private var levels = BeatLevels()
    private var recent = [QualitySecond](repeating: QualitySecond(second: -1, grade: .good), count: 8)

    /// Takes the seconds whose signal is complete; ``judgeNext(_:_:)`` judges them.
    mutating func collect(_ front: inout LeadFront) {
        while let ended = front.input.takeEnded() { raw.append(ended) }
        guard !front.endedSeconds.isEmpty else { return }
        filtered += front.endedSeconds
        front.endedSeconds.removeAll(keepingCapacity: true)
    }

    /// Where the working signal was when the next second that waits was complete.
    var nextComplete: Int? {
        filtered.first.map { ($0.second + 1) * WorkingSignal.sampleRateHz + LeadFront.cleanDelay }
    }

    mutating func judgeNext(_ clean: borrowing SignalRing, _ seconds: inout [QualitySecond]) {
        guard let next = filtered.first else { return }
        filtered.removeFirst()
        while let first = raw.first, first.second < next.second { raw.removeFirst() }
        guard let first = raw.first, first.second == next.second else { return }
        raw.removeFirst()
        let judged = judge(first, next, clean)
        recent[judged.second & 7] = judged
        seconds.append(judged)
    }

    /// A beat was found when the signal had come to `index`: the level before it and its height (mV).
    mutating func note(level: Float, height: Float, at index: Int) {
        levels.add(level: level, height: height, at: index)
    }

    /// Of the last second that was complete when the working signal had come to `index`.
    func reasons(at index: Int) -> QualityReasons {
        let second = (index - LeadFront.cleanDelay) / WorkingSignal.sampleRateHz - 2
        guard second >= 0 else { return [] }
        let known = recent[second & 7]
        return known.second == second ? known.reasons : []
    }

    private mutating func judge(
        _ raw: RawSecond, _ filtered: FilteredSecond, _ clean: borrowing SignalRing
    ) -> QualitySecond {
        var judged = QualitySecond(second: raw.second, grade: .good)
        let count = Double(max(1, raw.count))
        func spoil(_ grade: QualitySecond.Grade, _ reason: QualityReasons) {
            judged.grade = min(judged.grade, grade)
            judged.reasons.insert(reason)
        }
        if raw.isLeadOff { spoil(.bad, .leadOff) }
        if Double(raw.missingCount) > Self.missingShareMax * count { spoil(.bad, .noValue) }
        guard judged.grade > .bad else { return judged }
        if Double(raw.stillCount) > Self.stillShareMax * count || raw.highest - raw.lowest < Self.flatHeight {
            spoil(.bad, .flatline)
        } else if Double(raw.railCount) > Self.railShareMax * count {
            spoil(.poor, .saturated)
        }
        guard judged.grade > .bad else { return judged }
        let height = max(usual?.value ?? filtered.height, 2 * Self.flatHeight)
        if usual == nil { usual = RecentMedian(filtered.height) } else { usual?.add(filtered.height) }
        let (fifty, sixty) = filtered.mains
        if max(fifty, sixty) > max(Self.mainsShare * height, Self.mainsLeast) {
            judged.mainsHz = fifty >= sixty ? 50 : 60
        }
        let rough = Self.roughness(clean, from: filtered.second * WorkingSignal.sampleRateHz) / height
        if rough > Self.roughPoor || filtered.restLevel(without: (fifty, sixty)) > Self.restPoor * height {
            spoil(rough > Self.roughBad ? .bad : .poor, .muscleNoise)
        }
        if filtered.driftHeight > Self.driftPoor * height { spoil(.poor, .baselineWander) }
        let end = (filtered.second + 1) * WorkingSignal.sampleRateHz
        if filtered.height > Self.jumpPoor * height || levels.unrest(at: end) > Self.unrestPoor {
            spoil(.poor, .electrodeMotion)
        }
        return judged
    }

    /// Mean absolute second difference in the middle one of the second's parts (mV): no beat reaches so far.
    private static func roughness(_ clean: borrowing SignalRing, from start: Int) -> Float {
        let range = start - 4 ..< start + WorkingSignal.sampleRateHz
        guard clean.holds(range) else { return 0 }
        let samples = clean.window(range)
        let length = WorkingSignal.sampleRateHz / partCount
        var bends = InlineArray<200, Float>(repeating: 0)
        var bent = bends.mutableSpan
        for at in stride(from: 0, to: WorkingSignal.sampleRateHz, by: 8) {
            let bend = samples.eight(at: at + 4) - 2 * samples.eight(at: at + 2) + samples.eight(at: at)
            bent.put(bend.replacing(with: -bend, where: bend .< 0), at: at)
        }
        var parts = InlineArray<10, Float>(repeating: 0)
        for part in 0 ..< partCount {
            var sum: Float = 0
            for at in part * length ..< (part + 1) * length { sum += bends[at] }
            let value = sum / Float(length)
            var place = part
            while place > 0, parts[place - 1] > value {
                parts[place] = parts[place - 1]
                place -= 1
            }
            parts[place] = value
        }
        return (parts[4] + parts[5]) / 2
    }
}
