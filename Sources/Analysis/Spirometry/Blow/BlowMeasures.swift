/// What one forced expiration comes to: BTPS, in litres, litres a second and seconds. `nil`: the record does not
/// reach it.
///
/// Terms and definitions: ATS/ERS 2019 (Graham et al., doi 10.1164/rccm.201908-1590ST), on FEV1 and FVC.
public struct BlowMeasures: Hashable, Sendable {
    /// Time 0 by back-extrapolation, from the first sample of the record.
    public var timeZeroSeconds = 0.0
    /// Back-extrapolated volume: breathed out before time 0.
    public var extrapolatedVolumeLitres = 0.0
    public var forcedVitalCapacityLitres = 0.0
    public var fev05Litres: Double?
    public var fev075Litres: Double?
    public var fev1Litres: Double?
    public var fev3Litres: Double?
    public var fev6Litres: Double?
    public var peakFlowLitresPerSecond = 0.0
    /// Of the peak flow, from the first sample of the record.
    public var peakSeconds = 0.0
    /// Breathed out when the flow is greatest.
    public var peakVolumeLitres = 0.0
    /// The mean flow over the middle half of the FVC.
    public var fef2575LitresPerSecond: Double?
    /// The flow when 25, 50 and 75 % of the FVC are breathed out.
    public var fef25LitresPerSecond: Double?
    public var fef50LitresPerSecond: Double?
    public var fef75LitresPerSecond: Double?
    /// From time 0 until the volume is complete.
    public var forcedExpiratoryTimeSeconds = 0.0
    /// From time 0 until the next breath in, or the end of the record.
    public var expirationSeconds = 0.0
    /// Breathed out in the last second of the expiration; `nil`: it was shorter.
    public var lastSecondLitres: Double?
    /// From 10 to 90 % of the peak flow.
    public var riseTimeSeconds: Double?
    /// From full inspiration to time 0; `nil`: the record shows no breath in before the blow.
    public var hesitationSeconds: Double?
    /// Breathed in just before the blow; `nil`: the record does not show it.
    public var inspiredBeforeLitres: Double?
    /// Of the breath in after the blow.
    public var fivcLitres: Double?
    /// Greater than 0.
    public var peakInspiratoryFlowLitresPerSecond: Double?

    public init() {}

    /// From time 0 to the peak flow.
    public var peakTimeSeconds: Double { peakSeconds - timeZeroSeconds }
    public var fev1OverFVC: Double? {
        forcedVitalCapacityLitres > 0 ? fev1Litres.map { $0 / forcedVitalCapacityLitres } : nil
    }
    public var fev1OverFEV6: Double? {
        guard let fev1Litres, let fev6Litres, fev6Litres > 0 else { return nil }
        return fev1Litres / fev6Litres
    }
}

extension BlowMeasures {
    /// - Throws: why the samples are no manoeuvre.
    public init(_ samples: BlowSamples) throws(BlowProblem) {
        self = try Blow(samples).measures
    }

    init(_ trace: BreathTrace, _ phases: BlowPhases) {
        let base = trace.volume[phases.start]
        let peak = trace.peak(at: phases.peak)
        peakFlowLitresPerSecond = peak.flow
        peakSeconds = peak.seconds
        peakVolumeLitres = trace.volume(at: peak.seconds) - base
        let zero = Self.timeZero(trace, phases, peak: peak)
        timeZeroSeconds = zero
        extrapolatedVolumeLitres = max(0, trace.volume(at: zero) - base)
        let capacity = (trace.volume[phases.peak ... phases.stop].max() ?? base) - base
        forcedVitalCapacityLitres = capacity
        let stop = trace.seconds(phases.stop)
        let litres = { (seconds: Double) in
            zero + seconds <= stop + trace.interval / 2 ? trace.volume(at: zero + seconds) - base : nil
        }
        fev05Litres = litres(0.5)
        fev075Litres = litres(0.75)
        fev1Litres = litres(1)
        fev3Litres = litres(3)
        fev6Litres = litres(6)
        forcedExpiratoryTimeSeconds = max(0, trace.seconds(phases.complete) - zero)
        expirationSeconds = max(0, stop - zero)
        if expirationSeconds >= 1 { lastSecondLitres = trace.volume[phases.stop] - trace.volume(at: stop - 1) }
        measureFlows(trace, phases, base: base)
        riseTimeSeconds = Self.riseTime(trace, phases, peakFlow: peak.flow)
        hesitationSeconds = phases.inspired.map { max(0, zero - trace.seconds($0)) }
        inspiredBeforeLitres = phases.inspired.map { Self.inspired(trace, before: $0) - base }
        if phases.hasInspirationAfter { measureInspiration(trace, phases) }
    }

    /// Half of the span over which the tangent is taken. On the ATS waveforms 12 ms do best: the instant of the
    /// peak makes FEV1 wrong by up to 13.01 mL there, 80 ms make the extrapolated volume wrong by 5 mL in the
    /// mean.
    static let tangentHalfSeconds = 0.006

    /// Time 0: where the tangent at the steepest part of the volume meets full inspiration (ATS/ERS 2019, on time
    /// 0).
    private static func timeZero(
        _ trace: BreathTrace, _ phases: BlowPhases, peak: (seconds: Double, flow: Double)
    ) -> Double {
        let base = trace.volume[phases.start]
        let earliest = trace.seconds(phases.start)
        // The flow of a coarse volume is a mean already.
        let half = trace.isSmoothed ? 0 : tangentHalfSeconds
        let before = max(earliest, peak.seconds - half)
        let after = min(trace.seconds(phases.stop), peak.seconds + half)
        let (low, high) = (trace.volume(at: before) - base, trace.volume(at: after) - base)
        let slope = after > before ? (high - low) / (after - before) : peak.flow
        guard slope > 0 else { return peak.seconds }
        return max(earliest, (before + after) / 2 - (low + high) / 2 / slope)
    }

    private mutating func measureFlows(_ trace: BreathTrace, _ phases: BlowPhases, base: Double) {
        let time = { [forcedVitalCapacityLitres] (share: Double) in
            trace.time(
                volume: base + share * forcedVitalCapacityLitres, from: phases.start, through: phases.stop)
        }
        let (quarter, half, threeQuarters) = (time(0.25), time(0.5), time(0.75))
        fef25LitresPerSecond = quarter.map { trace.flow(at: $0) }
        fef50LitresPerSecond = half.map { trace.flow(at: $0) }
        fef75LitresPerSecond = threeQuarters.map { trace.flow(at: $0) }
        if let quarter, let threeQuarters, threeQuarters > quarter {
            fef2575LitresPerSecond = 0.5 * forcedVitalCapacityLitres / (threeQuarters - quarter)
        }
    }

    private mutating func measureInspiration(_ trace: BreathTrace, _ phases: BlowPhases) {
        let greatest = trace.volume[phases.stop]
        // The breath in ends where air goes out again.
        var least = greatest
        var fastest = 0.0
        for index in phases.stop ..< trace.count {
            least = min(least, trace.volume[index])
            if trace.volume[index] > least + BlowPhases.breathLitres { break }
            fastest = max(fastest, -trace.flow[index])
        }
        fivcLitres = greatest - least
        peakInspiratoryFlowLitresPerSecond = fastest
    }

    /// The volume from which the breath in before the blow began.
    private static func inspired(_ trace: BreathTrace, before inspired: Int) -> Double {
        var greatest = trace.volume[inspired]
        var index = inspired
        while index >= 0, trace.volume[index] > greatest - BlowPhases.breathLitres {
            greatest = max(greatest, trace.volume[index])
            index -= 1
        }
        return greatest
    }

    /// Along the last rise to the peak, straight between the samples.
    private static func riseTime(_ trace: BreathTrace, _ phases: BlowPhases, peakFlow: Double) -> Double? {
        var crossings: [Double] = []
        var index = phases.peak
        for share in [0.9, 0.1] {
            let level = share * peakFlow
            while index >= phases.start, trace.flow[index] > level { index -= 1 }
            guard index >= phases.start, index + 1 < trace.count else { return nil }
            let (below, above) = (trace.flow[index], trace.flow[index + 1])
            let fraction = above > below ? (level - below) / (above - below) : 0
            crossings.append(trace.seconds(index) + fraction * trace.interval)
        }
        return crossings[0] - crossings[1]
    }
}
