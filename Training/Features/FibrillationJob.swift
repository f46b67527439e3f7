import ECG

/// One recording through the fibrillation features: `RATE SIGNAL OUTPUT`.
///
/// Writes for each second from the fifth on: its number, the features, and the weight of the usual complexes
/// at its end (0, 1, 2), and whether its signal is to be believed.
struct FibrillationJob {
    private let sampleRateHz: Double
    private let samples: [Float]
    private let output: String

    init(_ words: [String]) throws {
        guard words.count == 3, let rate = Double(words[0]) else { throw Complaint("RATE SIGNAL OUTPUT") }
        sampleRateHz = rate
        samples = try NumberFile.floats(words[1])
        output = words[2]
    }

    func run() throws {
        guard var lead = LeadDetector(sampleRateHz: sampleRateHz) else {
            throw Complaint("the rate \(sampleRateHz) Hz is none that a QRS can be found at")
        }
        var found = LeadOutput()
        var classifier = BeatClassifier()
        var classified = ClassifiedBeats()
        var stream = FibrillationFeatureStream()
        var values: [Float] = []
        let step = max(1, Int(sampleRateHz / 5))
        var start = 0
        while start < samples.count {
            let end = min(samples.count, start + step)
            lead.append(samples[start ..< end], &found)
            start = end
            let clean = lead.clean
            for beat in found.beats {
                classifier.add(beat, clean: clean, quality: .good, isAtrialFibrillation: false, &classified)
            }
            classifier.advance(to: lead.workingIndex, clean: clean, &classified)
            for beat in classified.provisional { stream.add(beat) }
            for second in found.seconds {
                guard let features = stream.add(second, clean: clean) else { continue }
                values.append(Float(second.second))
                values += features
                values.append(Float(stream.vetoWeight(second: second.second)))
                values.append(stream.isTrusted ? 1 : 0)
            }
            classified.removeAll()
            found.removeAll(keepingCapacity: true)
        }
        try NumberFile.write(values, output)
    }
}
