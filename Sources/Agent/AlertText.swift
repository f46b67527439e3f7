import Alarms
import Vitals

/// Alarms in plain words.
enum AlertText {
    /// `Oxygen saturation below 85 % for 10 s: now 79 %, lowest 78 %.`
    static func sentence(for event: AlarmEvent, limit: LimitAlarm?) -> String {
        let level = event.level > 0 ? event.level : event.levelReached
        guard let limit, let (value, onset) = limit.rule.bounds(ofLevel: level) else { return technical(event) }
        let rule = limit.rule
        let subject = words(rule.metric)
        let bound = "\(rule.side.rawValue) \(text(value, rule.metric))"
        let values = ": \(seen(event, limit))."
        return switch (event.phase, event.isObserved) {
        case (.start, _), (.escalate, _): "\(subject) \(bound) for \(onset.wholeMilliseconds / 1000) s\(values)"
        case (.end, _): "\(subject) is back within its limits\(values)"
        case (.acknowledge, _): "Somebody has taken charge. \(subject) was \(bound)\(values)"
        case (.deescalate, _):
            "\(subject) is better; the alarm lasts until it has stayed within its limits for "
                + "\(rule.condition.clearAfter.wholeMilliseconds / 1000) s\(values)"
        case (.update, _) where event.state == .latched:
            "\(subject) is back within its limits, and waits to be acknowledged\(values)"
        case (.update, false):
            "\(subject) was \(bound) when it was last seen; no valid value has come since\(values)"
        case (.update, true): "\(subject) is seen again, after it was \(bound)\(values)"
        }
    }

    /// `now 79 %, lowest 78 %`
    private static func seen(_ event: AlarmEvent, _ limit: LimitAlarm) -> String {
        let metric = limit.rule.metric
        let time = event.isObserved ? "now" : "last"
        let extreme = limit.rule.side == .below ? "lowest" : "highest"
        let last = limit.evidence.last.map { "\(time) \(text($0.value, metric))" } ?? "no value since the restart"
        return last + (limit.worst.map { ", \(extreme) \(text($0, metric))" } ?? "")
    }

    private static func technical(_ event: AlarmEvent) -> String {
        let seconds = (event.condition.levels.first?.onset ?? .zero).wholeMilliseconds / 1000
        return switch event.phase {
        case .end: "The device measures again."
        case .acknowledge: "Somebody has taken charge. No value has come from the device."
        case .start, .update, .escalate, .deescalate:
            "No value for \(seconds) s from a device that is meant to measure all the time: "
                + "check that it is worn, switched on and connected."
        }
    }

    private static func words(_ metric: Metric) -> String {
        let words = metric.rawValue.split(separator: "-").joined(separator: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }

    private static func text(_ value: Double, _ metric: Metric) -> String {
        "\(decimal(value, fractionDigits: metric.definition.fractionDigits)) \(metric.unit)"
    }
}
