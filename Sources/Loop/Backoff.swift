/// Longer and longer pauses between attempts, for ever, and never two the same.
public struct Backoff: Sendable {
    /// The longest that the first pause can be.
    public let first: Duration
    /// The longest that any pause can be.
    public let longest: Duration
    private var ceiling: Duration

    /// Both above zero; a `first` above `longest` counts as `longest`.
    public init(first: Duration, longest: Duration) {
        precondition(first > .zero && longest > .zero, "a pause of no length is a busy loop")
        self.first = min(first, longest)
        self.longest = longest
        ceiling = self.first
    }

    /// After a success: the next pause is a first one again.
    public mutating func reset() { ceiling = first }

    /// Between half and all of the ceiling, which then doubles.
    public mutating func next(using random: inout some RandomNumberGenerator) -> Duration {
        defer { ceiling = ceiling < longest / 2 ? ceiling * 2 : longest }
        return ceiling * Double.random(in: 0.5 ... 1, using: &random)
    }
}
