import Vitals

/// Brings samples of any rate to whole seconds: the mean of what is usable in each.
///
/// Seconds count from the first sample. A sample that is older than the second under way is passed over.
struct SecondGrid {
    /// One second that is complete.
    struct Second {
        var index: Int
        /// Mean of the usable values; `nil`: there was none.
        var saturation: SaturationHundredths?
        var pulseRate: Double?
        var perfusionIndex: Double?
        /// The sensor had no contact at some moment of it.
        var lostContact: Bool
    }

    private(set) var origin: Int64?
    /// The smallest distance between two samples so far, ms.
    private(set) var intervalMilliseconds: Int64?
    private(set) var rejected: [OximetryRejection: Int] = [:]
    private var last: Int64 = 0
    private var index = 0
    private var sum = 0
    private var count = 0
    private var pulse = Mean()
    private var perfusion = Mean()
    private var lostContact = false

    /// A night of ten years would be a mistake.
    static let indexMax = 1 << 28

    /// The second that this sample completes, if it does.
    mutating func add(_ sample: OximetrySample) -> Second? {
        guard let start = origin else {
            origin = sample.milliseconds
            last = sample.milliseconds
            take(sample)
            return nil
        }
        let (elapsed, overflow) = sample.milliseconds.subtractingReportingOverflow(start)
        guard !overflow, elapsed >= 0, sample.milliseconds >= last, elapsed / 1000 < Int64(Self.indexMax) else {
            return nil
        }
        let step = sample.milliseconds - last
        if step > 0 { intervalMilliseconds = min(intervalMilliseconds ?? step, step) }
        last = sample.milliseconds
        let next = Int(elapsed / 1000)
        guard next > index else {
            take(sample)
            return nil
        }
        let complete = close()
        index = next
        take(sample)
        return complete
    }

    /// The second under way, at the end of everything.
    mutating func close() -> Second {
        defer {
            sum = 0
            count = 0
            pulse = Mean()
            perfusion = Mean()
            lostContact = false
        }
        return Second(
            index: index, saturation: count > 0 ? (sum + count / 2) / count : nil, pulseRate: pulse.value,
            perfusionIndex: perfusion.value, lostContact: lostContact)
    }

    private mutating func take(_ sample: OximetrySample) {
        if !sample.reasons.isDisjoint(with: OximetryParameters.contactLost) { lostContact = true }
        guard sample.reasons.isDisjoint(with: OximetryParameters.refused) else {
            rejected[.deviceDoubt, default: 0] += 1
            return
        }
        if let rate = sample.pulseRate, rate.isFinite, rate > 0, rate < 400 { pulse.add(rate) }
        if let index = sample.perfusionIndex, index.isFinite, index > 0, index <= 100 { perfusion.add(index) }
        guard let saturation = sample.saturation, saturation.isFinite, abs(saturation) < 1000,
            case let hundredths = Int((saturation * 100).rounded()),
            OximetryParameters.possible.contains(hundredths)
        else {
            if sample.saturation != nil { rejected[.outOfRange, default: 0] += 1 }
            return
        }
        sum += hundredths
        count += 1
    }

    private struct Mean {
        var sum = 0.0
        var count = 0
        var value: Double? { count > 0 ? sum / Double(count) : nil }
        mutating func add(_ value: Double) {
            sum += value
            count += 1
        }
    }
}
