public import WFDB

/// What analyses one lead of an ECG, as the daemon uses it: piece by piece.
public protocol ECGChain {
    /// Samples in mV, not a number where nothing was measured.
    mutating func append(_ millivolts: ArraySlice<Float>, _ output: inout ECGTranscript)
    /// The recording ends.
    mutating func finish(_ output: inout ECGTranscript)
}

/// Sends one lead of a record through the analysis, in pieces as a device sends them.
public enum ECGRun {
    /// Samples in a piece, one after another: from a single one to what a notification carries.
    public static let pieces = [7, 20, 13, 1, 25, 10, 3]
    /// Frames that are decoded at a time.
    static let blockFrames = 1 << 17

    /// - Parameter clock: seconds of any steady clock; only the analysis is timed, not the decoding.
    public static func output(
        of record: Record, lead: Int, through chain: inout some ECGChain, clock: () -> Double
    ) -> ECGTranscript {
        var output = ECGTranscript()
        output.sampleRateHz = record.sampleRateHz(of: lead)
        var start = 0
        var piece = 0
        while start < record.frameCount {
            let end = min(start + blockFrames, record.frameCount)
            let samples = millivolts(record, lead, start ..< end)
            let begin = clock()
            var at = 0
            while at < samples.count {
                let next = min(at + pieces[piece % pieces.count], samples.count)
                output.sampleCount += next - at
                chain.append(samples[at ..< next], &output)
                at = next
                piece += 1
            }
            output.analysisSeconds += clock() - begin
            start = end
        }
        let begin = clock()
        chain.finish(&output)
        output.analysisSeconds += clock() - begin
        return output
    }

    private static func millivolts(_ record: Record, _ lead: Int, _ frames: Range<Int>) -> [Float] {
        let samples = record.physical(of: lead, frames: frames)
        guard record.header.signals.indices.contains(lead) else { return samples }
        switch record.header.signals[lead].unit {
        case "V": return samples.map { $0 * 1000 }
        case "uV", "µV": return samples.map { $0 / 1000 }
        default: return samples
        }
    }
}
