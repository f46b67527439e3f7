import Numbers
import Testing
import Vitals

@testable import ECG

/// From the signal of a device to the alarm, through the whole analysis.
@Suite struct `The time to an alarm` {
    private static let ratesHz = [125.0, 250, 500]
    private static let onsetSeconds = 40.0

    /// A heart at 80 per minute up to the onset, with a body's noise; then at another rate, or still.
    private func heart(_ rateHz: Double, then beatsPerMinute: Double?) -> SyntheticECG {
        var ecg = SyntheticECG(beatsPerMinute: 80, seconds: 80, sampleRateHz: rateHz)
        ecg.noise = 0.01
        ecg.beats.removeAll { $0 > Self.onsetSeconds }
        if let beatsPerMinute, var seconds = ecg.beats.last {
            while seconds < ecg.seconds - 1 {
                seconds += 60 / beatsPerMinute
                ecg.beats.append(seconds)
            }
        }
        return ecg
    }

    private func analysis(_ samples: [Float], _ rateHz: Double) throws -> ECGOutput {
        var analyzer = try #require(
            ECGAnalyzer(leads: [LeadDescription(.ecgLeadII, sampleRateHz: rateHz)]))
        var output = ECGOutput()
        let piece = Int(rateHz / 10)
        for start in stride(from: 0, to: samples.count, by: piece) {
            analyzer.append(lead: 0, samples[start ..< min(start + piece, samples.count)], &output)
        }
        analyzer.finish(&output)
        return output
    }

    /// Seconds from the last beat at 80 per minute.
    private func delay(
        of kind: Finding.Kind, _ samples: [Float], _ ecg: SyntheticECG
    ) throws -> Double {
        let last = try #require(ecg.beats.last { $0 <= Self.onsetSeconds })
        let told = try #require(analysis(samples, ecg.sampleRateHz).findings.first { $0.kind == kind })
        #expect(told.startSeconds > last - 4)
        return told.announcedSeconds - last
    }

    @Test(
        arguments: [
            (120.0, Finding.Kind.tachycardia, 6.0), (40, .bradycardia, 6), (34, .extremeBradycardia, 9),
            (160, .extremeTachycardia, 8.4),
        ], ratesHz)
    func `of a step of the rate is six seconds, of an extreme one that of its beats and two more`(
        step: (perMinute: Double, kind: Finding.Kind, secondsMax: Double), rateHz: Double
    ) throws {
        let ecg = heart(rateHz, then: step.perMinute)
        #expect(try delay(of: step.kind, ecg.samples(), ecg) <= step.secondsMax)
    }

    @Test(arguments: [(120.0, 105.2), (40, 54.8)], ratesHz)
    func `until the rate that is shown has made most of a step is six seconds`(
        step: (perMinute: Double, mostOfIt: Double), rateHz: Double
    ) throws {
        let ecg = heart(rateHz, then: step.perMinute)
        let last = try #require(ecg.beats.last { $0 <= Self.onsetSeconds })
        let shown = try #require(
            try analysis(ecg.samples(), rateHz).seconds.first { second in
                guard Double(second.second) > last, let rate = second.heartRate else { return false }
                return step.perMinute > 80 ? rate >= step.mostOfIt : rate <= step.mostOfIt
            })
        #expect(Double(shown.second) + 1 - last <= 6)
    }

    @Test(arguments: ratesHz)
    func `of an asystole is five seconds from the last beat`(rateHz: Double) throws {
        let ecg = heart(rateHz, then: nil)
        #expect(try delay(of: .asystole, ecg.samples(), ecg) <= 5)
    }

    @Test(arguments: ratesHz)
    func `of a ventricular tachycardia is six and a half seconds`(rateHz: Double) throws {
        let ecg = heart(rateHz, then: nil)
        var samples = ecg.samples()
        for index in samples.indices {
            // Broad waves of both signs, 170 in a minute, from the time on when the next beat would come.
            let seconds = Double(index) / rateHz - Self.onsetSeconds - 0.5
            guard seconds > 0 else { continue }
            let phase = seconds * 170 / 60
            let turn = phase - phase.rounded(.down)
            samples[index] += Float(1.4 * Self.bump(turn, at: 0.3, width: 0.11))
            samples[index] -= Float(0.7 * Self.bump(turn, at: 0.68, width: 0.16))
        }
        #expect(try delay(of: .ventricularTachycardia, samples, ecg) <= 6.5)
    }

    @Test(arguments: ratesHz)
    func `of ventricular fibrillation is six and a half seconds`(rateHz: Double) throws {
        let ecg = heart(rateHz, then: nil)
        var samples = ecg.samples()
        for index in samples.indices {
            let seconds = Double(index) / rateHz - Self.onsetSeconds
            guard seconds > 0 else { continue }
            let swell = 0.7 + 0.3 * Mathematics.sin(seconds * 2.1)
            let phase = seconds * 31 + 1.3 * Mathematics.sin(seconds * 3.7)
            samples[index] += Float(0.5 * swell * Mathematics.sin(phase))
        }
        #expect(try delay(of: .ventricularFibrillation, samples, ecg) <= 6.5)
    }

    private static func bump(_ turn: Double, at place: Double, width: Double) -> Double {
        let distance = (turn - place) / width
        return Mathematics.exp(-distance * distance / 2)
    }
}
