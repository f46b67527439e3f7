import Delivery
import Spirometry

extension SpirometryFiles {
    /// One object: every file with its results, and the best of all.
    var json: [UInt8] {
        JSONText.object { json in
            json.member("kind", kind.rawValue)
            json.member("sampleIntervalMilliseconds", sampleIntervalMilliseconds)
            json.array("files", objects: blows.count) { index, json in
                json.member("file", blows[index].file)
                json.write(blows[index].blow.measures)
            }
        }
    }

    /// The same for people.
    var lines: [String] {
        blows.map { file, blow in
            let measures = blow.measures
            let named = measures.named.map { "\($0.name) \(Self.text($0.value)) \($0.unit)" }
            return "\(file): \(named.joined(separator: ", "))"
        }
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
