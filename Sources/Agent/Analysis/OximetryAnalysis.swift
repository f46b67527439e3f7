import Alarms
import DriverKit
import Oximetry
import Vitals

/// Looks at an oximeter: desaturations that repeat, a signal too poor to judge, and the night as a session.
struct OximetryAnalysis: DeviceAnalysis {
    private var analyzer = OximetryAnalyzer()
    private var watch = OximetryWatch()
    private var nights: OximetryNights
    private var agreement = PulseAgreement()
    private var wave = PulseWaveCheck()
    /// The pulse and heart rate that were compared last.
    private var compared: (pulse: Double, heart: Double, at: Instant)?
    private let patient: Identifier?
    private let trends: TrendBook

    let rules: [FindingRule]
    let metrics: Set<Metric> = [.oxygenDesaturationIndex3, .oxygenDesaturationIndex4]
    /// Where the wave is read, it is looked at; it is not worth the battery of a device by itself.
    let wantsWaveforms = false

    /// `nil`: the device measures no saturation.
    init?(_ setup: DeviceSetup, _ book: AnalysisBook) {
        let own = setup.driver.manifest.metrics
        guard own.contains(.oxygenSaturation) else { return nil }
        rules =
            [OximetryWatch.clusterRule, OximetryWatch.signalRule, OximetryWatch.pulseRule]
            + (own.contains(.plethysmogram) ? [PulseWaveCheck.rule] : [])
        nights = OximetryNights(waitsForStored: setup.settings.fetchesStored, told: book.nights)
        patient = setup.patient
        trends = book.trends
    }

    /// An older rate of either is not of the same beats.
    private static let rateAge = Duration.seconds(5)
    private static let rateInterval = Duration.milliseconds(900)

    mutating func hear(_ event: AnalysisEvent, _ turn: inout AnalysisTurn) {
        switch event {
        case .reading(let observation): hear(observation, &turn)
        case .known(let observation): nights.hearStored(observation, &turn)
        case .tick:
            watch.tick(&turn)
            lookAtPulse(&turn)
            wave.look(&turn)
            nights.tick(&turn)
        case .end: nights.end(&turn)
        case .waveform(let waveform):
            if waveform.metric == .plethysmogram { wave.hear(waveform, at: turn.stamp.received) }
        case .unlinked: wave.end()
        case .derived, .session: break
        }
    }

    private mutating func hear(_ observation: Observation, _ turn: inout AnalysisTurn) {
        let reading = observation.reading
        guard [.oxygenSaturation, .pulseRate, .perfusionIndex].contains(reading.metric) else { return }
        guard reading.source == .live else { return nights.hearStored(observation, &turn) }
        let value = reading.quality == .calibrating ? nil : reading.value
        let sample = OximetrySample(
            milliseconds: observation.stamp.received.nanoseconds / 1_000_000,
            saturation: reading.metric == .oxygenSaturation ? value : nil,
            pulseRate: reading.metric == .pulseRate ? value : nil,
            perfusionIndex: reading.metric == .perfusionIndex ? value : nil, reasons: reading.quality.reasons)
        nights.hearLive(observation, &turn)
        if reading.metric == .pulseRate, reading.quality == .valid, let value {
            compare(value, at: turn.stamp.received)
            wave.hear(pulse: value, at: turn.stamp.received)
        }
        guard reading.metric == .oxygenSaturation || value != nil else { return }
        var found: [OximetryAnalyzer.Finding] = []
        analyzer.add(sample) { found.append($0) }
        for finding in found { watch.hear(finding, since: analyzer.origin ?? 0) }
        if reading.metric == .oxygenSaturation { watch.note(reading, &turn) }
    }

    /// With the heart rate of an ECG that the patient wears besides, once a second.
    private mutating func compare(_ pulse: Double, at now: Instant) {
        guard let patient, compared.map({ now - $0.at >= Self.rateInterval }) ?? true,
            let heart = trends.change(patient, { $0.heartRate }), now - heart.at <= Self.rateAge
        else { return }
        compared = (pulse, heart.rate, now)
        agreement.add(pulseRate: pulse, heartRate: heart.rate)
    }

    private func lookAtPulse(_ turn: inout AnalysisTurn) {
        guard let compared, turn.stamp.received - compared.at <= Self.rateAge, agreement.share != nil else {
            return
        }
        var look = FindingLook(OximetryWatch.pulseRule.condition.id, level: agreement.isLost ? 1 : 0)
        if agreement.isLost {
            look.value = compared.pulse - compared.heart
            look.inputs = [
                FindingLook.Input("pulse-rate", value: compared.pulse, unit: "/min"),
                FindingLook.Input("heart-rate", value: compared.heart, unit: "/min"),
            ]
        }
        turn.report(look)
    }
}
