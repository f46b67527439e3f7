public import ECG
public import WFDB

/// What leads and pulse waves have shown up to a monitor's alarm, and the verdict on it.
public enum AlarmRun {
    /// Waves of the pulse, by the names of the challenge.
    private static let pulseNames: Set<String> = ["PLETH", "ABP", "ART"]
    /// Samples are given ten times a second.
    private static let piecesPerSecond = 10.0

    /// - Returns: the verdict by what was before the alarm; nothing behind it is looked at.
    public static func verdict(on alarm: AlarmCase, in record: Record) -> AlarmVerdict {
        let seconds = AlarmCase.alarmSeconds
        var leads: [LeadEvidence] = []
        var pulses: [PulseEvidence] = []
        for (index, signal) in record.header.signals.enumerated() {
            let rate = record.sampleRateHz(of: index)
            let end = Int((seconds * record.header.sampleRateHz).rounded())
            if pulseNames.contains(signal.description) {
                guard var detector = PulseDetector(sampleRateHz: rate) else { continue }
                var beats: [PulseBeat] = []
                detector.append(record.physical(of: index, frames: 0 ..< end), &beats)
                pulses.append(PulseEvidence(beats: beats))
            } else if signal.unit == "mV", var witness = LeadWitness(sampleRateHz: rate) {
                let samples = record.physical(of: index, frames: 0 ..< end)
                let piece = max(1, Int(rate / piecesPerSecond))
                var at = 0
                while at < samples.count {
                    let next = min(at + piece, samples.count)
                    witness.append(samples[at ..< next])
                    at = next
                }
                leads.append(witness.finish(atSeconds: Double(samples.count) / rate))
            }
        }
        return AlarmVerifier().verify(alarm.kind, at: seconds, leads: leads, pulses: pulses)
    }
}

/// One lead through the detector, the classifier and the watch of the rhythm, for what an alarm is judged by.
struct LeadWitness {
    private var detector: LeadDetector
    private var classifier = BeatClassifier()
    private var rhythm = RhythmAnalyzer()
    private var output = LeadOutput()
    private var beats = ClassifiedBeats()
    private var evidence = LeadEvidence()
    private var grade = QualitySecond.Grade.good

    /// The newest 0.6 s are not settled: a beat may still be found there.
    private static let settledDelaySamples = 120

    /// `nil` for a rate that cannot be analysed.
    init?(sampleRateHz: Double) {
        guard let detector = LeadDetector(sampleRateHz: sampleRateHz) else { return nil }
        self.detector = detector
    }

    mutating func append(_ millivolts: ArraySlice<Float>) {
        detector.append(millivolts, &output)
        classify()
        classifier.advance(to: detector.workingIndex, clean: detector.clean, &beats)
        tell()
    }

    /// What is still being thought about is decided with what is there.
    mutating func finish(atSeconds seconds: Double) -> LeadEvidence {
        detector.finish(&output)
        classify()
        classifier.finish(&beats)
        tell()
        rhythm.finish(atSeconds: seconds, &evidence.findings)
        return evidence
    }

    private mutating func classify() {
        let clean = detector.clean
        for beat in output.beats {
            classifier.add(
                beat, clean: clean, quality: grade, isAtrialFibrillation: rhythm.isAtrialFibrillation, &beats)
        }
    }

    private mutating func tell() {
        let clean = detector.clean
        for beat in beats.provisional { rhythm.add(provisional: beat, clean: clean, &evidence.findings) }
        for beat in beats.final {
            rhythm.add(final: beat, &evidence.findings)
            evidence.beats.append(beat)
        }
        for second in output.seconds {
            rhythm.add(second, clean: clean, &evidence.findings)
            grade = second.grade
            evidence.seconds.append(second)
            evidence.fibrillationScores.append(rhythm.fibrillationScore)
        }
        rhythm.advance(
            settled: detector.workingIndex - Self.settledDelaySamples, clean: clean, &evidence.findings)
        output.removeAll(keepingCapacity: true)
        beats.removeAll()
    }
}
