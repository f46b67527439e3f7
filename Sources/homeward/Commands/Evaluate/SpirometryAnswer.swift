import Delivery
import Spirometry

extension SpirometryFiles {
    /// One object: every file with its results and what it is worth, the sitting, and the best results of it.
    var json: [UInt8] {
        JSONText.object { json in
            json.member("kind", kind.rawValue)
            json.member("sampleIntervalMilliseconds", sampleIntervalMilliseconds)
            json.array("files", objects: blows.count) { index, json in
                json.member("file", blows[index].file)
                json.write(blows[index].blow.measures)
                if sitting.attempts.indices.contains(index) { json.write(sitting.attempts[index].judgement) }
            }
            json.object("session") { $0.write(sitting) }
            json.results(reported)
        }
    }

    /// The best FEV1, FVC and peak flow, and all else of the best blow: ATS/ERS 2019, on reported values. Of a
    /// single file, or when nothing is usable, that file's or the first's as they are.
    private var reported: BlowMeasures {
        let best = sitting.bestAttempt.map { sitting.attempts[$0].measures }
        guard var measures = best ?? blows.first?.blow.measures else { return BlowMeasures() }
        guard blows.count > 1, best != nil else { return blows.first?.blow.measures ?? measures }
        if !sitting.isYoungChild { measures.fev1Litres = sitting.best(.fev1) ?? measures.fev1Litres }
        measures.forcedVitalCapacityLitres = sitting.best(.fvc) ?? measures.forcedVitalCapacityLitres
        let peak = sitting.bestPeakFlowLitresPerSecond
        measures.peakFlowLitresPerSecond = peak ?? measures.peakFlowLitresPerSecond
        return measures
    }

    /// The same for people.
    var lines: [String] {
        var lines: [String] = []
        for (index, (file, blow)) in blows.enumerated() {
            let named = blow.measures.named.filter { $0.value != nil }
            let numbers = named.map { name, value, unit in
                "\(name) \(Self.text(value))\(unit == "1" ? "" : " \(unit)")"
            }
            lines.append("\(file): \(numbers.joined(separator: ", "))")
            guard sitting.attempts.indices.contains(index) else { continue }
            let judgement = sitting.attempts[index].judgement
            let faults = judgement.faults.map(\.rawValue).joined(separator: ", ")
            lines.append(
                "    FEV1 \(judgement[.fev1].rawValue), FVC \(judgement[.fvc].rawValue)"
                    + (faults.isEmpty ? "" : ": \(faults)"))
        }
        lines.append(
            "session: FEV1 grade \(sitting.grade(.fev1).rawValue), best \(Self.text(sitting.best(.fev1))) L; "
                + "FVC grade \(sitting.grade(.fvc).rawValue), best \(Self.text(sitting.best(.fvc))) L")
        lines.append("    \(sitting.hint.sentence)")
        return lines
    }

    static func text(_ value: Double?) -> String {
        value.map { "\(($0 * 1000).rounded() / 1000)" } ?? "-"
    }
}

extension BlowMeasures {
    /// By their usual short names, in L, L/s, s, and the ratio as a ratio.
    var named: [(name: String, value: Double?, unit: String)] {
        [
            ("PEF", peakFlowLitresPerSecond, "L/s"), ("FEV1", fev1Litres, "L"),
            ("FVC", forcedVitalCapacityLitres, "L"), ("FEV1FVC", fev1OverFVC, "1"),
            ("BEV", extrapolatedVolumeLitres, "L"), ("FEV05", fev05Litres, "L"), ("FEV075", fev075Litres, "L"),
            ("FEV3", fev3Litres, "L"), ("FEV6", fev6Litres, "L"), ("FET", forcedExpiratoryTimeSeconds, "s"),
            ("FEF2575", fef2575LitresPerSecond, "L/s"), ("FEF25", fef25LitresPerSecond, "L/s"),
            ("FEF50", fef50LitresPerSecond, "L/s"), ("FEF75", fef75LitresPerSecond, "L/s"),
            ("PEFT", peakTimeSeconds, "s"), ("RISETIME", riseTimeSeconds, "s"), ("FIVC", fivcLitres, "L"),
            ("PIF", peakInspiratoryFlowLitresPerSecond, "L/s"),
        ]
    }
}

extension JSONText {
    /// Each measure with its unit in its name, then `results` by the short names.
    mutating func write(_ measures: BlowMeasures) {
        number("pefLitresPerSecond", measures.peakFlowLitresPerSecond)
        number("fev1Litres", measures.fev1Litres)
        number("fvcLitres", measures.forcedVitalCapacityLitres)
        number("fev1OverFVC", measures.fev1OverFVC)
        number("bevLitres", measures.extrapolatedVolumeLitres)
        number("fev05Litres", measures.fev05Litres)
        number("fev075Litres", measures.fev075Litres)
        number("fev3Litres", measures.fev3Litres)
        number("fev6Litres", measures.fev6Litres)
        number("fetSeconds", measures.forcedExpiratoryTimeSeconds)
        number("expirationSeconds", measures.expirationSeconds)
        number("timeZeroSeconds", measures.timeZeroSeconds)
        number("peakTimeSeconds", measures.peakTimeSeconds)
        number("riseTimeSeconds", measures.riseTimeSeconds)
        number("hesitationSeconds", measures.hesitationSeconds)
        number("fef2575LitresPerSecond", measures.fef2575LitresPerSecond)
        number("fef25LitresPerSecond", measures.fef25LitresPerSecond)
        number("fef50LitresPerSecond", measures.fef50LitresPerSecond)
        number("fef75LitresPerSecond", measures.fef75LitresPerSecond)
        number("lastSecondLitres", measures.lastSecondLitres)
        number("fivcLitres", measures.fivcLitres)
        number("pifLitresPerSecond", measures.peakInspiratoryFlowLitresPerSecond)
        results(measures)
    }

    /// What a blow is worth, for FEV1 and for FVC, and why.
    mutating func write(_ judgement: BlowJudgement) {
        object("acceptability") { json in
            for measure in GradedMeasure.allCases {
                json.object(measure.rawValue) { json in
                    json.member("worth", judgement[measure].rawValue)
                    json.array("reasons", judgement.reasons(against: measure).map(\.rawValue))
                }
            }
            json.array("faults", judgement.faults.map(\.rawValue))
        }
    }

    mutating func write(_ sitting: Sitting) {
        member("blows", sitting.attempts.count)
        for measure in GradedMeasure.allCases {
            object(measure.rawValue) { json in
                json.member("grade", sitting.grade(measure).rawValue)
                json.number("bestLitres", sitting.best(measure))
                json.number("repeatabilityLitres", sitting.repeatability(measure))
            }
        }
        member("gradeFEV1", sitting.grade(.fev1).rawValue)
        member("gradeFVC", sitting.grade(.fvc).rawValue)
        number("bestPEFLitresPerSecond", sitting.bestPeakFlowLitresPerSecond)
        if let best = sitting.bestAttempt { member("bestBlow", best + 1) } else { null("bestBlow") }
        member("rules", sitting.isYoungChild ? "young-child" : "adult")
        member("hint", sitting.hint.rawValue)
        member("hintText", sitting.hint.sentence)
    }

    mutating func results(_ measures: BlowMeasures) {
        object("results") { json in
            for measure in measures.named { json.number(measure.name, measure.value) }
        }
    }

    /// `null` for what the record does not reach.
    mutating func number(_ name: String, _ value: Double?) {
        if let value { member(name, value) } else { null(name) }
    }
}
