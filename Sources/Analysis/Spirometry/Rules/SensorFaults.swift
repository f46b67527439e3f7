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

    /// Behind the end of the expiration the volume goes down for a second, slower than any breath.
    private static func creepsBack(_ blow: Blow) -> Bool {
        let trace = blow.trace
        let count = Int((BlowLimits.creepSeconds / trace.interval).rounded(.up))
        let first = blow.phases.complete
        let last = first + count
        guard last < trace.count else { return false }
        let fallen = trace.volume[first] - trace.volume[last]
        let slowest = BlowLimits.zeroFlowMax * BlowLimits.creepSeconds
        guard fallen > slowest, fallen < BlowLimits.creepFlowMax * BlowLimits.creepSeconds else { return false }
        // A breath in is anything but steady.
        let middle = trace.volume[first + count / 2]
        let half = trace.volume[first] - middle
        return half > fallen * 0.35 && half < fallen * 0.65
    }
}
