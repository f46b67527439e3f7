import Vitals

/// The whole analysis of an ECG: one or more leads in, beats, intervals, rhythm and quality out.
///
/// Each lead's time is its own count of samples. All leads are looked at in steps of an eighth of a second, and a
/// step is made when every lead has come so far: so what comes out depends on the samples alone and not on how they
/// were cut, as long as no lead is more than ``stallSecondsMax`` behind another. One that is further behind is
/// not waited for.
public struct ECGAnalyzer: Sendable {
    /// Of working samples in a step: 125 ms.
    public static let stepSamples = 25
    /// How far a lead may be behind before the others go on without it.
    public static let stallSecondsMax = 2.5
    /// No beat is to come before the newest sample less this: how long a lead thinks about one.
    static let settledDelaySamples = Candidate.lookahead + 35
    /// A lead that has been good for so long takes over from one that is not.
    static let goodSecondsToLead = 5
    /// Without samples in any lead for so long, nothing is said across the gap: 2 s.
    static let interruptSteps = 16
    /// Samples that are received before the next step is tried.
    static let pieceMax = 256
    /// Beats that wait for their class: a power of two.
    private static let pendingMax = 64

    public let leads: [LeadDescription]
    private var channels: [LeadChannel] = []
    private var fusion = LeadFusion()
    private var rhythm: RhythmAnalyzer
    private var slow = SlowMeasures()
    private var strips: StripRecorder?
    /// Steps made.
    private var step = 0
    private var emptySteps = 0
    private var leader = 0
    private var toldSecond = -1
    /// Beats found so far, by their number modulo ``pendingMax``, and how many of them were told.
    private var pending = [Beat](repeating: Beat(index: 0, score: 0), count: pendingMax)
    private var foundCount = 0
    private var provisionalCount = 0
    private var finalCount = 0
    private var isFinished = false

    /// `nil` without leads, with too many, or with a rate outside ``LeadDetector/sampleRateHzRange``.
    ///
    /// - Parameter strips: `nil`: none are made.
    public init?(leads: [LeadDescription], rhythm settings: RhythmSettings = .init(), strips: StripSettings? = nil)
    {
        guard !leads.isEmpty, leads.count <= LeadDescription.leadsMax else { return nil }
        self.leads = leads
        rhythm = RhythmAnalyzer(settings: settings)
        for lead in leads {
            guard let channel = LeadChannel(lead) else { return nil }
            channels.append(channel)
        }
        self.strips = strips.map { StripRecorder($0, leads: leads) }
    }

    /// The newest moment that was looked at, in working samples.
    public var workingIndex: Int { step * Self.stepSamples }

    /// Samples of one lead, in mV. What is not a number counts as missing.
    public mutating func append(lead: Int, _ millivolts: borrowing Span<Float>, _ output: inout ECGOutput) {
        guard !isFinished, channels.indices.contains(lead) else { return }
        var start = 0
        while start < millivolts.count {
            let end = min(millivolts.count, start + Self.pieceMax)
            let piece = millivolts.extracting(start ..< end)
            channels[lead].receive(piece)
            strips?.append(lead: lead, piece)
            pump(&output)
            start = end
        }
    }

    public mutating func append(lead: Int, _ millivolts: [Float], _ output: inout ECGOutput) {
        append(lead: lead, millivolts.span, &output)
    }

    public mutating func append(lead: Int, _ millivolts: ArraySlice<Float>, _ output: inout ECGOutput) {
        append(lead: lead, millivolts.span, &output)
    }

    /// So many samples of a lead were lost, or its electrode had no contact. Their time passes.
    public mutating func interrupt(lead: Int, lostSamples: Int, _ output: inout ECGOutput) {
        guard !isFinished, channels.indices.contains(lead), lostSamples > 0 else { return }
        channels[lead].receive(lost: lostSamples)
        strips?.appendLost(lead: lead, lostSamples)
        pump(&output)
    }

    /// The electrodes of a lead have no contact from its next sample on, or have it again: what comes in between is
    /// not believed.
    public mutating func markLeadOff(lead: Int, _ isOff: Bool) {
        guard !isFinished, channels.indices.contains(lead) else { return }
        channels[lead].receive(isLeadOff: isOff)
    }

    /// The recording ends here: what is still open is told. Nothing more is taken.
    public mutating func finish(_ output: inout ECGOutput) {
        guard !isFinished else { return }
        isFinished = true
        let findings = output.findings.count
        var end = workingIndex
        for index in channels.indices {
            channels[index].finish()
            end = max(end, channels[index].detector.workingIndex)
        }
        fuse(settled: .max, &output)
        for index in channels.indices { channels[index].finishClasses() }
        tellBeats(&output)
        tellSeconds(before: end / WorkingSignal.sampleRateHz, &output)
        let endSeconds = Double(end) / Double(WorkingSignal.sampleRateHz)
        rhythm.finish(atSeconds: endSeconds, &output.findings)
        askForStrips(from: findings, &output)
        strips?.finish(atSeconds: endSeconds, &output.strips)
    }
}

extension ECGAnalyzer {
    // MARK: Time

    private mutating func pump(_ output: inout ECGOutput) {
        while Self.isComplete(step + 1, channels, leads) {
            jumpGap(&output)
            makeStep(&output)
        }
    }

    /// Every lead has the samples of a step, or is not waited for.
    private static func isComplete(_ step: Int, _ channels: [LeadChannel], _ leads: [LeadDescription]) -> Bool {
        func isThere(_ index: Int) -> Bool {
            channels[index].received >= LeadChannel.boundary(step, sampleRateHz: leads[index].sampleRateHz)
        }
        func receivedSeconds(_ index: Int) -> Double {
            Double(channels[index].received) / leads[index].sampleRateHz
        }
        var isAnyThere = false
        var isAnyMissing = false
        for index in channels.indices {
            if isThere(index) { isAnyThere = true } else { isAnyMissing = true }
        }
        guard isAnyThere, isAnyMissing else { return isAnyThere }
        var furthest = 0.0
        for index in channels.indices { furthest = max(furthest, receivedSeconds(index)) }
        return channels.indices.allSatisfy { index in
            isThere(index) || furthest - receivedSeconds(index) > stallSecondsMax
        }
    }

    /// In samples of a lead.
    private static func boundary(_ step: Int, _ lead: LeadDescription) -> Int {
        LeadChannel.boundary(step, sampleRateHz: lead.sampleRateHz)
    }

    /// Steps in which no lead has anything are passed at once.
    private mutating func jumpGap(_ output: inout ECGOutput) {
        var fewest: Int?
        for index in channels.indices where channels[index].received > channels[index].position {
            // Nothing is missing there, as nearly always.
            if channels[index].gaps.isEmpty { return }
            guard let empty = channels[index].emptySteps(after: step) else { continue }
            fewest = min(fewest ?? empty, empty)
        }
        guard let empty = fewest, empty > Self.interruptSteps else { return }
        step += empty
        for index in channels.indices { channels[index].run(to: Self.boundary(step, leads[index])) }
        if emptySteps < Self.interruptSteps { interrupt(&output) }
        emptySteps = Self.interruptSteps
    }

    private mutating func makeStep(_ output: inout ECGOutput) {
        step += 1
        let findings = output.findings.count
        var isEmpty = true
        for index in channels.indices {
            channels[index].run(to: Self.boundary(step, leads[index]))
            if channels[index].hasSamples { isEmpty = false }
        }
        emptySteps = isEmpty ? emptySteps + 1 : 0
        fuse(settled: workingIndex - Self.settledDelaySamples, &output)
        if emptySteps == Self.interruptSteps { interrupt(&output) }
        for index in channels.indices { channels[index].advanceClasses(to: workingIndex) }
        tellBeats(&output)
        // A second is told a step after its end: then each lead has judged it.
        tellSeconds(before: (workingIndex - Self.stepSamples) / WorkingSignal.sampleRateHz, &output)
        rhythm.advance(
            settled: max(0, workingIndex - Self.settledDelaySamples), clean: channels[leader].detector.front.clean,
            &output.findings)
        askForStrips(from: findings, &output)
        let now = Double(workingIndex) / Double(WorkingSignal.sampleRateHz)
        strips?.advance(toSeconds: now, &output.strips)
    }

    private mutating func askForStrips(from first: Int, _ output: inout ECGOutput) {
        guard strips != nil else { return }
        for index in first ..< output.findings.count {
            guard let ticket = strips?.add(output.findings[index]) else { continue }
            output.requests.append(StripRequest(finding: output.findings[index].kind, ticket: ticket))
        }
    }

    private mutating func interrupt(_ output: inout ECGOutput) {
        rhythm.interrupt(
            atSeconds: Double(workingIndex) / Double(WorkingSignal.sampleRateHz), &output.findings)
        for index in channels.indices { channels[index].interrupt() }
        slow.interrupt()
    }

    // MARK: Beats

    private mutating func fuse(settled: Int, _ output: inout ECGOutput) {
        if channels.count == 1 {
            for place in channels[0].waiting.indices {
                classify(LeadFusion.Fused(beat: channels[0].waiting[place], witnesses: []))
            }
            if !channels[0].waiting.isEmpty { channels[0].waiting.removeAll(keepingCapacity: true) }
        } else {
            while let fused = fusion.next(&channels, leader: leader, settled: settled) { classify(fused) }
        }
    }

    private mutating func classify(_ fused: LeadFusion.Fused) {
        pending[foundCount & (Self.pendingMax - 1)] = fused.beat
        foundCount += 1
        for index in channels.indices {
            let own = fused.witnesses.first { $0.lead == index }?.beat ?? fused.beat
            channels[index].classify(own, isAtrialFibrillation: rhythm.isAtrialFibrillation)
        }
    }

    /// By the classes of the leading lead.
    private mutating func tellBeats(_ output: inout ECGOutput) {
        while let judged = channels[leader].provisional.take(provisionalCount) {
            let beat = joined(provisionalCount, judged)
            output.provisional.append(beat)
            strips?.add(beat)
            let clean = channels[leader].detector.front.clean
            rhythm.add(provisional: beat, clean: clean, &output.findings)
            slow.add(provisional: beat, clean: clean)
            provisionalCount += 1
        }
        while let judged = channels[leader].final.take(finalCount) {
            let beat = joined(finalCount, judged)
            output.beats.append(beat)
            strips?.add(beat)
            rhythm.add(final: beat, &output.findings)
            slow.add(final: beat, &output)
            finalCount += 1
        }
        for index in channels.indices where index != leader {
            _ = channels[index].provisional.take(provisionalCount)
            _ = channels[index].final.take(finalCount)
        }
    }

    private func joined(_ number: Int, _ judged: Beat) -> Beat {
        var beat = pending[number & (Self.pendingMax - 1)]
        beat.beatClass = judged.beatClass
        beat.confidence = judged.confidence
        beat.templateCorrelation = judged.templateCorrelation
        beat.widthMilliseconds = judged.widthMilliseconds
        return beat
    }

    // MARK: Seconds

    private mutating func tellSeconds(before end: Int, _ output: inout ECGOutput) {
        if end - toldSecond > 64 { toldSecond = end - 2 }
        while toldSecond + 1 < end {
            toldSecond += 1
            chooseLeader(at: toldSecond)
            let nothing = QualitySecond(second: toldSecond, grade: .bad, reasons: .noValue)
            let quality = channels[leader].quality(ofSecond: toldSecond) ?? nothing
            rhythm.add(quality, clean: channels[leader].detector.front.clean, &output.findings)
            let second = ECGSecond(
                second: toldSecond, heartRate: rhythm.heartRate, quality: quality, leader: leads[leader].metric,
                isAtrialFibrillation: rhythm.isAtrialFibrillation)
            slow.add(second, &output)
            output.seconds.append(second)
        }
    }

    /// The lead that leads stays until another is better for a while, or at once when nothing can be seen in it.
    private mutating func chooseLeader(at second: Int) {
        guard channels.count > 1 else { return }
        let grades = channels.map { $0.quality(ofSecond: second)?.grade ?? .bad }
        let best = grades.indices.max { one, other in
            (grades[one].rawValue, channels[one].goodSeconds, -one)
                < (grades[other].rawValue, channels[other].goodSeconds, -other)
        }
        guard let best, best != leader, grades[best] > grades[leader] else { return }
        guard grades[leader] == .bad || channels[best].goodSeconds >= Self.goodSecondsToLead else { return }
        leader = best
        slow.changeLeader()
    }
}
