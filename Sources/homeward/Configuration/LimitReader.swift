import Alarms
import Vitals

/// Reads limits, each over its default: only what differs has to be written.
enum LimitReader {
    static let levelsMax = 3

    static func limits(_ parent: inout ConfigurationSection, over defaults: [LimitRule] = LimitRule.defaults)
        -> [LimitRule]
    {
        guard var section = parent.section("limits") else { return defaults }
        let rules = LimitRule.defaults.compactMap { known -> LimitRule? in
            let rule = defaults.first { $0.condition.id == known.condition.id }
            guard var one = section.section(known.condition.id) else { return rule }
            let changed = limit(&one, over: rule ?? known)
            one.finish()
            return changed
        }
        section.finish()
        return rules
    }

    private static func limit(_ section: inout ConfigurationSection, over rule: LimitRule) -> LimitRule? {
        var rule = rule
        let isEnabled = section.boolean("enabled", or: true)
        if let values = section.list("levels") { read(values, into: &rule, section) }
        if let hysteresis = section.number("hysteresis", in: 0 ... 50, unit: rule.metric.unit) {
            rule.hysteresis = hysteresis
        }
        if let seconds = section.number("clearAfterSeconds", in: 0 ... 600, unit: "s") {
            rule.condition.clearAfter = .milliseconds(Int64(seconds * 1000))
        }
        if let seconds = section.number("freshnessSeconds", in: 2 ... 600, unit: "s") {
            rule.condition.freshness = .milliseconds(Int64(seconds * 1000))
        }
        return isEnabled ? rule : nil
    }

    private static func read(
        _ values: [ConfigurationValue], into rule: inout LimitRule, _ parent: ConfigurationSection
    ) {
        guard (1 ... levelsMax).contains(values.count) else {
            parent.problems.add(
                parent.path("levels"), found: "\(values.count) levels", allowed: "1 to \(levelsMax)")
            return
        }
        var levels: [(limit: Double, level: ConditionDefinition.Level)] = []
        for (index, value) in values.enumerated() {
            var section = ConfigurationSection(
                value, path: "\(parent.path("levels"))[\(index)]", problems: parent.problems)
            if let level = level(&section, rule.metric) { levels.append(level) }
            section.finish()
        }
        guard levels.count == values.count else { return }
        rule.limits = levels.map(\.limit)
        rule.condition.levels = levels.map(\.level)
        let priorities = zip(rule.condition.levels, rule.condition.levels.dropFirst())
        if priorities.contains(where: { $0.priority > $1.priority }) {
            parent.problems.add(
                parent.path("levels"), found: "priorities out of order", allowed: "from the mildest to the gravest")
        }
        let order = zip(rule.limits, rule.limits.dropFirst())
        if order.contains(where: { rule.side == .below ? $0 <= $1 : $0 >= $1 }) {
            parent.problems.add(
                parent.path("levels"), found: "limits out of order",
                allowed: "from the mildest to the gravest: \(rule.side == .below ? "falling" : "rising") limits")
        }
    }

    private static func level(
        _ section: inout ConfigurationSection, _ metric: Metric
    ) -> (limit: Double, level: ConditionDefinition.Level)? {
        let limit = section.number("limit", in: metric.definition.possible, unit: metric.unit)
        if section.value("limit") == nil {
            section.problems.add(section.path("limit"), found: "nothing", allowed: "a number in \(metric.unit)")
        }
        let onset = section.number("onsetSeconds", in: 0 ... 600, unit: "s") ?? 10
        let name = section.choice("priority", of: AlarmPriority.allCases.map(\.name)) ?? "medium"
        guard let limit, let priority = AlarmPriority.allCases.first(where: { $0.name == name }) else { return nil }
        return (limit, .init(priority: priority, onset: .milliseconds(Int64(onset * 1000))))
    }
}
