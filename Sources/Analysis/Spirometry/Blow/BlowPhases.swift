/// Where in a record the forced expiration lies, as places of samples.
struct BlowPhases: Hashable, Sendable {
    /// The greatest flow out of the patient.
    let peak: Int
    /// Full inspiration: the least volume before the peak. Volumes are counted from here.
    let start: Int
    /// When full inspiration was reached; `nil`: the record does not show a breath in before it.
    let inspired: Int?
    /// The first sample with all of the volume.
    let complete: Int
    /// The last sample of the expiration: the next breath in begins here, or the record ends.
    let stop: Int
    /// The record shows a breath in after it.
    let hasInspirationAfter: Bool

    /// So much breathed in is a breath, and no swing of the sensor.
    static let breathLitres = 0.1
    /// Nearer to an extreme than this counts as having reached it.
    static let reachedLitres = 0.001
    /// The same on the way to full inspiration: what a held breath may move (the plateau of ATS/ERS 2019).
    static let heldLitres = 0.025
    /// Full inspiration is looked for no further back: hesitation may be 2 s (ATS/ERS 2019).
    static let lookBackSeconds = 5.0
    /// Less is no forced expiration: 0.1 L/s is below any breath.
    static let peakFlowMin = 0.2
    /// Litres; less is no forced expiration of anybody of 3 years and more.
    static let volumeMin = 0.1

    /// `nil`: nobody blew.
    init?(_ trace: BreathTrace) {
        guard let peak = trace.flow.indices.max(by: { trace.flow[$0] < trace.flow[$1] }),
            trace.flow[peak] >= Self.peakFlowMin
        else { return nil }
        let volume = trace.volume
        let (start, inspired) = Self.fullInspiration(trace, before: peak)
        var greatest = volume[peak]
        var stop = volume.count - 1
        var isBreath = false
        for index in peak ..< volume.count {
            greatest = max(greatest, volume[index])
            if volume[index] < greatest - Self.breathLitres {
                stop = index
                isBreath = true
                break
            }
        }
        guard greatest - volume[start] >= Self.volumeMin else { return nil }
        let reached = { (index: Int) in volume[index] >= greatest - Self.reachedLitres }
        let complete = (peak ... stop).first(where: reached) ?? peak
        if isBreath { stop = (peak ... stop).last(where: reached) ?? stop }
        self.peak = peak
        self.start = start
        self.inspired = inspired
        self.complete = min(complete, stop)
        self.stop = stop
        hasInspirationAfter = isBreath
    }

    private static func fullInspiration(_ trace: BreathTrace, before peak: Int) -> (start: Int, inspired: Int?) {
        let volume = trace.volume
        let earliest = max(0, peak - Int(lookBackSeconds / trace.interval))
        var start = peak
        var index = peak
        var cameIn = false
        while index >= earliest {
            if volume[index] < volume[start] { start = index }
            if volume[index] > volume[start] + breathLitres {
                cameIn = true
                break
            }
            index -= 1
        }
        guard cameIn else { return (start, nil) }
        var inspired = start
        while inspired > index, volume[inspired - 1] <= volume[start] + heldLitres { inspired -= 1 }
        return (start, inspired)
    }
}
