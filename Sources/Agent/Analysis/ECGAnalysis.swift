import Alarms
import ECG
import Vitals

/// The ECG of one device: its leads go into an analyzer, and what that finds becomes readings, strips and looks for
/// the alarms.
struct ECGAnalysis: DeviceAnalysis {
    static let leadMetrics: Set<Metric> = [
        .ecgLead, .ecgLeadI, .ecgLeadII, .ecgLeadIII, .ecgLeadAVR, .ecgLeadAVL, .ecgLeadAVF, .ecgLeadV1,
        .ecgLeadV2, .ecgLeadV3, .ecgLeadV4, .ecgLeadV5, .ecgLeadV6,
    ]
    /// After so long without a sample the stream has ended; another begins anew.
    static let endsAfter: Duration = .seconds(60)
    /// Leads that come so soon after the first belong to the same beginning (s).
    static let gatheringSeconds = 5.0

    let rules = ECGRules.all
    let wantsWaveforms = true
    private let own: Set<Metric>
    private let strips: StripSettings
    private var analyzer: ECGAnalyzer?
    private var timeline = ECGTimeline()
    private var leads: [Lead] = []
    private var report: ECGReport
    private var output = ECGOutput()
    private var lastHeard: Instant?

    private struct Lead {
        var description: LeadDescription
        var samples = 0
        var isOff = false
        /// The next block comes over another connection.
        var isRejoining = false
    }

    /// `nil` for a device without an ECG.
    ///
    /// - Parameter own: the metrics that the device reports by itself.
    init?(metrics own: Set<Metric>, strips: StripSettings) {
        guard !own.isDisjoint(with: Self.leadMetrics) else { return nil }
        self.own = own
        self.strips = strips
        report = ECGReport(own: own)
    }

    var metrics: Set<Metric> { ECGReport.derived.subtracting(own) }

    mutating func hear(_ event: AnalysisEvent, _ turn: inout AnalysisTurn) {
        switch event {
        case .waveform(let waveform) where Self.leadMetrics.contains(waveform.metric): hear(waveform, &turn)
        case .tick:
            guard let lastHeard, turn.stamp.received - lastHeard > Self.endsAfter else { return }
            end(&turn)
        case .unlinked: for index in leads.indices { leads[index].isRejoining = true }
        case .end: end(&turn)
        case .reading, .derived, .known, .session, .waveform: break
        }
    }

    private mutating func hear(_ waveform: Waveform, _ turn: inout AnalysisTurn) {
        let now = turn.stamp.received
        if let lastHeard, now - lastHeard > Self.endsAfter { end(&turn) }
        guard let lead = place(of: waveform, &turn) else { return }
        lastHeard = now
        skipLost(lead, before: waveform, at: now)
        mark(lead, waveform.quality)
        let offset = Float(waveform.offset)
        let scale = Float(waveform.scale)
        analyzer?.append(lead: lead, waveform.samples.map { Float($0) * scale + offset }, &output)
        leads[lead].samples += waveform.samples.count
        let rate = waveform.sampleRateHz
        timeline.note(
            endSeconds: Double(leads[lead].samples) / rate, blockSeconds: Double(waveform.samples.count) / rate,
            at: now)
        conclude(&turn)
    }

    /// What the device says is lost, and what it cannot say: a connection was broken, or it fell far behind.
    private mutating func skipLost(_ lead: Int, before waveform: Waveform, at now: Instant) {
        var lost = max(0, waveform.lostBefore)
        let rate = waveform.sampleRateHz
        let end = Double(leads[lead].samples &+ waveform.samples.count &+ lost) / rate
        let behind = timeline.behind(endSeconds: end, at: now)
        if leads[lead].isRejoining ? behind > .zero : behind > ECGTimeline.behindMax {
            lost += Int(Double(behind.wholeMilliseconds) / 1000 * rate)
        }
        leads[lead].isRejoining = false
        guard lost > 0 else { return }
        analyzer?.interrupt(lead: lead, lostSamples: lost, &output)
        leads[lead].samples += lost
    }

    private mutating func mark(_ lead: Int, _ quality: Quality) {
        let isOff = !quality.reasons.isDisjoint(with: [.leadOff, .sensorOff])
        guard isOff != leads[lead].isOff else { return }
        leads[lead].isOff = isOff
        analyzer?.markLeadOff(lead: lead, isOff)
    }

    /// Its place among the leads; one that is new, or has another rate now, begins the stream anew.
    private mutating func place(of waveform: Waveform, _ turn: inout AnalysisTurn) -> Int? {
        let description = LeadDescription(waveform.metric, sampleRateHz: waveform.sampleRateHz)
        if analyzer != nil, let known = leads.firstIndex(where: { $0.description == description }) { return known }
        guard LeadDetector.sampleRateHzRange.contains(waveform.sampleRateHz) else { return nil }
        let isGathering = analyzer.map { Double($0.workingIndex) < Self.gatheringSeconds * 200 } ?? false
        let others = leads.map(\.description).filter { $0.metric != waveform.metric }
        if !isGathering { end(&turn) }
        leads = (others + [description]).map { Lead(description: $0) }
        analyzer = ECGAnalyzer(leads: leads.map(\.description), strips: strips)
        timeline = ECGTimeline()
        return analyzer == nil ? nil : leads.count - 1
    }

    /// The stream has ended: what is open is told, and the room is given back.
    private mutating func end(_ turn: inout AnalysisTurn) {
        analyzer?.finish(&output)
        conclude(&turn)
        analyzer = nil
        leads = []
        lastHeard = nil
        report.end()
    }

    private mutating func conclude(_ turn: inout AnalysisTurn) {
        report.tell(output, timeline, &turn)
        output.removeAll()
    }
}
