import ECG
import Vitals

/// One lead through the analysis that the daemon runs.
public struct OneLead: ECGChain {
    private var analyzer: ECGAnalyzer
    private var output = ECGOutput()
    /// When each beat was told first, and how many of them have their class for good.
    private var announcedSeconds: [Double] = []
    private var finalCount = 0

    /// Samples a second that can be analysed.
    public static var sampleRateHzRange: ClosedRange<Double> { LeadDetector.sampleRateHzRange }

    /// `nil` for a rate outside ``sampleRateHzRange``.
    public init?(sampleRateHz: Double) {
        guard
            let analyzer = ECGAnalyzer(leads: [LeadDescription(.ecgLeadII, sampleRateHz: sampleRateHz)])
        else { return nil }
        self.analyzer = analyzer
    }

    public mutating func append(_ millivolts: ArraySlice<Float>, _ transcript: inout ECGTranscript) {
        analyzer.append(lead: 0, millivolts, &output)
        take(&transcript)
    }

    public mutating func finish(_ transcript: inout ECGTranscript) {
        analyzer.finish(&output)
        take(&transcript)
    }

    private mutating func take(_ transcript: inout ECGTranscript) {
        for _ in output.provisional { announcedSeconds.append(transcript.seconds) }
        for beat in output.beats {
            let isKnown = finalCount < announcedSeconds.count
            transcript.beats.append(
                .init(beat, announcedSeconds: isKnown ? announcedSeconds[finalCount] : transcript.seconds))
            finalCount += 1
        }
        transcript.take(output.findings)
        for second in output.seconds { transcript.quality.append(second.quality) }
        output.removeAll()
    }
}
