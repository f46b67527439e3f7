import ECG
import Numbers

/// One recording through the detector: `RATE SIGNAL OUTPUT rules`, `… teacher LABELS` or `… trees MODEL`.
///
/// Writes for each candidate: about where its R peak is (working samples), the probability, whether it became a
/// beat, and its features. To `OUTPUT.beats` for each beat: its R peak, in whole working samples and the rest.
struct QRSJob {
    private let sampleRateHz: Double
    private let samples: [Float]
    private let output: String
    private let judge: QRSDetector.Judge

    init(_ words: [String]) throws {
        guard words.count >= 4, let rate = Double(words[0]) else {
            throw Complaint("RATE SIGNAL OUTPUT JUDGE [FILE]")
        }
        sampleRateHz = rate
        samples = try NumberFile.floats(words[1])
        output = words[2]
        switch (words[3], words.dropFirst(4).first) {
        case ("rules", nil): judge = .rules
        case ("teacher", .some(let path)): judge = .teacher(try NumberFile.bytes(path).map { $0 != 0 })
        case ("trees", .some(let path)):
            judge = .trees(
                BoostedTrees(encoded: try NumberFile.text(path), featureCount: QRSDetector.featureCount))
        default: throw Complaint("who judges? rules, teacher LABELS or trees MODEL")
        }
    }

    func run() throws {
        guard var lead = LeadDetector(sampleRateHz: sampleRateHz, judge: judge) else {
            throw Complaint("the rate \(sampleRateHz) Hz is none that a QRS can be found at")
        }
        lead.recordDecisions()
        var found = LeadOutput()
        lead.append(samples, &found)
        lead.finish(&found)
        var values: [Float] = []
        for decision in lead.decisions {
            values += [Float(decision.peak), decision.probability, decision.isBeat ? 1 : 0]
            values += decision.features
        }
        try NumberFile.write(values, output)
        try NumberFile.write(found.beats.flatMap { [Float($0.index), $0.fraction] }, output + ".beats")
    }
}
