import FoundationEssentials

/// Any JSON value, as it stands in a configuration file.
enum ConfigurationValue: Decodable {
    case null
    case boolean(Bool)
    case number(Double)
    case text(String)
    case list([ConfigurationValue])
    case section([String: ConfigurationValue])

    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        if let container = try? decoder.container(keyedBy: Key.self) {
            var members: [String: ConfigurationValue] = [:]
            for key in container.allKeys {
                members[key.stringValue] = try container.decode(ConfigurationValue.self, forKey: key)
            }
            self = .section(members)
        } else if var container = try? decoder.unkeyedContainer() {
            var elements: [ConfigurationValue] = []
            while !container.isAtEnd { elements.append(try container.decode(ConfigurationValue.self)) }
            self = .list(elements)
        } else {
            self = try Self.single(decoder.singleValueContainer())
        }
    }

    private static func single(_ container: any SingleValueDecodingContainer) throws -> ConfigurationValue {
        if container.decodeNil() { return .null }
        if let value = try? container.decode(Bool.self) { return .boolean(value) }
        if let value = try? container.decode(Double.self) { return .number(value) }
        return .text(try container.decode(String.self))
    }

    /// How an error names it: `the text "abc"`, `the number 5`.
    var found: String {
        switch self {
        case .null: "null"
        case .boolean(let value): "\(value)"
        case .number(let value): "the number \(Int64(exactly: value).map(String.init) ?? String(value))"
        case .text(let value): "the text \"\(value.prefix(80))\""
        case .list(let values): "a list of \(values.count)"
        case .section(let members): "a section with \(members.count) keys"
        }
    }
}
