/// The figures of a health message that are measured: found by their place, without a JSON reader.
struct Health {
    private let text: String

    init(_ text: String) { self.text = text }

    struct Latency {
        var count = 0.0
        var p50 = Double.nan
        var p99 = Double.nan
        var longest = Double.nan
    }

    /// From the device's bytes, or from the commit, to the acknowledgement.
    func latency(_ lane: String, _ name: String) -> Latency {
        let part = after(after(after(text[...], "\"lanes\":"), "\"\(lane)\":"), "\"\(name)\":")
        return Latency(
            count: number("count", part), p50: number("p50Milliseconds", part),
            p99: number("p99Milliseconds", part), longest: number("maxMilliseconds", part))
    }

    private func after(_ part: Substring, _ mark: String) -> Substring {
        guard let range = part.firstRange(of: mark) else { return "" }
        return part[range.upperBound...]
    }

    private func number(_ name: String, _ part: Substring) -> Double {
        let rest = after(part, "\"\(name)\":")
        return Double(String(rest.prefix { "0123456789.eE+-".contains($0) })) ?? .nan
    }
}
