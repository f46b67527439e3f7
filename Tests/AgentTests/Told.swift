import Delivery
import Simulation
import Vitals

/// What was said, made easy to look at.
extension Stage.Record {
    /// Everything that was committed, in order.
    var drafts: [Draft] {
        entries.flatMap { entry -> [Draft] in
            if case .accepted(let drafts, _, _) = entry { drafts } else { [] }
        }
    }

    /// Alerts as `15 start medium oxygen-saturation-low`: the second of the commit, phase, priority, condition.
    var alerts: [String] {
        entries.flatMap { entry -> [String] in
            guard case .accepted(let drafts, _, let at) = entry else { return [] }
            return drafts.filter { $0.schema == "alert" }.map { "\(at.nanoseconds / 1_000_000_000) \($0.alert)" }
        }
    }

    /// The retained alarms that stand at the end, by topic.
    var standing: [String: String] {
        drafts.filter(\.isRetained).reduce(into: [:]) { standing, draft in
            standing[draft.topic] = draft.body.isEmpty ? nil : draft.text
        }
    }

    /// What was told of a topic, one after the other.
    func states(_ topic: String) -> [String] {
        entries.compactMap { entry in
            if case .state(topic, _, let body, _) = entry { String(decoding: body, as: UTF8.self) } else { nil }
        }
    }

    /// The states of a device's link as its twin told them, without repetitions and the waiting of the beginning.
    func links(_ device: String = "oximeter-1") -> [String] {
        states("device/\(device)").map { field("link", in: $0) }.drop { $0 == "waiting" }.reduce(into: []) {
            links, link in
            if links.last != link { links.append(link) }
        }
    }

    /// The seconds for which values of a metric were told, with what they were.
    func values(_ metric: String) -> [String] {
        drafts.filter { $0.schema == "reading" && $0.topic.hasSuffix("/\(metric)") }.flatMap { draft in
            draft.text.split(separator: #"{"reading":"#).dropFirst().map { text in
                "\(field("time", in: String(text)).dropFirst(11).prefix(8)) \(number("value", in: String(text))) "
                    + field("source", in: String(text))
            }
        }
    }
}

extension Draft {
    var text: String { String(decoding: body, as: UTF8.self) }

    var alert: String {
        "\(field("phase", in: text)) \(field("priority", in: text)) \(field("condition", in: text))"
    }
}

/// The first string member of that name.
func field(_ name: String, in text: String) -> String {
    guard let start = text.firstRange(of: "\"\(name)\":\"")?.upperBound else { return "" }
    return String(text[start...].prefix { $0 != "\"" })
}

/// The first number, `true`, `false` or `null` of that name.
func number(_ name: String, in text: String) -> String {
    guard let start = text.firstRange(of: "\"\(name)\":")?.upperBound else { return "" }
    return String(text[start...].prefix { $0 != "," && $0 != "}" })
}
