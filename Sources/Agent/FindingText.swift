import Alarms
import Vitals

extension AlertText {
    /// `Ventricular tachycardia, rate 168 /min. Look after the patient at once.`
    static func sentence(for event: AlarmEvent, finding: FindingAlarm) -> String {
        let rule = finding.rule
        let found = rule.words + seen(finding)
        let lower = rule.words.prefix(1).lowercased() + rule.words.dropFirst()
        let advice = rule.advice.map { " \($0)" } ?? ""
        return switch (event.phase, event.isObserved) {
        case (.start, _), (.escalate, _): "\(found).\(advice)"
        case (.deescalate, _): "\(found): less grave than before.\(advice)"
        case (.end, _): "\(rule.words): over."
        case (.acknowledge, _): "Somebody has taken charge: \(lower)\(seen(finding))."
        case (.update, _) where event.state == .latched: "\(rule.words): over, and waits to be acknowledged."
        case (.update, false): "\(found), when it was last seen; now nothing can be seen.\(advice)"
        case (.update, true): "\(rule.words): looked at again."
        }
    }

    /// `, rate 168 /min (noise)`
    private static func seen(_ finding: FindingAlarm) -> String {
        guard let look = finding.last else { return "" }
        var text = ""
        if let words = finding.rule.valueWords, let value = look.value, value.isFinite {
            let unit = finding.rule.valueUnit
            let digits = unit == "s" ? 1 : 0
            text = ", \(words) \(decimal(value, fractionDigits: digits))\(unit.isEmpty ? "" : " \(unit)")"
        }
        let doubts = look.doubts.names.map { $0.split(separator: "-").joined(separator: " ") }
        return doubts.isEmpty ? text : "\(text) (\(doubts.joined(separator: ", ")))"
    }
}
