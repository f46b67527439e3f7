import Numbers
import Vitals

/// What one lead gave since the last time: beats and seconds, each in the order of time.
public struct LeadOutput: Sendable {
    public var beats: [Beat] = []
    public var seconds: [QualitySecond] = []

    public init() {}

    public mutating func removeAll(keepingCapacity: Bool = false) {
        beats.removeAll(keepingCapacity: keepingCapacity)
        seconds.removeAll(keepingCapacity: keepingCapacity)
    }
}

/// One lead of an ECG: from the device's samples to beats (their class is not known yet), the quality of each
/// second, and the clean signal.
///
/// What it says depends on the samples alone, not on how they were cut. It says a beat within a second of its R
/// peak; one that it missed at first, within two of the patient's intervals. The first three seconds are heard
/// before they are judged.
public struct LeadDetector: Sendable {
    /// Rates (Hz) that a QRS can be found at.
    public static let sampleRateHzRange = 100.0 ... 1000.0
    /// A longer gap is jumped over: nothing is told of its seconds behind the first of them.
    public static let filledGapSecondsMax = 3.0
    /// More is no gap but a mistake: ten years at the highest rate.
    static let lostSamplesMax = 315_360_000_000

    /// Nearer to the start or the end of a recording a complex is not whole, and not told: 60 ms.
    private static let wholeSamples = 12
    /// The signal must have come so far before the first seconds are decided.
    private static let learningEnd = QRSDetector.learningSamples + Candidate.lookahead

    private(set) var front: LeadFront
    private var detector: QRSDetector
    private var quality = SignalQuality()
    private var fiducial = Fiducial()
    private let sampleRateHz: Double
    private var finalIndex: Int?

    /// `nil` for a rate outside ``sampleRateHzRange``.
    public init?(sampleRateHz: Double) { self.init(sampleRateHz: sampleRateHz, judge: .trees(QRSModel.trees)) }

    package init?(sampleRateHz: Double, judge: QRSDetector.Judge) {
        guard Self.sampleRateHzRange.contains(sampleRateHz) else { return nil }
        self.sampleRateHz = sampleRateHz
        front = LeadFront(sampleRateHz: sampleRateHz)
        detector = QRSDetector(judge)
    }

    /// 0.5…40 Hz at the working rate, without the mains. `clean[beat.index]` is the R peak.
    public var clean: SignalRing { front.clean }

    /// Behind the newest working sample: the time.
    public var workingIndex: Int { finalIndex ?? front.endIndex }

    /// Samples in mV. What is not a number, or no voltage of a body, counts as missing.
    public mutating func append(_ millivolts: borrowing Span<Float>, _ output: inout LeadOutput) {
        guard finalIndex == nil else { return }
        feed(millivolts, &output)
    }

    public mutating func append(_ millivolts: [Float], _ output: inout LeadOutput) {
        append(millivolts.span, &output)
    }

    public mutating func append(_ millivolts: ArraySlice<Float>, _ output: inout LeadOutput) {
        append(millivolts.span, &output)
    }

    /// The electrodes have no contact, or have it again: what comes in between is not believed.
    public mutating func markLeadOff(_ isOff: Bool) { front.input.isLeadOff = isOff }

    /// So many samples were lost on the way. Their time passes.
    public mutating func interrupt(lostSamples: Int, _ output: inout LeadOutput) {
        guard finalIndex == nil, lostSamples > 0 else { return }
        let lost = min(lostSamples, Self.lostSamplesMax)
        let filled = min(lost, Int(Self.filledGapSecondsMax * sampleRateHz))
        feedNothing(filled, &output)
        guard lost > filled else { return }
        decide(&output)
        front.skip(lost - filled)
    }

    /// The recording ends here: says what was still being thought about. Nothing more is taken.
    public mutating func finish(_ output: inout LeadOutput) {
        guard finalIndex == nil else { return }
        let inputSeconds = Double(front.input.inputCount) / sampleRateHz
        let end = Int((inputSeconds * Double(WorkingSignal.sampleRateHz)).rounded(.up))
        finalIndex = end
        let before = output.beats.count
        let seconds = output.seconds.count
        feedNothing(Int(0.8 * sampleRateHz), &output)
        endLearning(&output)
        output.beats[before...].removeAll { $0.index >= end - Self.wholeSamples }
        output.seconds[seconds...].removeAll { ($0.second + 1) * WorkingSignal.sampleRateHz > end }
    }

    package mutating func recordDecisions() { detector.decisions = [] }
    package var decisions: [QRSDetector.Decision] { detector.decisions ?? [] }

    private mutating func feed(_ samples: borrowing Span<Float>, _ output: inout LeadOutput) {
        var start = 0
        while start < samples.count {
            let end = min(samples.count, start + front.blockSamples)
            front.append(samples.extracting(start ..< end))
            decide(&output)
            start = end
        }
    }

    private mutating func feedNothing(_ count: Int, _ output: inout LeadOutput) {
        let nothing = [Float](repeating: .nan, count: min(count, front.blockSamples))
        var left = count
        while left > 0 {
            let now = min(left, nothing.count)
            feed(nothing.span.extracting(0 ..< now), &output)
            left -= now
        }
    }

    private mutating func decide(_ output: inout LeadOutput) {
        quality.collect(&front)
        var ready = 0
        while ready < front.candidates.count, front.candidates[ready] + Candidate.lookahead < front.endIndex {
            let index = front.candidates[ready]
            ready += 1
            judgeSeconds(until: index + Candidate.lookahead, &output)
            if index >= QRSDetector.learningSamples { endLearning(&output) }
            let energy = front.frames.energy(at: index)
            if detector.passesOver(energy: energy) {
                detector.passOver(index, energy: energy)
            } else {
                detector.add(Candidate(index, front))
                tell(at: index + Candidate.lookahead, &output)
            }
        }
        if ready > 0 { front.candidates.removeFirst(ready) }
        judgeSeconds(until: front.endIndex, &output)
        if front.endIndex > Self.learningEnd { endLearning(&output) }
    }

    /// Candidates and seconds are judged in the order in which each is complete, however the samples were cut: a
    /// second's grade hangs on the beats before it.
    private mutating func judgeSeconds(until index: Int, _ output: inout LeadOutput) {
        while let complete = quality.nextComplete, complete <= index {
            if complete > Self.learningEnd { endLearning(&output) }
            quality.judgeNext(front.clean, &output.seconds)
        }
    }

    private mutating func endLearning(_ output: inout LeadOutput) {
        guard detector.isLearning else { return }
        detector.endLearning()
        tell(at: Self.learningEnd, &output)
    }

    /// `index`: up to where the signal must have come for this.
    private mutating func tell(at index: Int, _ output: inout LeadOutput) {
        guard !detector.found.isEmpty else { return }
        let doubts = quality.reasons(at: index)
        for found in detector.found {
            let place = fiducial.place(of: found.candidate, front.clean)
            guard place.index >= Self.wholeSamples else { continue }
            quality.note(level: place.level, height: found.candidate.height, at: index)
            output.beats.append(
                Beat(index: place.index, fraction: place.fraction, score: found.probability, doubts: doubts))
        }
        detector.found.removeAll(keepingCapacity: true)
    }
}
