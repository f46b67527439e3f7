import ECG

/// One recording through detector and classifier: `RATE SIGNAL OUTPUT [POSITIONS]`.
///
/// POSITIONS, in working samples, stand for the detector's beats where they are given. Writes for each beat: its
/// position (working samples), the inputs of the provisional model behind the number of the shape that the beat was
/// learnt by, and those of the settled models behind the number of the shape that it fits.
struct BeatJob {
    private let sampleRateHz: Double
    private let samples: [Float]
    private let output: String
    private let positions: [Float]?
    /// Pieces of so many samples.
    private static let pieceSamples = 64
    /// A given beat is announced as late as a detected one, in working samples.
    private static let announceSamples = 110

    init(_ words: [String]) throws {
        guard words.count == 3 || words.count == 4, let rate = Double(words[0]) else {
            throw Complaint("RATE SIGNAL OUTPUT [POSITIONS]")
        }
        sampleRateHz = rate
        samples = try NumberFile.floats(words[1])
        output = words[2]
        positions = words.count == 4 ? try NumberFile.floats(words[3]) : nil
    }

    func run() throws {
        guard var lead = LeadDetector(sampleRateHz: sampleRateHz) else {
            throw Complaint("the rate \(sampleRateHz) Hz is none that a QRS can be found at")
        }
        var found = LeadOutput()
        var classifier = BeatClassifier()
        var classified = ClassifiedBeats(collectsFeatures: true)
        var given = 0
        for start in stride(from: 0, to: samples.count, by: Self.pieceSamples) {
            lead.append(samples[start ..< min(samples.count, start + Self.pieceSamples)], &found)
            if let positions {
                found.removeAll(keepingCapacity: true)
                while given < positions.count, Int(positions[given]) + Self.announceSamples <= lead.workingIndex {
                    found.beats.append(Beat(index: Int(positions[given]), score: 1))
                    given += 1
                }
            }
            Self.hand(&found, to: &classifier, lead, &classified)
        }
        lead.finish(&found)
        if positions == nil { Self.hand(&found, to: &classifier, lead, &classified) }
        classifier.finish(&classified)
        var values: [Float] = []
        for (number, beat) in classified.final.enumerated() {
            values.append(Float(beat.index))
            values.append(Float(classified.provisionalClusters[number]))
            values += classified.provisionalFeatures[number]
            values.append(Float(classified.finalClusters[number]))
            values += classified.finalFeatures[number]
        }
        try NumberFile.write(values, output)
    }

    private static func hand(
        _ found: inout LeadOutput, to classifier: inout BeatClassifier, _ lead: borrowing LeadDetector,
        _ classified: inout ClassifiedBeats
    ) {
        let clean = lead.clean
        for beat in found.beats {
            classifier.add(beat, clean: clean, quality: .good, isAtrialFibrillation: false, &classified)
        }
        classifier.advance(to: lead.workingIndex, clean: clean, &classified)
        found.removeAll(keepingCapacity: true)
    }
}
