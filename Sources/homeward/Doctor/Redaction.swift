import FoundationEssentials

/// Takes out of settings and texts what tells of persons, or lets somebody in.
struct Redaction {
    /// A word that must not appear, and what stands in its place.
    private var replacements: [String: String] = [:]
    private var patients = 0

    static let hidden = "(removed)"
    /// Keys whose texts are settings and nothing else. Every other text is taken out: also that of a misspelt key.
    private static let harmless: Set<String> = [
        "driver", "port", "expect", "format", "parity", "flowControl", "priority", "protocol", "logLevel", "id",
        "dataDirectory", "path", "state", "link", "model", "manufacturer", "version", "metric", "condition",
        "problem", "device", "origin", "pairedAt", "from", "to", "addressKind", "event", "radio", "adapter",
        "connection",
    ]
    /// What names a patient, in settings and in the registry.
    private static let patientKeys: Set<String> = ["patient"]
    /// Their members are patients.
    private static let patientSections: Set<String> = ["patients"]
    /// Sections that describe a person, numbers and all.
    private static let personSections: Set<String> = ["reference"]
    private static let secretKeys: Set<String> = [
        "host", "username", "passwordFile", "caFile", "certificateFile", "keyFile", "gateway", "by", "pairedBy",
    ]
    /// Shorter words would be found by chance within others.
    private static let wordBytesMin = 1

    /// Learns the words of a file before anything is written.
    mutating func learn(_ value: ConfigurationValue, key: String? = nil) {
        switch value {
        case .section(let members):
            for (name, member) in members.sorted(by: { $0.key < $1.key }) {
                if key.map(Self.patientSections.contains) ?? false { learnPatient(name) }
                learn(member, key: name)
            }
        case .list(let values): for value in values { learn(value, key: key) }
        case .text(let text):
            guard let key else { return }
            if Self.patientKeys.contains(key) { learnPatient(text) }
            if Self.secretKeys.contains(key) { learnSecret(text, as: key) }
        case .null, .boolean, .number: break
        }
    }

    mutating func learnPatient(_ name: String) {
        guard replacements[name] == nil, name.utf8.count >= Self.wordBytesMin else { return }
        patients += 1
        replacements[name] = "(patient \(patients))"
    }

    mutating func learnSecret(_ word: String, as name: String) {
        guard replacements[word] == nil, word.utf8.count >= Self.wordBytesMin else { return }
        replacements[word] = "(\(name))"
    }

    // MARK: Texts

    /// With every learned word replaced where it stands alone, the longest first.
    func clean(_ text: String) -> String {
        var text = text
        for (word, stand) in replacements.sorted(by: { ($0.key.utf8.count, $0.key) > ($1.key.utf8.count, $1.key) })
        {
            text = Self.replace(word, by: stand, in: text)
        }
        return text
    }

    private static func replace(_ word: String, by stand: String, in text: String) -> String {
        var result = ""
        var rest = text[...]
        while let found = rest.firstRange(of: word) {
            let before = found.lowerBound == text.startIndex ? nil : text[text.index(before: found.lowerBound)]
            let after = found.upperBound == text.endIndex ? nil : text[found.upperBound]
            result += rest[..<found.lowerBound]
            result += isPart(before) || isPart(after) ? word : stand
            rest = rest[found.upperBound...]
        }
        return result + rest
    }

    /// Letters, digits and hyphens belong to an identifier.
    private static func isPart(_ character: Character?) -> Bool {
        character.map { $0.isLetter || $0.isNumber } ?? false
    }

    // MARK: Settings

    /// As JSON, one member a line, without what must not be told.
    func json(_ value: ConfigurationValue, key: String? = nil, indent: String = "") -> String {
        if let key, Self.personSections.contains(key) { return quoted(Self.hidden) }
        let inner = indent + "  "
        switch value {
        case .null: return "null"
        case .boolean(let flag): return "\(flag)"
        case .number(let number): return Int64(exactly: number).map(String.init) ?? "\(number)"
        case .text(let text): return quoted(shown(text, key))
        case .list(let values):
            let rows = values.map { inner + json($0, key: key, indent: inner) }
            return rows.isEmpty ? "[]" : "[\n\(rows.joined(separator: ",\n"))\n\(indent)]"
        case .section(let members):
            let rows = members.sorted { $0.key < $1.key }.map { name, member in
                "\(inner)\(quoted(clean(name))): \(json(member, key: name, indent: inner))"
            }
            return rows.isEmpty ? "{}" : "{\n\(rows.joined(separator: ",\n"))\n\(indent)}"
        }
    }

    private func shown(_ text: String, _ key: String?) -> String {
        guard let key else { return Self.hidden }
        if let stand = replacements[text] { return stand }
        return Self.harmless.contains(key) ? clean(text) : Self.hidden
    }

    private func quoted(_ text: String) -> String {
        let plain = text.unicodeScalars.map { scalar -> String in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            default: scalar.value < 0x20 ? " " : String(scalar)
            }
        }
        return "\"\(plain.joined())\""
    }

    static func parse(_ bytes: [UInt8]) -> ConfigurationValue? {
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = true
        return try? decoder.decode(ConfigurationValue.self, from: Data(bytes))
    }
}
