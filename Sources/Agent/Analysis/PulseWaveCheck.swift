import Alarms
import ECG
import Oximetry
import Vitals

/// Holds the pulse rate that an oximeter tells against the pulses of its own wave.
///
/// Every device with a wave tells a rate of its own: the wave makes no second one, it says whether that rate can be
/// believed. No reading is doubted by it: that would silence the limits. What is not sure is not compared.
struct PulseWaveCheck {
    /// A stretch of the wave without a hole.
    private struct Stretch {
        var detector: PulseDetector
        var meter = PulseRateMeter()
        let rateHz: Double
        var samples = 0
        var lastPulse: Double?
        /// When its first block was complete, and how much that held.
        let begun: Instant
        let firstSamples: Int
        var heard: Instant

        var seconds: Double { Double(samples) / rateHz }
    }

    private var stretch: Stretch?
    private var agreement = PulseAgreement()
    /// What was compared last; no rate of the wave: it has no pulse.
    private var compared: (pulse: Double, wave: Double?, at: Instant)?

    static let rule = FindingRule(
        condition: ConditionDefinition(
            id: "pulse-wave-disagrees", kind: .technical, levels: [.init(priority: .low, onset: .zero)],
            clearAfter: .seconds(30), freshness: .seconds(60)),
        words: "Pulse rate and pulse wave do not agree",
        advice: "Check the sensor: the rate shown may be an old or a wrong one.", isOfDevice: true)

    /// Blocks come about once a second; after so long without one the wave begins anew.
    private static let pause = Duration.seconds(3)
    /// The wave's usual height and eight intervals are known behind so much of it, s.
    private static let secondsMin = 15.0
    /// Samples come as fast as the rate says, within this and a share of the time. Otherwise some are missing that
    /// the device says nothing of, and the wave would seem too fast.
    private static let driftMin = 1.0
    private static let driftShareMax = 0.03
    /// With any interval apart from the others (an irregular rhythm, movement) two ways to average differ.
    private static let regularityMin = 0.9
    /// A slower pulse has intervals that the wave's meter does not count.
    private static let pulseMin = 35.0
    /// Apart by more than this and a share of the rate shown: a device averages over other beats than the wave.
    /// Both are ours.
    private static let apartMin = 10.0
    private static let apartShareMin = 0.2
    /// A wave of twice the rate may count the dicrotic wave of each pulse: that is our fault.
    private static let doubled = 1.8 ... 2.2
    private static let rateInterval = Duration.milliseconds(900)
    private static let lookAge = Duration.seconds(5)

    mutating func hear(_ waveform: Waveform, at now: Instant) {
        let rate = waveform.sampleRateHz
        if let open = stretch, open.rateHz != rate || waveform.lostBefore > 0 || now - open.heard > Self.pause {
            stretch = nil
        }
        // Movement and a sensor that is off make pulses of their own.
        guard waveform.quality == .valid, !waveform.samples.isEmpty else { return end() }
        guard var open = stretch ?? begin(waveform, at: now) else { return }
        let (scale, offset) = (Float(waveform.scale), Float(waveform.offset))
        var pulses: [PulseBeat] = []
        open.detector.append(waveform.samples.map { Float($0) * scale + offset }, &pulses)
        for pulse in pulses {
            open.meter.add(beatAt: pulse.seconds)
            open.lastPulse = pulse.seconds
        }
        open.samples += waveform.samples.count
        open.heard = now
        stretch = isSteady(open) ? open : nil
    }

    /// Another connection, or a hole: what comes next is another wave.
    mutating func end() { stretch = nil }

    private func begin(_ waveform: Waveform, at now: Instant) -> Stretch? {
        guard let detector = PulseDetector(sampleRateHz: waveform.sampleRateHz) else { return nil }
        return Stretch(
            detector: detector, rateHz: waveform.sampleRateHz, begun: now, firstSamples: waveform.samples.count,
            heard: now)
    }

    private func isSteady(_ open: Stretch) -> Bool {
        let elapsed = Double((open.heard - open.begun).wholeMilliseconds) / 1000
        let drift = Double(open.samples - open.firstSamples) / open.rateHz - elapsed
        return abs(drift) <= max(Self.driftMin, Self.driftShareMax * elapsed)
    }

    /// A valid pulse rate of now.
    mutating func hear(pulse: Double, at now: Instant) {
        guard pulse >= Self.pulseMin, let open = stretch, now - open.heard <= Self.pause,
            open.seconds >= Self.secondsMin,
            compared.map({ now - $0.at >= Self.rateInterval }) ?? true
        else { return }
        // What was compared long ago says nothing of now.
        if let compared, now - compared.at > Self.lookAge { agreement = PulseAgreement() }
        if open.seconds - (open.lastPulse ?? 0) > PulseRateMeter.ageSecondsMax {
            agreement.add(isNear: false)
            compared = (pulse, nil, now)
        } else if let wave = open.meter.rate(at: open.seconds), let regularity = open.meter.regularity,
            regularity >= Self.regularityMin, !Self.doubled.contains(wave / max(pulse, 1))
        {
            agreement.add(isNear: abs(wave - pulse) <= max(Self.apartMin, Self.apartShareMin * pulse))
            compared = (pulse, wave, now)
        }
    }

    func look(_ turn: inout AnalysisTurn) {
        guard let compared, turn.stamp.received - compared.at <= Self.lookAge, agreement.share != nil else {
            return
        }
        var look = FindingLook(Self.rule.condition.id, level: agreement.isLost ? 1 : 0)
        if agreement.isLost {
            look.inputs = [
                FindingLook.Input("pulse-rate", value: compared.pulse, unit: "/min"),
                FindingLook.Input("pulse-wave-rate", value: compared.wave?.rounded(), unit: "/min"),
            ]
        }
        turn.report(look)
    }
}
