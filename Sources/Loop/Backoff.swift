/// Longer and longer pauses between attempts, with full jitter, for ever.
public struct Backoff: Sendable {
    public let first: Duration
    public let longest: Duration
    private var ceiling: Duration

    public init(first: Duration, longest: Duration) {
        self.first = first
        self.longest = longest
        ceiling = first
    }

    public mutating func reset() { ceiling = first }

    /// Between half and all of the ceiling, which then doubles.
    public mutating func next(using random: inout some RandomNumberGenerator) -> Duration {
        defer { ceiling = min(ceiling * 2, longest) }
        return ceiling * Double.random(in: 0.5 ... 1, using: &random)
    }
}
