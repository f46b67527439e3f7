/// The seconds for which a value is already known: joins what was streamed with what the device stored, and one
/// download with the next, without duplicates.
///
/// A sorted list of spans without overlap, at most ``spansMax``; beyond that the oldest span is forgotten (its
/// records, downloaded again, keep their identity, so that a subscriber still knows them).
public struct Coverage: Hashable, Sendable {
    public private(set) var spans: [ClosedRange<Int64>] = []

    public static let spansMax = 256

    public init() {}

    public func contains(_ second: Int64) -> Bool {
        let index = firstSpan(endingAtOrAfter: second)
        return index < spans.count && spans[index].contains(second)
    }

    /// `true` when the second was not covered before.
    @discardableResult
    public mutating func insert(_ second: Int64) -> Bool {
        let index = firstSpan(endingAtOrAfter: second)
        if index < spans.count, spans[index].contains(second) { return false }
        let touchesLeft = index > 0 && spans[index - 1].upperBound == second &- 1
        let touchesRight = index < spans.count && spans[index].lowerBound == second &+ 1
        switch (touchesLeft, touchesRight) {
        case (true, true):
            spans[index - 1] = spans[index - 1].lowerBound ... spans[index].upperBound
            spans.remove(at: index)
        case (true, false): spans[index - 1] = spans[index - 1].lowerBound ... second
        case (false, true): spans[index] = second ... spans[index].upperBound
        case (false, false): spans.insert(second ... second, at: index)
        }
        if spans.count > Self.spansMax { spans.removeFirst() }
        return true
    }

    /// Extends over the seconds from `first` to `last`.
    public mutating func insert(from first: Int64, to last: Int64, atMost count: Int64) {
        let (length, overflow) = last.subtractingReportingOverflow(first)
        guard first <= last, !overflow, length < count else {
            insert(last)
            return
        }
        for second in first ... last { insert(second) }
    }

    private func firstSpan(endingAtOrAfter second: Int64) -> Int {
        var low = 0
        var high = spans.count
        while low < high {
            let middle = (low + high) / 2
            if spans[middle].upperBound < second { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// `100-160 200-200`
    public var text: String { spans.map { "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: " ") }

    /// Reads ``text``; what cannot be read, overlaps or is out of order is passed over.
    public init(text: some StringProtocol) {
        for word in text.split(separator: " ") where spans.count < Self.spansMax {
            guard let span = Self.span(word), spans.last.map({ $0.upperBound < span.lowerBound &- 1 }) ?? true
            else {
                continue
            }
            spans.append(span)
        }
    }

    /// The hyphen between two numbers, which may have a sign of their own.
    private static func span(_ word: some StringProtocol) -> ClosedRange<Int64>? {
        guard let hyphen = word.dropFirst().firstIndex(of: "-"), let first = Int64(word[..<hyphen]),
            let last = Int64(word[word.index(after: hyphen)...]), first <= last,
            isPossible(first), isPossible(last)
        else { return nil }
        return first ... last
    }

    /// Within what a stamp's nanoseconds can hold.
    private static func isPossible(_ second: Int64) -> Bool {
        second.magnitude <= UInt64(Int64.max / 1_000_000_000)
    }
}
