import Alarms
import ECG
import Vitals

/// The findings of an ECG that become alarms, and how urgent each is (IEC 60601-1-8).
///
/// What the rhythm analysis says is already the result of its own delays: a life-threatening rhythm is told at
/// once. Slow and fast rates, which rest and stairs bring about every day, have to last.
enum ECGRules {
    /// Seen at least once a second; a few seconds without a look are no look.
    static let freshness: Duration = .seconds(10)

    static let all: [FindingRule] = [
        grave(.asystole, "Asystole", "no beat for", "s"),
        grave(.ventricularFibrillation, "Ventricular fibrillation"),
        grave(.ventricularTachycardia, "Ventricular tachycardia", "rate", "/min"),
        grave(.extremeBradycardia, "Extreme bradycardia", "rate", "/min"),
        grave(.extremeTachycardia, "Extreme tachycardia", "rate", "/min"),
        rule(
            .atrialFibrillation, "Atrial fibrillation", [.init(priority: .medium, onset: .zero)],
            clearAfter: .seconds(60), advice: "Look at the strip; if it is new, have the patient examined."),
        rule(
            .pause, "Pause of the heart", [.init(priority: .medium, onset: .zero)], clearAfter: .seconds(30),
            "length", "s", advice: "Ask how the patient feels, and look at the strip."),
        rule(
            .ventricularRun, "Run of ventricular beats", [.init(priority: .low, onset: .zero)],
            clearAfter: .seconds(60), "beats", "", advice: "Look at the strip."),
        rule(
            .bradycardia, "Slow heart", [.init(priority: .low, onset: .seconds(300))], clearAfter: .seconds(60),
            "rate", "/min"),
        rule(
            .tachycardia, "Fast heart", [.init(priority: .low, onset: .seconds(300))], clearAfter: .seconds(60),
            "rate", "/min"),
        technical(
            .leadOff, id: "ecg-lead-off", "ECG electrode off",
            [.init(priority: .low, onset: .seconds(10)), .init(priority: .medium, onset: .seconds(120))],
            advice: "Check that the electrodes are on the skin."),
        technical(
            .signalPoor, id: "ecg-signal-poor", "ECG too poor to watch the heart",
            [.init(priority: .low, onset: .seconds(30)), .init(priority: .medium, onset: .seconds(300))],
            advice: "Check the electrodes, and ask the patient to keep still."),
    ]

    /// The condition of a kind of finding; `nil`: it raises no alarm.
    static func condition(of kind: Finding.Kind) -> String? { conditions[kind] }

    private static let conditions: [Finding.Kind: String] = [
        .asystole: "asystole", .ventricularFibrillation: "ventricular-fibrillation",
        .ventricularTachycardia: "ventricular-tachycardia", .extremeBradycardia: "extreme-bradycardia",
        .extremeTachycardia: "extreme-tachycardia", .atrialFibrillation: "atrial-fibrillation", .pause: "pause",
        .ventricularRun: "ventricular-run", .bradycardia: "bradycardia", .tachycardia: "tachycardia",
        .leadOff: "ecg-lead-off", .signalPoor: "ecg-signal-poor",
    ]

    /// The gravest level of its condition: which of them is reached is a matter of how long it lasts.
    static func gravest(of kind: Finding.Kind) -> Int { gravest[kind] ?? 1 }

    private static let gravest: [Finding.Kind: Int] = Dictionary(
        uniqueKeysWithValues: kinds.map { kind in
            (kind, all.first { $0.condition.id == conditions[kind] }?.condition.levels.count ?? 1)
        })

    /// The kinds that raise alarms, in the order of ``all``.
    static let kinds: [Finding.Kind] = all.compactMap { rule in
        conditions.first { $0.value == rule.condition.id }?.key
    }

    private static func grave(
        _ kind: Finding.Kind, _ words: String, _ valueWords: String? = nil, _ unit: String = ""
    ) -> FindingRule {
        rule(
            kind, words, [.init(priority: .high, onset: .zero)], clearAfter: .seconds(10), valueWords, unit,
            advice: "Look after the patient at once.")
    }

    private static func rule(
        _ kind: Finding.Kind, _ words: String, _ levels: [ConditionDefinition.Level], clearAfter: Duration,
        _ valueWords: String? = nil, _ unit: String = "", advice: String? = nil
    ) -> FindingRule {
        FindingRule(
            condition: ConditionDefinition(
                id: kind.rawValue, kind: .physiological, levels: levels, clearAfter: clearAfter,
                freshness: freshness),
            words: words, valueWords: valueWords, valueUnit: unit, advice: advice, metric: .heartRate)
    }

    private static func technical(
        _ kind: Finding.Kind, id: String, _ words: String, _ levels: [ConditionDefinition.Level], advice: String
    ) -> FindingRule {
        FindingRule(
            condition: ConditionDefinition(
                id: id, kind: .technical, levels: levels, clearAfter: .seconds(5), freshness: freshness),
            words: words, advice: advice, isOfDevice: true)
    }
}
