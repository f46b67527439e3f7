/// The time from one beat to the next, and whether it tells something of the sinus node.
public struct RRInterval: Hashable, Sendable {
    /// Of the beat that ends it, since the start of the stream.
    public var endSeconds: Double
    public var milliseconds: Double
    public var mark: Mark

    /// What an interval may be used for.
    public enum Mark: String, Hashable, Sendable, CaseIterable {
        /// From one normal beat to the next.
        case normal
        /// Begins or ends with an ectopic, fused or unclassifiable beat.
        case ectopic
        /// In signal that cannot be believed, impossible, or far from its neighbours.
        case artefact
    }

    public init(endSeconds: Double, milliseconds: Double, mark: Mark) {
        self.endSeconds = endSeconds
        self.milliseconds = milliseconds
        self.mark = mark
    }
}

/// Makes intervals of beats, and marks them. An interval across a gap is none.
public struct RRSeries: Sendable {
    /// No sinus node is faster or slower (ms): 160 and 30 /min, the limits of the PhysioNet Cardiovascular Signal
    /// Toolbox (Vest et al. 2018).
    public static let possibleMilliseconds = 375.0 ... 2000.0
    /// A normal interval differs no more than this from the one before: 20 %, as there (Clifford et al. 2002).
    public static let changeShareMax = 0.2
    /// Longer than that nobody waits for the next beat: it is a gap.
    public static let gapMilliseconds = 10_000.0
    /// The score below which a detector is not sure of its beat.
    public static let scoreMin: Float = 0.5

    private var last: Beat?
    /// The interval before, when it lay between normal beats.
    private var before: Double?

    public init() {}

    /// The interval that this beat ends; `nil` behind a gap.
    public mutating func add(_ beat: Beat) -> RRInterval? {
        defer { last = beat }
        guard let last else { return nil }
        let milliseconds = (beat.seconds - last.seconds) * 1000
        guard milliseconds > 0, milliseconds <= Self.gapMilliseconds else {
            before = nil
            return nil
        }
        return RRInterval(
            endSeconds: beat.seconds, milliseconds: milliseconds, mark: mark(milliseconds, from: last, to: beat))
    }

    /// The signal was lost.
    public mutating func interrupt() {
        last = nil
        before = nil
    }

    private mutating func mark(_ milliseconds: Double, from first: Beat, to second: Beat) -> RRInterval.Mark {
        guard first.beatClass == .normal, second.beatClass == .normal else { return .ectopic }
        let doubts = first.doubts.union(second.doubts)
        guard doubts.isEmpty, first.score >= Self.scoreMin, second.score >= Self.scoreMin,
            Self.possibleMilliseconds.contains(milliseconds)
        else { return .artefact }
        defer { before = milliseconds }
        guard let before else { return .normal }
        return abs(milliseconds - before) > Self.changeShareMax * before ? .artefact : .normal
    }
}
