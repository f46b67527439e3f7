import Delivery
import ECG
import Evaluation

/// A score as members of a JSON object. Shares are in percent, 0 to 100; `null` is a share of nothing.
enum ECGScoreJSON {
    /// What the members are in, for who reads only this.
    static let units =
        "sensitivity, specificity, positivePredictivity, detectionErrorRate: percent, 0...100; "
        + "null: nothing to find, or nothing found"

    static func write(_ score: ECGScore, _ json: inout JSONText) {
        let beats = score.beats
        json.member("hasReference", score.hasReference)
        json.member("seconds", score.seconds)
        json.member("beats", beats.truePositives + beats.falseNegatives)
        json.member("tp", beats.truePositives)
        json.member("fp", beats.falsePositives)
        json.member("fn", beats.falseNegatives)
        json.share("sensitivity", beats.sensitivity)
        json.share("positivePredictivity", beats.positivePredictivity)
        json.share("detectionErrorRate", beats.detectionErrorRate)
        json.share("offsetMeanMilliseconds", beats.offsetMilliseconds?.mean)
        json.share("offsetDeviationMilliseconds", beats.offsetMilliseconds?.deviation)
        json.share("delaySecondsMean", score.beatDelay.secondsMean)
        json.member("delaySecondsMax", score.beatDelay.secondsMax)
        json.object("classes") { classes(beats, &$0) }
        json.object("rhythms") { json in
            for (name, tally) in score.rhythms { json.object(name) { rhythm(tally, &$0) } }
        }
        json.object("alarms") { alarms(score, &$0) }
        json.object("findings") { json in
            for kind in ECG.Finding.Kind.allCases { json.member(kind.rawValue, score.findings[kind] ?? 0) }
        }
        json.object("qualitySeconds") { json in
            for (name, seconds) in zip(["bad", "poor", "good"], score.qualitySeconds) { json.member(name, seconds) }
        }
        json.share("throughputSamplesPerSecond", score.samplesPerSecond)
        json.share("timesRealTime", score.timesRealTime)
    }

    private static func classes(_ beats: BeatTally, _ json: inout JSONText) {
        for beatClass in [BeatClass.ventricular, .supraventricular] {
            let ectopic = beats.ectopic(beatClass)
            json.object(String(beatClass.letter)) { json in
                json.member("tp", ectopic.truePositives)
                json.member("fp", ectopic.falsePositives)
                json.member("fn", ectopic.falseNegatives)
                json.share(
                    "sensitivity",
                    Percent.of(ectopic.truePositives, in: ectopic.truePositives + ectopic.falseNegatives))
                json.share(
                    "positivePredictivity",
                    Percent.of(ectopic.truePositives, in: ectopic.truePositives + ectopic.falsePositives))
            }
        }
        let letters = BeatClass.allCases.map { String($0.letter) }
        json.object("matrix") { json in
            for (row, name) in (letters + ["extra"]).enumerated() {
                json.object(name) { json in
                    for (column, name) in (letters + ["missed"]).enumerated() where row < 5 || column < 5 {
                        json.member(name, beats.matrix[row][column])
                    }
                }
            }
        }
    }

    private static func rhythm(_ tally: DurationTally, _ json: inout JSONText) {
        json.member("tpSeconds", tally.truePositiveSeconds)
        json.member("fpSeconds", tally.falsePositiveSeconds)
        json.member("fnSeconds", tally.falseNegativeSeconds)
        json.member("tnSeconds", tally.trueNegativeSeconds)
        json.share("sensitivity", tally.sensitivity)
        json.share("specificity", tally.specificity)
        json.share("positivePredictivity", tally.positivePredictivity)
        json.object("episodes") { json in
            json.member("reference", tally.referenceEpisodes)
            json.member("referenceFound", tally.referenceEpisodesFound)
            json.member("found", tally.foundEpisodes)
            json.member("foundTrue", tally.foundEpisodesTrue)
            json.share("sensitivity", tally.episodeSensitivity)
            json.share("positivePredictivity", tally.episodePositivePredictivity)
        }
        json.object("windows") { json in
            json.member("tp", tally.windows.truePositives)
            json.member("fp", tally.windows.falsePositives)
            json.member("fn", tally.windows.falseNegatives)
            json.member("tn", tally.windows.trueNegatives)
            json.share("sensitivity", tally.windows.sensitivity)
            json.share("specificity", tally.windows.specificity)
        }
    }

    private static func alarms(_ score: ECGScore, _ json: inout JSONText) {
        json.member("false", score.falseAlarms)
        json.share("falsePerHour", score.falseAlarmsPerHour)
        json.member("true", score.alarms.values.reduce(0) { $0 + $1.trueAlarms })
        json.member("unjudged", score.alarms.values.reduce(0) { $0 + $1.unjudgedAlarms })
        for kind in ECG.Finding.Kind.allCases where kind.isLifeThreatening {
            let tally = score.alarms[kind] ?? AlarmTally()
            json.object(kind.rawValue) { json in
                json.member("true", tally.trueAlarms)
                json.member("false", tally.falseAlarms)
                json.member("unjudged", tally.unjudgedAlarms)
                json.member("referenceEvents", tally.referenceEvents)
                json.member("referenceEventsFound", tally.referenceEventsFound)
                json.share("delaySecondsMedian", tally.delaySecondsMedian)
                json.share("delaySecondsMax", tally.delaySecondsMax)
            }
        }
    }
}

extension ECGScore {
    /// By the names of the findings.
    var rhythms: [(name: String, tally: DurationTally)] {
        [
            (ECG.Finding.Kind.atrialFibrillation.rawValue, atrialFibrillation),
            (ECG.Finding.Kind.ventricularFibrillation.rawValue, ventricularFibrillation),
            ("ventricular-tachyarrhythmia", ventricularTachyarrhythmia),
        ]
    }
}

extension JSONText {
    /// A number, or `null`.
    mutating func share(_ name: String, _ value: Double?) {
        if let value { member(name, value) } else { null(name) }
    }
}
