public import Vitals

/// What a process that may ask the kernel about the clock tells those that may not: a file of one line,
/// `1 1500 123456789`: synchronized, greatest error in microseconds, seen at (nanoseconds since the box's start).
public struct ClockState: Hashable, Sendable {
    public var isSynchronized: Bool
    public var errorMicroseconds: Int64
    public var seenAt: Instant

    public static let path = "/run/homeward-clock/state"
    /// What is older tells nothing any more: who wrote it has gone.
    public static let ageMax: Duration = .seconds(60)
    private static let bytesMax = 128
    /// By which the kernel lets the error of an undisciplined clock grow: 500 ppm (adjtimex(2), maxerror).
    private static let driftMicrosecondsPerSecond: Int64 = 500

    public init(isSynchronized: Bool, errorMicroseconds: Int64, seenAt: Instant) {
        self.isSynchronized = isSynchronized
        self.errorMicroseconds = errorMicroseconds
        self.seenAt = seenAt
    }

    public var text: String { "\(isSynchronized ? 1 : 0) \(errorMicroseconds) \(seenAt.nanoseconds)\n" }

    /// `nil`: not such a line.
    public init?(_ text: String) {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count == 3, words[0] == "0" || words[0] == "1", let error = Int64(words[1]), error >= 0,
            let seen = Int64(words[2])
        else { return nil }
        self.init(isSynchronized: words[0] == "1", errorMicroseconds: error, seenAt: Instant(nanoseconds: seen))
    }

    /// The last one told, its error grown with its age; `nil` when there is none, or it is too old.
    public static func read(_ path: String = path, at now: Instant) -> ClockState? {
        guard let text = try? File.readText(path, bytesMax: bytesMax), var state = ClockState(text),
            now >= state.seenAt, now - state.seenAt <= ageMax
        else { return nil }
        state.errorMicroseconds += (now - state.seenAt).components.seconds * driftMicrosecondsPerSecond
        return state
    }
}
