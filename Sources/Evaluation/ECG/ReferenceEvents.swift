import ECG

/// When a life-threatening alarm would have been right, as the reference's beats and rhythms say.
struct ReferenceEvents {
    /// What must be told: by the definitions of the Computing in Cardiology Challenge 2015.
    private(set) var certain: [Finding.Kind: Spans] = [:]
    /// What may be told: the same with a margin, and any fatal rhythm in place of another.
    private(set) var excused: [Finding.Kind: Spans] = [:]

    /// No beat for so long; and the margin.
    static let asystoleSeconds = (certain: 4.0, excused: 3.0)
    /// So many beats below a rate (/min).
    static let bradycardiaBeats = 5
    static let bradycardiaPerMinute = (certain: 40.0, excused: 45.0)
    /// So many beats above a rate (/min).
    static let tachycardiaBeats = 17
    static let tachycardiaPerMinute = (certain: 140.0, excused: 130.0)
    /// So many ventricular beats in a row above a rate (/min).
    static let ventricularBeats = (certain: 5, excused: 3)
    static let ventricularPerMinute = (certain: 100.0, excused: 90.0)
    /// Flutter and fibrillation last at least so long to be told.
    static let fibrillationSeconds = 4.0
    /// An alarm so long before or behind what it means is still right.
    static let marginSeconds = 10.0

    /// Beats up to the next fatal rhythm, and behind it.
    private var stretches: [[ReferenceECG.ReferenceBeat]] = []
    private let sampleRateHz: Double

    init(_ reference: ReferenceECG, sampleRateHz: Double) {
        self.sampleRateHz = sampleRateHz
        let fatal = reference.ventricularFibrillation
        stretches = reference.beats.split(between: fatal, sampleRateHz: sampleRateHz)
        let ventricularRuns = { (events: ReferenceEvents, count: Int, rate: Double) in
            events.runs(of: count, where: { $0 == .ventricular || $0 == .fusion }, rate: { $0 > rate })
        }
        certain[.asystole] = gaps(Self.asystoleSeconds.certain)
        certain[.extremeBradycardia] = runs(of: Self.bradycardiaBeats) { $0 < Self.bradycardiaPerMinute.certain }
        certain[.extremeTachycardia] = runs(of: Self.tachycardiaBeats) { $0 > Self.tachycardiaPerMinute.certain }
        certain[.ventricularTachycardia] = ventricularRuns(
            self, Self.ventricularBeats.certain, Self.ventricularPerMinute.certain)
        certain[.ventricularFibrillation] = fatal.lasting(atLeast: Self.fibrillationSeconds)

        let ventricular = fatal.union(reference.ventricularTachycardia).union(reference.idioventricularRhythm)
            .union(ventricularRuns(self, Self.ventricularBeats.excused, Self.ventricularPerMinute.excused))
        excused[.asystole] = gaps(Self.asystoleSeconds.excused).union(fatal)
        excused[.extremeBradycardia] = runs(of: Self.bradycardiaBeats) { $0 < Self.bradycardiaPerMinute.excused }
            .union(fatal)
        excused[.extremeTachycardia] = runs(of: Self.tachycardiaBeats) { $0 > Self.tachycardiaPerMinute.excused }
            .union(ventricular)
        excused[.ventricularTachycardia] = ventricular
        excused[.ventricularFibrillation] = ventricular
        excused = excused.mapValues { $0.widened(by: Self.marginSeconds) }
    }

    /// Pauses between beats. Before the first and behind the last mark nobody has said anything.
    private func gaps(_ least: Double) -> Spans {
        Spans(
            stretches.flatMap { beats in
                zip(beats, beats.dropFirst()).map { seconds($0) ..< max(seconds($0), seconds($1)) }
                    .filter { $0.upperBound - $0.lowerBound >= least }
            })
    }

    /// Stretches of `count` beats, all of a kind, whose mean rate is asked for.
    private func runs(
        of count: Int, where isMeant: (BeatClass) -> Bool = { _ in true }, rate isRate: (Double) -> Bool
    ) -> Spans {
        var spans: [Range<Double>] = []
        for beats in stretches {
            var length = 0
            for index in beats.indices {
                length = isMeant(beats[index].beatClass) ? length + 1 : 0
                guard length >= count else { continue }
                let (start, end) = (seconds(beats[index - count + 1]), seconds(beats[index]))
                if start < end, isRate(60 * Double(count - 1) / (end - start)) { spans.append(start ..< end) }
            }
        }
        return Spans(spans)
    }

    private func seconds(_ beat: ReferenceECG.ReferenceBeat) -> Double { Double(beat.sample) / sampleRateHz }
}

extension [ReferenceECG.ReferenceBeat] {
    /// Cut wherever one of the spans lies between two beats.
    fileprivate func split(between spans: Spans, sampleRateHz: Double) -> [[ReferenceECG.ReferenceBeat]] {
        var parts: [[ReferenceECG.ReferenceBeat]] = []
        var last: Double?
        for beat in self {
            let second = Double(beat.sample) / sampleRateHz
            if let last, last < second, !spans.overlaps(last ..< second) {
                parts[parts.count - 1].append(beat)
            } else {
                parts.append([beat])
            }
            last = second
        }
        return parts
    }
}
