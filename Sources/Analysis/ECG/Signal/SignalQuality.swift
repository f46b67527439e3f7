import Vitals

/// Says of each second how good it is, and why not better.
struct SignalQuality: Sendable {
    /// More of a second's samples missing make it bad.
    static let missingShareMax = 0.2
    /// More of a second's samples at one value make it a flat line; at its extremes, a saturated amplifier.
    static let stillShareMax = 0.9
    static let railShareMax = 0.1

    private var recent = [QualitySecond](repeating: QualitySecond(second: -1, grade: .good), count: 8)

    /// Seconds whose signal is complete.
    mutating func read(_ front: inout LeadFront, _ seconds: inout [QualitySecond]) {
        while let raw = front.input.takeEnded() {
            let judged = judge(raw)
            recent[raw.second & 7] = judged
            seconds.append(judged)
        }
    }

    mutating func skip(to index: Int) {}

    /// Of the last second that was complete when the working signal had come to `index`.
    func reasons(at index: Int) -> QualityReasons {
        let second = index / WorkingSignal.sampleRateHz - 2
        guard second >= 0 else { return [] }
        let known = recent[second & 7]
        return known.second == second ? known.reasons : []
    }

    private func judge(_ raw: RawSecond) -> QualitySecond {
        let count = Double(max(1, raw.count))
        if raw.isLeadOff { return QualitySecond(second: raw.second, grade: .bad, reasons: .leadOff) }
        if Double(raw.missingCount) > Self.missingShareMax * count {
            return QualitySecond(second: raw.second, grade: .bad, reasons: .noValue)
        }
        if raw.lowest == raw.highest || Double(raw.stillCount) > Self.stillShareMax * count {
            return QualitySecond(second: raw.second, grade: .bad, reasons: .flatline)
        }
        if Double(raw.railCount) > Self.railShareMax * count {
            return QualitySecond(second: raw.second, grade: .poor, reasons: .saturated)
        }
        return QualitySecond(second: raw.second, grade: .good)
    }
}
