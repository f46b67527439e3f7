import Vitals

/// One lead inside an analyzer: its samples that wait for their turn, its detector and its classifier.
struct LeadChannel: Sendable {
    let description: LeadDescription
    var detector: LeadDetector
    private var classifier = BeatClassifier()
    private var output = LeadOutput()
    private var classified = ClassifiedBeats()
    /// Beats that are not fused yet.
    var waiting: [Beat] = []
    /// Classified beats that are not told yet, with the number of the first.
    var provisional = BeatQueue()
    var final = BeatQueue()
    /// How far its R peaks are behind those of the whole, in working samples.
    var offset = 0.0
    /// The newest seconds by their number modulo 16.
    private var recent = [QualitySecond](repeating: QualitySecond(second: -1, grade: .bad), count: 16)
    private(set) var newestSecond = -1
    /// The current run of good seconds.
    private(set) var goodSeconds = 0
    /// In its last step it had samples.
    private(set) var hasSamples = false

    /// The samples that wait are those from `head` to `tail`.
    private var samples: [Float] = []
    private var head = 0
    private var tail = 0
    /// Device samples taken by the detector, and received, both with those that were lost.
    private(set) var position = 0
    private(set) var received = 0
    /// Where the electrodes lost their contact, or had it again, in the order of the stream.
    private var contacts: [(position: Int, isOff: Bool)] = []
    /// What was lost, in the order of the stream.
    private(set) var gaps: [Gap] = []

    struct Gap {
        var start: Int
        var count: Int
    }

    /// More is no loss but a mistake: ten years at the highest rate.
    static let lostMax = 315_360_000_000

    /// `nil` for a rate that no beat can be found at.
    init?(_ description: LeadDescription) {
        guard let detector = LeadDetector(sampleRateHz: description.sampleRateHz) else { return nil }
        self.description = description
        self.detector = detector
    }

    /// Behind the samples of that many steps.
    static func boundary(_ step: Int, sampleRateHz: Double) -> Int {
        let samples = Double(step) * Double(ECGAnalyzer.stepSamples) / Double(WorkingSignal.sampleRateHz)
        let exact = samples * sampleRateHz
        let whole = Int(exact)
        return Double(whole) < exact ? whole + 1 : whole
    }

    /// Samples for later; those whose time was given up are dropped.
    mutating func receive(_ new: borrowing Span<Float>) {
        let late = min(new.count, max(0, position - received))
        received += new.count
        let count = new.count - late
        if samples.count < tail + count {
            samples.append(contentsOf: repeatElement(0, count: tail + count - samples.count))
        }
        let start = tail
        var room = samples.mutableSpan
        for index in 0 ..< count { room[start &+ index] = new[late &+ index] }
        tail += count
    }

    mutating func receive(isLeadOff isOff: Bool) { contacts.append((max(received, position), isOff)) }

    mutating func receive(lost count: Int) {
        let count = min(max(0, count), max(0, Self.lostMax - received))
        let late = min(count, max(0, position - received))
        received += count
        guard count > late else { return }
        gaps.append(Gap(start: received - count + late, count: count - late))
    }

    /// Whole steps after `step` of which it is known already that nothing was received: those of a gap, and for one
    /// that is behind all those before `end`.
    func emptySteps(after step: Int) -> Int? {
        guard received > position else { return nil }
        guard let gap = gaps.first, gap.start <= position else { return 0 }
        let samples = Double(gap.start + gap.count - position)
        let perStep =
            Double(ECGAnalyzer.stepSamples) / Double(WorkingSignal.sampleRateHz) * description.sampleRateHz
        return max(0, Int(samples / perStep) - 1)
    }

    /// Hands everything before a boundary to the detector; what has not come is lost.
    mutating func run(to boundary: Int) {
        hasSamples = false
        while position < boundary {
            while let contact = contacts.first, contact.position <= position {
                detector.markLeadOff(contact.isOff)
                contacts.removeFirst()
            }
            if let gap = gaps.first, gap.start <= position {
                lose(min(gap.count, boundary - position))
                continue
            }
            let known = min(gaps.first?.start ?? received, received)
            let next = contacts.first.map { min(known, $0.position) } ?? known
            let count = min(boundary, next) - position
            guard count > 0 else {
                detector.interrupt(lostSamples: boundary - position, &output)
                position = boundary
                break
            }
            Self.hand(samples, head ..< head + count, to: &detector, &output)
            head += count
            position += count
            hasSamples = true
        }
        if head == tail {
            head = 0
            tail = 0
        } else if head > 4096 {
            samples.removeFirst(head)
            tail -= head
            head = 0
        }
        noteSeconds()
        moveBeats()
    }

    private static func hand(
        _ samples: [Float], _ range: Range<Int>, to detector: inout LeadDetector, _ output: inout LeadOutput
    ) {
        detector.append(samples.span.extracting(range), &output)
    }

    private mutating func lose(_ count: Int) {
        detector.interrupt(lostSamples: count, &output)
        position += count
        gaps[0].start += count
        gaps[0].count -= count
        if gaps[0].count <= 0 { gaps.removeFirst() }
    }

    mutating func finish() {
        run(to: received)
        detector.finish(&output)
        noteSeconds()
        moveBeats()
    }

    mutating func interrupt() { classifier.interrupt() }

    // MARK: Classes

    mutating func classify(_ beat: Beat, isAtrialFibrillation: Bool) {
        let quality = grade(at: beat.index)
        classifier.add(
            beat, clean: detector.front.clean, quality: quality, isAtrialFibrillation: isAtrialFibrillation,
            &classified)
    }

    mutating func advanceClasses(to index: Int) {
        classifier.advance(to: index, clean: detector.front.clean, &classified)
        moveClassified()
    }

    mutating func finishClasses() {
        classifier.finish(&classified)
        moveClassified()
    }

    private mutating func moveClassified() {
        guard !classified.provisional.isEmpty || !classified.final.isEmpty else { return }
        for beat in classified.provisional { provisional.append(beat) }
        for beat in classified.final { final.append(beat) }
        classified.removeAll()
    }

    private mutating func moveBeats() {
        guard !output.beats.isEmpty else { return }
        waiting += output.beats
        output.beats.removeAll(keepingCapacity: true)
    }

    // MARK: Quality

    private mutating func noteSeconds() {
        guard !output.seconds.isEmpty else { return }
        for second in output.seconds {
            recent[second.second & 15] = second
            newestSecond = max(newestSecond, second.second)
            goodSeconds = second.grade == .good ? goodSeconds + 1 : 0
        }
        output.seconds.removeAll(keepingCapacity: true)
    }

    /// `nil` when it has not told that second.
    func quality(ofSecond second: Int) -> QualitySecond? {
        guard second >= 0 else { return nil }
        let known = recent[second & 15]
        return known.second == second ? known : nil
    }

    /// There, or of the newest second before it.
    func grade(at index: Int) -> QualitySecond.Grade {
        let second = min(index / WorkingSignal.sampleRateHz, newestSecond)
        // The first second is not told yet.
        guard second >= 0 else { return .good }
        return quality(ofSecond: second)?.grade ?? .bad
    }
}

/// Beats in the order of their numbers, from a first one on.
struct BeatQueue: Sendable {
    private var beats: [Beat] = []
    private var first = 0

    mutating func append(_ beat: Beat) { beats.append(beat) }

    /// The beat with that number, if it is there; those before it are forgotten.
    mutating func take(_ number: Int) -> Beat? {
        let passed = min(max(0, number - first), beats.count)
        if passed > 0 {
            beats.removeFirst(passed)
            first += passed
        }
        return first == number ? beats.first : nil
    }
}
