/// Where the flow of a blow is cut off: coughs, which come back, and closures of the glottis, which do not.
struct FlowDips: Sendable {
    /// From time 0, in order.
    private(set) var coughSeconds: [Double] = []
    /// From time 0: the first one.
    private(set) var closureSeconds: Double?

    init(_ blow: Blow) {
        findCoughs(blow)
        findClosure(blow)
    }

    /// A dip to less than half of the flow on both sides of it, or of the side before and most of the way back.
    private mutating func findCoughs(_ blow: Blow) {
        let (flow, phases) = (blow.trace.flow, blow.phases)
        let reach = max(2, Int(BlowLimits.coughReachSeconds / blow.trace.interval))
        var index = phases.start + 1
        while index < phases.stop {
            defer { index += 1 }
            guard flow[index] < flow[index - 1], flow[index] <= flow[index + 1] else { continue }
            let before = flow[max(phases.start, index - reach) ... index].max() ?? 0
            let after = flow[index ... min(phases.stop, index + reach)].max() ?? 0
            let depth = min(before, after) - flow[index]
            guard before >= 2 * BlowLimits.coughDepthMin, depth >= BlowLimits.coughDepthMin,
                flow[index] <= BlowLimits.coughDipShare * before, depth >= BlowLimits.coughDipShare * before / 2
            else { continue }
            coughSeconds.append(blow.trace.seconds(index) - blow.measures.timeZeroSeconds)
            index += reach
        }
    }

    private mutating func findClosure(_ blow: Blow) {
        let (flow, phases, trace) = (blow.trace.flow, blow.phases, blow.trace)
        let level = max(
            BlowLimits.closureFlowMin, BlowLimits.closureFromShare * blow.measures.peakFlowLitresPerSecond)
        let fall = max(1, Int((BlowLimits.closureFallSeconds / trace.interval).rounded()))
        let hold = max(2, Int((BlowLimits.closureHoldSeconds / trace.interval).rounded(.up)))
        var above = phases.peak
        var index = phases.peak
        while index <= phases.stop {
            if flow[index] >= level {
                above = index
            } else if abs(flow[index]) <= BlowLimits.noFlowMax, index - above <= fall {
                let last = index + hold
                guard last < trace.count else { return }
                if flow[index ... last].allSatisfy({ abs($0) <= 2 * BlowLimits.noFlowMax }) {
                    closureSeconds = trace.seconds(index) - blow.measures.timeZeroSeconds
                    return
                }
            }
            index += 1
        }
    }
}
