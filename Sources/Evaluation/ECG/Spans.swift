/// Stretches of time in seconds: sorted, apart from each other, none empty.
public struct Spans: Hashable, Sendable {
    public private(set) var list: [Range<Double>] = []

    public init() {}

    /// Joins what overlaps or touches.
    public init(_ ranges: some Sequence<Range<Double>>) {
        for range in ranges.filter({ !$0.isEmpty }).sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = list.last, range.lowerBound <= last.upperBound {
                list[list.count - 1] = last.lowerBound ..< max(last.upperBound, range.upperBound)
            } else {
                list.append(range)
            }
        }
    }

    /// From one moment to another; nothing when they are the wrong way round, or no numbers.
    public init(from start: Double, to end: Double) { if start < end { list = [start ..< end] } }

    public var isEmpty: Bool { list.isEmpty }
    public var seconds: Double { list.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) } }

    public func union(_ other: Spans) -> Spans { Spans(list + other.list) }

    public func intersection(_ other: Spans) -> Spans {
        var common: [Range<Double>] = []
        var mine = 0
        var theirs = 0
        while mine < list.count, theirs < other.list.count {
            let one = list[mine]
            let two = other.list[theirs]
            let start = max(one.lowerBound, two.lowerBound)
            let end = min(one.upperBound, two.upperBound)
            if start < end { common.append(start ..< end) }
            if one.upperBound < two.upperBound { mine += 1 } else { theirs += 1 }
        }
        return Spans(common)
    }

    public func subtracting(_ other: Spans) -> Spans {
        var left: [Range<Double>] = []
        var next = 0
        for span in list {
            var start = span.lowerBound
            while next < other.list.count, other.list[next].upperBound <= start { next += 1 }
            var at = next
            while at < other.list.count, other.list[at].lowerBound < span.upperBound {
                if start < other.list[at].lowerBound { left.append(start ..< other.list[at].lowerBound) }
                start = max(start, other.list[at].upperBound)
                at += 1
            }
            if start < span.upperBound { left.append(start ..< span.upperBound) }
        }
        return Spans(left)
    }

    /// Those that are at least so long.
    public func lasting(atLeast seconds: Double) -> Spans {
        Spans(list.filter { $0.upperBound - $0.lowerBound >= seconds })
    }

    /// Each longer at both ends.
    public func widened(by seconds: Double) -> Spans {
        Spans(list.map { $0.lowerBound - seconds ..< $0.upperBound + seconds })
    }

    public func contains(_ second: Double) -> Bool {
        var low = 0
        var high = list.count
        while low < high {
            let middle = (low + high) / 2
            if list[middle].upperBound <= second { low = middle + 1 } else { high = middle }
        }
        return low < list.count && list[low].contains(second)
    }

    public func overlaps(_ range: Range<Double>) -> Bool { list.contains { $0.overlaps(range) } }
}
