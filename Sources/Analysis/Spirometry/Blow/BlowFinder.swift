/// Finds forced expirations in a flow that never ends: sample in, now and then a whole blow out.
///
/// It keeps 58 KiB at most, and what it says does not depend on how the samples were cut.
public struct BlowFinder: Sendable {
    public let sampleRateHz: Double
    private var samples: [Float] = []
    private var phase = Phase.idle
    /// Litres since the blow began, and the most of them.
    private var litres = 0.0
    private var litresMax = 0.0
    private var stillCount = 0
    private var phaseCount = 0

    private enum Phase: Sendable { case idle, blowing, inspiring }

    /// L/s: no breath at rest is so fast, and hardly a forced one slower.
    public static let startFlow = 1.0
    /// Litres; less was a cough or a bump.
    public static let volumeMin = 0.3
    /// What comes before the start belongs to it: the breath in, and the hesitation.
    public static let secondsBefore = 3.0
    /// ATS/ERS 2019: 15 s are enough.
    public static let blowSecondsMax = 20.0
    static let inspirationSecondsMax = 3.0
    /// Nothing flows for so long: it is over. A plateau needs 1 s.
    public static let stillSeconds = 1.5
    /// The breath in is over.
    static let turnSeconds = 0.2

    /// `nil`: no rate of a spirometer.
    public init?(sampleRateHz: Double) {
        guard BlowSamples.sampleRates.contains(sampleRateHz) else { return nil }
        self.sampleRateHz = sampleRateHz
        samples.reserveCapacity(
            count(2 * Self.secondsBefore + Self.blowSecondsMax + Self.inspirationSecondsMax) + 4)
    }

    /// A blow is under way.
    public var isBlowing: Bool { phase != .idle }

    /// - Parameter flow: L/s BTPS, out of the patient positive. What is no number counts as no flow.
    /// - Returns: the blow that has ended with this sample, with the seconds before it.
    public mutating func add(_ flow: Double) -> BlowSamples? {
        let flow = abs(flow) <= BlowSamples.flowMagnitudeMax ? flow : 0
        samples.append(Float(flow))
        phaseCount += 1
        switch phase {
        case .idle:
            if flow >= Self.startFlow { begin() } else { forget() }
            return nil
        case .blowing:
            litres += flow / sampleRateHz
            litresMax = max(litresMax, litres)
            stillCount = abs(flow) <= BlowLimits.noFlowMax ? stillCount + 1 : 0
            if litres < litresMax - BlowPhases.breathLitres { turn(to: .inspiring) }
            let isOver = stillCount >= count(Self.stillSeconds) || phaseCount >= count(Self.blowSecondsMax)
            return isOver ? end() : nil
        case .inspiring:
            stillCount = flow >= 0 ? stillCount + 1 : 0
            let isOver =
                stillCount >= count(Self.turnSeconds) || phaseCount >= count(Self.inspirationSecondsMax)
            return isOver ? end() : nil
        }
    }

    /// The flow ends here: what is under way is told.
    public mutating func finish() -> BlowSamples? {
        defer { reset() }
        return phase == .idle ? nil : end()
    }

    private func count(_ seconds: Double) -> Int { Int((seconds * sampleRateHz).rounded()) }

    private mutating func begin() {
        let surplus = samples.count - count(Self.secondsBefore) - 1
        if surplus > 0 { samples.removeFirst(surplus) }
        litres = 0
        litresMax = 0
        turn(to: .blowing)
    }

    private mutating func turn(to next: Phase) {
        phase = next
        phaseCount = 0
        stillCount = 0
    }

    /// Half of what is kept goes at a time, so that hardly a sample is moved.
    private mutating func forget() {
        let kept = count(Self.secondsBefore)
        if samples.count >= 2 * kept { samples.removeFirst(samples.count - kept) }
    }

    private mutating func end() -> BlowSamples? {
        let isBlow = litresMax >= Self.volumeMin
        let found = BlowSamples(.flow, sampleRateHz: sampleRateHz, values: samples.map(Double.init))
        reset()
        return isBlow ? found : nil
    }

    private mutating func reset() {
        samples.removeAll(keepingCapacity: true)
        turn(to: .idle)
    }
}
