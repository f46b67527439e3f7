/// One forced expiration, found in its record and measured.
public struct Blow: Sendable {
    public let measures: BlowMeasures
    let trace: BreathTrace
    let phases: BlowPhases
    /// Which of the two was measured; the other is made of it.
    public let quantity: BlowSamples.Quantity

    /// - Throws: why the samples are no manoeuvre.
    public init(_ samples: BlowSamples) throws(BlowProblem) {
        if let problem = samples.problem { throw problem }
        trace = BreathTrace(samples)
        guard let phases = BlowPhases(trace) else { throw .noExpiration }
        self.phases = phases
        quantity = samples.quantity
        measures = BlowMeasures(trace, phases)
    }

    public var sampleRateHz: Double { 1 / trace.interval }
    /// L/s, at each sample.
    public var flow: [Double] { trace.flow }
    /// Litres breathed out since full inspiration, at each sample.
    public var volume: [Double] {
        let base = trace.volume[phases.start]
        return trace.volume.map { $0 - base }
    }
    /// The samples of the forced expiration.
    public var expiration: ClosedRange<Int> { phases.start ... phases.stop }
}
