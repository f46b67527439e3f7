import Alarms
import Vitals

/// Alarms in plain words.
enum AlertText {
    /// `Oxygen saturation below 85 % for 10 s: now 79 %, lowest 78 %.`
    static func sentence(for event: AlarmEvent, limit: LimitAlarm?) -> String {
        guard let limit else { return technical(event) }
        let rule = limit.rule
        let index = min(max(event.level, 1), rule.limits.count) - 1
        let subject = words(rule.metric)
        let bound = "\(rule.side.rawValue) \(text(rule.limits[index], rule.metric))"
        let now = limit.evidence.last.map { "now \(text($0.value, rule.metric))" } ?? "no value yet"
        let extreme = rule.side == .below ? "lowest" : "highest"
        let worst = limit.worst.map { ", \(extreme) \(text($0, rule.metric))" } ?? ""
        switch (event.phase, event.isObserved) {
        case (.end, _): return "\(subject) is back within its limits: \(now)\(worst)."
        case (_, false):
            return "\(subject) was \(bound) when it was last seen; no valid value since: last \(now.dropFirst(4))."
        case (.update, true) where event.state == .latched:
            return "\(subject) is back within its limits, and waits to be acknowledged: \(now)\(worst)."
        default:
            let seconds = rule.condition.levels[index].onset.wholeMilliseconds / 1000
            return "\(subject) \(bound) for \(seconds) s: \(now)\(worst)."
        }
    }

    private static func technical(_ event: AlarmEvent) -> String {
        let seconds = event.condition.levels[0].onset.wholeMilliseconds / 1000
        return event.phase == .end
            ? "The device measures again."
            : "No value for \(seconds) s from a device that is meant to measure all the time: check that it is worn, switched on and connected."
    }

    private static func words(_ metric: Metric) -> String {
        let words = metric.rawValue.split(separator: "-").joined(separator: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }

    private static func text(_ value: Double, _ metric: Metric) -> String {
        "\(decimal(value, fractionDigits: metric.definition.fractionDigits)) \(metric.unit)"
    }
}
