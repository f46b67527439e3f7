import Vitals

extension BlowMeasures {
    /// By their metrics, in the units of a session's results, and which grade tells how far to trust them.
    var metrics: [(metric: Metric, value: Double?, graded: GradedMeasure)] {
        [
            (.forcedVitalCapacity, forcedVitalCapacityLitres, .fvc),
            (.forcedExpiratoryVolume1s, fev1Litres, .fev1),
            (.forcedExpiratoryVolume500ms, fev05Litres, .fev1),
            (.forcedExpiratoryVolume750ms, fev075Litres, .fev1),
            (.forcedExpiratoryVolume3s, fev3Litres, .fvc),
            (.forcedExpiratoryVolume6s, fev6Litres, .fvc),
            (.fev1OverFVC, fev1OverFVC.map { $0 * 100 }, .fvc),
            (.peakExpiratoryFlow, peakFlowLitresPerSecond, .fev1),
            (.forcedExpiratoryFlow25To75, fef2575LitresPerSecond, .fvc),
            (.forcedExpiratoryFlow25, fef25LitresPerSecond, .fvc),
            (.forcedExpiratoryFlow50, fef50LitresPerSecond, .fvc),
            (.forcedExpiratoryFlow75, fef75LitresPerSecond, .fvc),
            (.forcedInspiratoryVitalCapacity, fivcLitres, .fvc),
            (.peakInspiratoryFlow, peakInspiratoryFlowLitresPerSecond, .fvc),
            (.extrapolatedVolume, extrapolatedVolumeLitres, .fev1),
            (.forcedExpiratoryTime, forcedExpiratoryTimeSeconds, .fvc),
            (.peakExpiratoryFlowTime, peakTimeSeconds, .fev1),
        ]
    }
}

extension BlowFault {
    /// It costs nothing, and is worth telling.
    var isHint: Bool { [.hesitation, .slowRise, .submaximal, .coughLater].contains(self) }
}

extension Sitting {
    /// Why the grade is not better: what spoilt the blows, and how far apart the best are.
    func reasons(against measure: GradedMeasure) -> [String] {
        var reasons: [String] = []
        for fault in attempts.flatMap({ $0.judgement.reasons(against: measure) })
        where !reasons.contains(fault.rawValue) {
            reasons.append(fault.rawValue)
        }
        let acceptable = attempts.filter { $0.judgement[measure] == .acceptable }
        return reasons
            + Self.reasons(acceptable.compactMap { volume(measure, of: $0) }, isYoungChild: isYoungChild)
    }

    /// - Parameter volumes: of the acceptable blows.
    static func reasons(_ volumes: [Double], isYoungChild: Bool) -> [String] {
        var reasons: [String] = []
        if volumes.count < 3 { reasons.append("fewer-than-three-acceptable") }
        if volumes.count > 1, !Repeatability.isWithin(.ab, volumes, isYoungChild: isYoungChild) {
            reasons.append("not-repeatable")
        }
        return reasons
    }
}
