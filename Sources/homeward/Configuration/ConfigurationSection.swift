/// Everything found wrong in a file, so that one look mends it all.
final class ConfigurationProblems {
    private(set) var lines: [String] = []
    static let linesMax = 50

    func add(_ path: String, found: String, allowed: String) {
        guard lines.count < Self.linesMax else { return }
        lines.append("\(path): found \(found), allowed is \(allowed)")
    }
}

/// One `{ … }` of the file, read key by key. Keys that nobody asked for are reported by ``finish()``.
struct ConfigurationSection {
    let path: String
    let problems: ConfigurationProblems
    private let members: [String: ConfigurationValue]
    private var asked: Set<String> = []

    init(_ value: ConfigurationValue, path: String, problems: ConfigurationProblems) {
        self.path = path
        self.problems = problems
        if case .section(let members) = value {
            self.members = members
        } else {
            members = [:]
            problems.add(path.isEmpty ? "the file" : path, found: value.found, allowed: "a section: { … }")
        }
    }

    var keys: [String] { members.keys.sorted() }

    /// `devices[0].port`
    func path(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// The value, `nil` when it is absent or null.
    mutating func value(_ key: String) -> ConfigurationValue? {
        asked.insert(key)
        if case .null? = members[key] { return nil }
        return members[key]
    }

    mutating func text(_ key: String) -> String? {
        guard let value = value(key) else { return nil }
        if case .text(let text) = value, !text.isEmpty { return text }
        problems.add(path(key), found: value.found, allowed: "a text")
        return nil
    }

    mutating func requiredText(_ key: String, allowed: String) -> String? {
        if value(key) == nil { problems.add(path(key), found: "nothing", allowed: allowed) }
        return text(key)
    }

    mutating func boolean(_ key: String, or fallback: Bool) -> Bool {
        guard let value = value(key) else { return fallback }
        if case .boolean(let flag) = value { return flag }
        problems.add(path(key), found: value.found, allowed: "true or false")
        return fallback
    }

    mutating func number(_ key: String, in range: ClosedRange<Double>, unit: String) -> Double? {
        guard let value = value(key) else { return nil }
        if case .number(let number) = value, range.contains(number) { return number }
        let bounds = "\(decimalText(range.lowerBound)) to \(decimalText(range.upperBound))"
        problems.add(
            path(key), found: value.found, allowed: "a number from \(bounds)\(unit.isEmpty ? "" : " \(unit)")")
        return nil
    }

    mutating func integer(_ key: String, in range: ClosedRange<Int>, unit: String = "") -> Int? {
        guard let value = value(key) else { return nil }
        if case .number(let number) = value, let whole = Int(exactly: number), range.contains(whole) {
            return whole
        }
        problems.add(
            path(key), found: value.found,
            allowed:
                "a whole number from \(range.lowerBound) to \(range.upperBound)\(unit.isEmpty ? "" : " \(unit)")")
        return nil
    }

    mutating func choice(_ key: String, of choices: [String]) -> String? {
        guard let value = value(key) else { return nil }
        if case .text(let text) = value, choices.contains(text) { return text }
        problems.add(path(key), found: value.found, allowed: "one of \(choices.joined(separator: ", "))")
        return nil
    }

    mutating func section(_ key: String) -> ConfigurationSection? {
        value(key).map { ConfigurationSection($0, path: path(key), problems: problems) }
    }

    mutating func list(_ key: String) -> [ConfigurationValue]? {
        guard let value = value(key) else { return nil }
        if case .list(let values) = value { return values }
        problems.add(path(key), found: value.found, allowed: "a list: [ … ]")
        return nil
    }

    /// Reports the keys that nobody asked for.
    func finish() {
        for key in keys where !asked.contains(key) {
            let hint = Similar.closest(to: key, in: asked.sorted()).map { " (did you mean \($0)?)" } ?? ""
            problems.add(
                path(key), found: "an unknown key\(hint)", allowed: asked.sorted().joined(separator: ", "))
        }
    }

    private func decimalText(_ value: Double) -> String { Int64(exactly: value).map(String.init) ?? String(value) }
}
