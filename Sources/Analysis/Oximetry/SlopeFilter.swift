/// Refuses what blood cannot do: steps steeper than 4 % a second, and what comes while they alternate.
///
/// The allowance grows with the time since the last value that was believed, so a real change of level (a device
/// that averages long catches up in one step) is believed after some seconds. A believed value is kept back for a
/// moment: what comes just before the first steps of a movement belongs to it.
struct SlopeFilter {
    typealias Value = (second: Int, value: SaturationHundredths)

    private(set) var rejectedForSlope = 0
    private(set) var rejectedForMotion = 0
    private var believed: Value?
    private var previous: Value?
    private var kept: [Value] = []
    private var lastUp = -1 << 30
    private var lastDown = -1 << 30
    private var isMoving = false

    /// So long a value is kept back, s.
    static let keptSeconds = 5

    mutating func add(_ second: Int, _ value: SaturationHundredths) {
        noteStep(to: value, at: second)
        previous = (second, value)
        if isMoving {
            rejectedForMotion += 1 + kept.count
            kept.removeAll(keepingCapacity: true)
        } else if let believed, abs(value - believed.value) > Self.allowance(second - believed.second) {
            rejectedForSlope += 1
        } else {
            believed = (second, value)
            kept.append((second, value))
        }
    }

    /// The next value that has been kept back long enough at this second.
    mutating func next(at second: Int) -> Value? {
        guard let first = kept.first, second - first.second >= Self.keptSeconds else { return nil }
        return kept.removeFirst()
    }

    private static func allowance(_ seconds: Int) -> SaturationHundredths {
        OximetryParameters.slopePerSecondMax * min(max(1, seconds), 100)
    }

    private mutating func noteStep(to value: SaturationHundredths, at second: Int) {
        guard let previous else { return }
        let step = value - previous.value
        if abs(step) > Self.allowance(second - previous.second) {
            if step > 0 { lastUp = second } else { lastDown = second }
        }
        if second - max(lastUp, lastDown) >= OximetryParameters.motionQuietSeconds {
            isMoving = false
        } else if second - min(lastUp, lastDown) <= OximetryParameters.motionWindowSeconds {
            isMoving = true
        }
    }
}
