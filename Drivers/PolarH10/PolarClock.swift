import DriverKit
import Vitals

/// Counts samples against the strap's clock, to see what is missing, and the strap's clock against the box's, to
/// see how it drifts.
///
/// A notification can be late and never early, so of each minute only the least delayed counts for the drift. (The
/// least-delay filter of RFC 5905, section 10.)
struct PolarClock: Sendable {
    var samplesPerSecond = 1
    /// New once a minute, from the second minute on; whoever reads it empties it.
    var estimate: Estimate?

    private var last: Mark?
    private var first: Mark?
    private var samplesSinceFirst = 0
    /// The least delayed of this minute, of the minute before, and of the first one.
    private var best: Mark?
    private var anchor: Mark?
    private var base: Mark?
    private var minuteEnd = Instant.boot

    private struct Mark: Sendable {
        var device: UInt64
        var arrival: Instant
    }

    enum Step: Hashable, Sendable {
        case follows
        /// So many samples are missing before this frame.
        case lost(Int)
        /// The clock was set, so nobody knows.
        case jumped
    }

    struct Estimate: Hashable, Sendable {
        /// Greater than zero: the strap's clock is fast.
        var driftPartsPerMillion: Int
        /// By the strap's clock.
        var rateMillihertz: Int
    }

    /// A clock cannot be further ahead of the arrival; else it was set.
    static let aheadSecondsMax: Int64 = 5
    /// A gap longer than this is a new beginning.
    static let gapSecondsMax: Int64 = 86_400
    static let minute = Duration.seconds(60)
    /// A frame that is missing is missing whole: less than this part of a frame is an uneven rate.
    private static let partOfFrame = 8

    /// - Parameters:
    ///   - device: time of the last sample, ns.
    ///   - samples: in this frame, at least 1.
    mutating func step(to device: UInt64, samples: Int, at arrival: Instant) -> Step {
        let mark = Mark(device: device, arrival: arrival)
        guard let last, let before = anchor ?? first else {
            restart(at: mark)
            return .follows
        }
        let (forward, isBack) = device.subtractingReportingOverflow(last.device)
        guard !isBack, forward > 0, forward <= UInt64(Self.gapSecondsMax) * 1_000_000_000,
            lead(of: mark, since: before) <= Self.aheadSecondsMax * 1_000_000_000
        else {
            restart(at: mark)
            return .jumped
        }
        self.last = mark
        let due = Int((forward * UInt64(samplesPerSecond) + 500_000_000) / 1_000_000_000)
        let missing = due - samples > samples / Self.partOfFrame ? due - samples : 0
        samplesSinceFirst &+= samples &+ missing
        take(mark)
        return missing > 0 ? .lost(missing) : .follows
    }

    private mutating func restart(at mark: Mark) {
        last = mark
        first = mark
        samplesSinceFirst = 0
        best = mark
        anchor = nil
        base = nil
        estimate = nil
        minuteEnd = mark.arrival + Self.minute
    }

    /// How much more the strap's clock has gone than the box's, ns.
    private func lead(of mark: Mark, since other: Mark) -> Int64 {
        let device = Int64(clamping: mark.device) - Int64(clamping: min(other.device, mark.device))
        return device - max(0, (mark.arrival - other.arrival).wholeNanoseconds)
    }

    private mutating func take(_ mark: Mark) {
        if best.map({ lead(of: mark, since: $0) >= 0 }) ?? true { best = mark }
        guard mark.arrival >= minuteEnd, let best, let first else { return }
        minuteEnd = mark.arrival + Self.minute
        if let base {
            let elapsed = (best.arrival - base.arrival).wholeNanoseconds
            let counted = mark.device - first.device
            if elapsed > 0, counted > 0 {
                let drift = Double(lead(of: best, since: base)) / Double(elapsed) * 1e6
                let rate = Double(samplesSinceFirst) / Double(counted) * 1e12
                estimate = Estimate(
                    driftPartsPerMillion: Int(drift.rounded()), rateMillihertz: Int(min(rate, 1e12).rounded()))
            }
        } else {
            base = best
        }
        anchor = best
        self.best = nil
    }
}
