import Alarms
import ECG
import Vitals

/// What an ECG's analysis says, as readings, sessions and looks for the alarms.
struct ECGReport {
    /// What may be derived; what the device reports by itself is left to it.
    static let derived: Set<Metric> = [
        .heartRate, .rrInterval, .respirationRate, .hrvSDNN, .hrvRMSSD, .hrvLFOverHF, .atrialFibrillationBurden,
        .atrialFibrillationBurdenDay, .ventricularPrematureRate,
    ]
    /// A rate that stays the same is told again after so many seconds.
    static let rateIntervalSeconds = 10
    /// Below it an estimate of the breathing is in doubt.
    static let respirationConfidenceMin = 0.5

    private let own: Set<Metric>
    /// What lasts, by its kind.
    private var open: [Finding.Kind: Finding] = [:]
    /// Where it can be looked at: the name of its strip.
    private var shown: [Finding.Kind: String] = [:]
    /// When the strips that are under way began, by their numbers.
    private var begun: [Int: Instant] = [:]
    private var rates: [FindingLook.Sample] = []
    private var toldRate: Double?
    private var toldRateSecond: Int?

    init(own: Set<Metric>) { self.own = own }

    /// Another stream may begin; the alarms have not ended with this one.
    mutating func end() {
        open = [:]
        shown = [:]
        begun = [:]
        toldRate = nil
        toldRateSecond = nil
    }

    mutating func tell(_ output: ECGOutput, _ timeline: ECGTimeline, _ turn: inout AnalysisTurn) {
        name(output.requests, timeline, turn)
        tellFindings(output.findings, timeline, &turn)
        for second in output.seconds { tell(second, timeline, &turn) }
        for interval in output.intervals where !own.contains(.rrInterval) {
            let quality: Quality = interval.mark == .artefact ? .questionable(.artefact) : .valid
            turn.report(
                Reading(.rrInterval, interval.milliseconds, quality), at: timeline.instant(interval.endSeconds))
        }
        tellSlow(output, timeline, &turn)
        for strip in output.strips {
            var session = strip.session
            session.begun = begun.removeValue(forKey: strip.ticket.number)
            session.begun = session.begun ?? timeline.instant(strip.ticket.startSeconds)
            session.ended = timeline.instant(strip.endSeconds)
            turn.report(session)
        }
    }

    // MARK: Findings

    private mutating func name(_ requests: [StripRequest], _ timeline: ECGTimeline, _ turn: AnalysisTurn) {
        for request in requests {
            let ticket = request.ticket
            let start = begun[ticket.number] ?? timeline.instant(ticket.startSeconds)
            begun[ticket.number] = start
            var session = Session(.ecgStrip)
            session.begun = start
            session.label = ticket.kind.rawValue
            shown[request.finding] = turn.name(of: session)
        }
    }

    private mutating func tellFindings(
        _ findings: [Finding], _ timeline: ECGTimeline, _ turn: inout AnalysisTurn
    ) {
        for finding in findings {
            switch finding.phase {
            case .begin: open[finding.kind] = finding
            case .end: open[finding.kind] = nil
            case .moment: break
            }
            guard finding.phase != .end else { continue }
            if let look = look(finding, timeline) { turn.report(look) }
        }
    }

    private func look(_ finding: Finding, _ timeline: ECGTimeline) -> FindingLook? {
        guard let condition = ECGRules.condition(of: finding.kind) else { return nil }
        return FindingLook(
            condition, level: ECGRules.gravest(of: finding.kind), value: finding.value,
            confidence: finding.confidence, doubts: finding.doubts, began: timeline.instant(finding.startSeconds),
            session: shown[finding.kind], evidence: finding.kind.isTechnical ? [] : rates)
    }

    private mutating func tell(_ second: ECGSecond, _ timeline: ECGTimeline, _ turn: inout AnalysisTurn) {
        let end = timeline.instant(Double(second.second) + 1)
        if let rate = second.heartRate {
            rates.append(FindingLook.Sample(at: end, value: rate))
            if rates.count > FindingAlarm.evidenceMax { rates.removeFirst() }
        }
        for kind in ECGRules.kinds {
            if let finding = open[kind] {
                if let look = look(finding, timeline) { turn.report(look) }
            } else if kind.isTechnical || second.quality.grade != .bad, let condition = ECGRules.condition(of: kind)
            {
                turn.report(FindingLook(condition, level: 0))
            }
        }
        guard !own.contains(.heartRate) else { return }
        let rate = second.heartRate?.rounded()
        let isDue = toldRateSecond.map { second.second - $0 >= Self.rateIntervalSeconds } ?? true
        guard rate != toldRate || isDue else { return }
        toldRate = rate
        toldRateSecond = second.second
        turn.report(heartRate(rate, second.quality), at: end)
    }

    private func heartRate(_ rate: Double?, _ quality: QualitySecond) -> Reading {
        if let rate {
            let doubts = quality.reasons.isEmpty ? QualityReasons.noise : quality.reasons
            return Reading(.heartRate, rate, quality.grade == .bad ? .questionable(doubts) : .valid)
        }
        let reasons = quality.reasons.isEmpty ? QualityReasons.searching : quality.reasons
        return Reading(.heartRate, nil, .invalid(reasons))
    }

    // MARK: Slow measures

    private func tellSlow(_ output: ECGOutput, _ timeline: ECGTimeline, _ turn: inout AnalysisTurn) {
        for window in output.variability {
            let at = timeline.instant(window.endSeconds)
            let quality: Quality = window.reason.map { .invalid($0.reasons) } ?? .valid
            turn.report(Reading(.hrvSDNN, window.values?.sdnnMilliseconds, quality), at: at)
            turn.report(Reading(.hrvRMSSD, window.values?.rmssdMilliseconds, quality), at: at)
            if let ratio = window.values?.lfOverHF { turn.report(Reading(.hrvLFOverHF, ratio), at: at) }
        }
        if !own.contains(.respirationRate) {
            for estimate in output.respiration {
                let isSure = estimate.confidence >= Self.respirationConfidenceMin
                turn.report(
                    Reading(.respirationRate, estimate.rate, isSure ? .valid : .questionable(.noise)),
                    at: timeline.instant(estimate.seconds))
            }
        }
        for burden in output.burdens {
            let at = timeline.instant(burden.startSeconds + Double(burden.hours * RhythmBurden.hourSeconds))
            let isDay = burden.hours > 1
            let nothing = Quality.invalid(.noSignal)
            let fibrillation = burden.atrialFibrillationPercent
            turn.report(
                Reading(
                    isDay ? .atrialFibrillationBurdenDay : .atrialFibrillationBurden, fibrillation,
                    fibrillation == nil ? nothing : .valid), at: at)
            guard !isDay else { continue }
            let ectopy = burden.ventricularPerHour
            turn.report(Reading(.ventricularPrematureRate, ectopy, ectopy == nil ? nothing : .valid), at: at)
        }
    }
}

extension HRVWindow.Reason {
    /// As reasons of a reading.
    fileprivate var reasons: QualityReasons {
        switch self {
        case .noSignal: .noSignal
        case .tooFewCleanBeats, .atrialFibrillation: .artefact
        }
    }
}
