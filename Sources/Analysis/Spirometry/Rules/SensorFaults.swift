/// What a record says about the spirometer rather than the patient.
struct SensorFaults: Sendable {
    private(set) var hasZeroFlowError = false
    private(set) var hasLeak = false

    init(_ blow: Blow) {
        if blow.quantity == .flow, let offset = Self.offsetBefore(blow), abs(offset) > BlowLimits.zeroFlowMax {
            hasZeroFlowError = true
        }
        if Self.creepsBack(blow) {
            // Flow that goes on below zero is the sensor's zero; volume that goes away has found a hole.
            if blow.quantity == .flow { hasZeroFlowError = true } else { hasLeak = true }
        }
        if let before = blow.measures.inspiredBeforeLitres, blow.measures.hasPlateau {
            let capacity = blow.measures.forcedVitalCapacityLitres
            let excess = max(BlowLimits.volumeLitresMax, BlowLimits.volumeShareMax * capacity)
            if before - capacity > excess { hasLeak = true }
        }
    }

    /// The steady flow at the head of the record, where nobody breathes yet; `nil`: there is no such time.
    static func offsetBefore(_ blow: Blow) -> Double? {
        let flow = blow.trace.flow
        let count = Int((BlowLimits.zeroFlowSeconds / blow.trace.interval).rounded(.up))
        guard count > 1, count <= blow.phases.peak, count <= flow.count else { return nil }
        let head = flow[..<count]
        let mean = head.reduce(0, +) / Double(count)
        let worst = head.map { abs($0 - mean) }.max() ?? 0
        return worst <= BlowLimits.zeroFlowSpreadMax ? mean : nil
    }

    /// Behind the end of the expiration the volume goes down for a second, slower than any breath, and steadily.
    private static func creepsBack(_ blow: Blow) -> Bool {
        let volume = blow.trace.volume
        let count = Int((BlowLimits.creepSeconds / blow.trace.interval).rounded(.up))
        let least = BlowLimits.zeroFlowMax * BlowLimits.creepSeconds
        let most = BlowLimits.creepFlowMax * BlowLimits.creepSeconds
        var first = blow.phases.complete
        while first + count < volume.count {
            let fallen = volume[first] - volume[first + count]
            // A breath in; behind it nothing is to be learnt.
            if fallen >= most { return false }
            let half = volume[first] - volume[first + count / 2]
            if fallen > least, half > 0.35 * fallen, half < 0.65 * fallen { return true }
            first += max(1, count / 4)
        }
        return false
    }
}
