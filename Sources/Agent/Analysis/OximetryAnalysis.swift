import Alarms
import DriverKit
import Oximetry
import Vitals

/// Looks at an oximeter: desaturations that repeat, a signal too poor to judge, and the night as a session.
struct OximetryAnalysis: DeviceAnalysis {
    private var analyzer = OximetryAnalyzer()
    private var watch = OximetryWatch()
    private var nights: OximetryNights

    let rules: [FindingRule] = [OximetryWatch.clusterRule, OximetryWatch.signalRule]
    let metrics: Set<Metric> = [.oxygenDesaturationIndex3, .oxygenDesaturationIndex4]
    let wantsWaveforms = false

    /// `nil`: the device measures no saturation.
    init?(_ setup: DeviceSetup, told: ToldNights) {
        guard setup.driver.manifest.metrics.contains(.oxygenSaturation) else { return nil }
        nights = OximetryNights(waitsForStored: setup.settings.fetchesStored, told: told)
    }

    mutating func hear(_ event: AnalysisEvent, _ turn: inout AnalysisTurn) {
        switch event {
        case .reading(let observation): hear(observation, &turn)
        case .known(let observation): nights.hearStored(observation, &turn)
        case .tick:
            watch.tick(&turn)
            nights.tick(&turn)
        case .end: nights.end(&turn)
        case .waveform, .session, .unlinked: break
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
        guard reading.metric == .oxygenSaturation || value != nil else { return }
        var found: [OximetryAnalyzer.Finding] = []
        analyzer.add(sample) { found.append($0) }
        for finding in found { watch.hear(finding, since: analyzer.origin ?? 0) }
        if reading.metric == .oxygenSaturation { watch.note(reading, &turn) }
    }
}
