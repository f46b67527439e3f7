public import Vitals

extension JSONText {
    /// A signal of a whole session, with every `thinning`th sample of each segment.
    public mutating func signal(_ signal: SessionSignal, keepingOneOf thinning: Int = 1) {
        metric(signal.metric)
        member("sampleRateHz", signal.sampleRateHz)
        member("scale", signal.scale)
        member("offset", signal.offset)
        if thinning > 1 { member("keptOneOf", thinning) }
        array("segments", objects: signal.segments.count) { index, json in
            json.segment(signal.segments[index], keepingOneOf: max(1, thinning))
        }
    }

    private mutating func segment(_ segment: SessionSignal.Segment, keepingOneOf thinning: Int) {
        member("firstSample", segment.firstSample)
        let samples = stride(from: 0, to: segment.samples.count, by: thinning).map { segment.samples[$0] }
        let runs = Self.runs(samples)
        // Whichever says it in fewer numbers: a saturation stays as it is for a while, an ECG does not.
        if runs.count < samples.count {
            array("runs", integers: runs)
        } else {
            array("samples", integers: samples)
        }
    }

    /// Each value, and how many of it follow each other: `97, 97, 97, 96` is `97, 3, 96, 1`.
    private static func runs(_ samples: [Int32]) -> [Int32] {
        var runs: [Int32] = []
        var index = 0
        while index < samples.count, runs.count < samples.count {
            let end = samples[index...].firstIndex { $0 != samples[index] } ?? samples.count
            runs += [samples[index], Int32(clamping: end - index)]
            index = end
        }
        return runs
    }

    /// `analysis`, when there is something in it.
    public mutating func analysis(_ analysis: SessionAnalysis) {
        guard !analysis.isEmpty else { return }
        object("analysis") { json in
            json.array("results", objects: analysis.results.count) { $1.result(analysis.results[$0]) }
            json.array("gradings", objects: analysis.gradings.count) { $1.grading(analysis.gradings[$0]) }
            let marks = analysis.annotations.prefix(SessionAnalysis.annotationsMax)
            json.array("annotations", objects: marks.count) { $1.annotation(marks[$0]) }
            json.member("hint", ifPresent: analysis.hint)
        }
    }

    private mutating func result(_ result: SessionResult) {
        member("name", result.text)
        if result.value == nil { null("value") } else { value("value", result.value, result.fractionDigits) }
        member("unit", result.unit)
        quality(result.quality)
    }

    private mutating func grading(_ grading: SessionGrading) {
        member("subject", grading.subject.rawValue)
        member("grade", grading.grade)
        member("rule", grading.rule)
        if !grading.reasons.isEmpty { array("reasons", grading.reasons) }
    }

    private mutating func annotation(_ annotation: SessionAnnotation) {
        member("kind", annotation.kind.rawValue)
        value("seconds", annotation.seconds, 3)
        value("durationSeconds", annotation.durationSeconds, 3)
        value("value", annotation.value, 2)
        value("confidence", annotation.confidence, 2)
    }

    /// Nothing where there is no value; `null` for one that no decimal can tell.
    private mutating func value(_ name: String, _ value: Double?, _ fractionDigits: Int) {
        guard let value else { return }
        let text = decimal(value, fractionDigits: fractionDigits)
        if text == "-" { null(name) } else { member(name, decimal: text) }
    }
}
