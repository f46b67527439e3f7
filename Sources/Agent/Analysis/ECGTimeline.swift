import Vitals

/// Joins the time of an ECG, which is its count of samples, to the box's clock.
///
/// The block that arrived with the least delay tells best when its last sample was; crystals differ, so that what
/// is believed also drifts with what is seen.
struct ECGTimeline {
    /// Two clocks run apart by no more than this share: a thousandth, ten times what crystals do.
    static let driftShareMax = 0.001
    /// A device that is so far behind has lost samples without saying so.
    static let behindMax: Duration = .seconds(10)

    /// When the stream began.
    private var origin: Instant?

    /// The lead's samples up to `seconds` of the stream were received just now.
    mutating func note(endSeconds seconds: Double, blockSeconds: Double, at now: Instant) {
        let believed = now - .seconds(Self.bounded(seconds))
        guard let origin else {
            self.origin = believed
            return
        }
        let late = believed - origin
        self.origin = origin + min(late, .seconds(Self.bounded(blockSeconds) * Self.driftShareMax))
    }

    /// How far the stream is behind the clock, before a block that ends at `seconds`.
    func behind(endSeconds seconds: Double, at now: Instant) -> Duration {
        guard let origin else { return .zero }
        return now - (origin + .seconds(Self.bounded(seconds)))
    }

    func instant(_ seconds: Double) -> Instant { (origin ?? .boot) + .seconds(Self.bounded(seconds)) }

    private static func bounded(_ seconds: Double) -> Double { seconds.isFinite ? min(max(seconds, 0), 1e9) : 0 }
}
