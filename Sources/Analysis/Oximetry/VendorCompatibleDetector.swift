/// Events below the running mean: the definition `vendorCompatible`.
///
/// It sees means of 4 s, the record of the rings and watches that count so. The baseline is the mean of the last
/// five minutes and the value itself; an event lasts while the value is the depth or more below it.
struct VendorCompatibleDetector {
    let depth: SaturationHundredths
    private var block = 0
    private var blockSum = 0
    private var blockCount = 0
    private var ring: [SaturationHundredths] = []
    private var next = 0
    private var ringSum = 0
    private var event: DesaturationEvent?

    static let blockSeconds = 4
    /// Five minutes and the block itself.
    static let baselineBlocks = 300 / blockSeconds + 1
    /// An event ends only when the value is so far above the depth: noise at the edge makes no second event.
    static let hysteresis: SaturationHundredths = 50

    init(depth: SaturationHundredths) {
        self.depth = depth
        ring.reserveCapacity(Self.baselineBlocks)
    }

    /// An event is under way.
    var isInEvent: Bool { event != nil }

    mutating func add(_ second: Int, _ value: SaturationHundredths) -> DesaturationEvent? {
        let index = second / Self.blockSeconds
        var ended: DesaturationEvent?
        if index != block {
            ended = closeBlock()
            block = index
        }
        blockSum += value
        blockCount += 1
        return ended
    }

    /// A hole of the signal. A long one ends the event and forgets the baseline.
    mutating func gap(_ seconds: Int) -> DesaturationEvent? {
        guard seconds > OximetryParameters.segmentGapSeconds else { return nil }
        return finish()
    }

    mutating func finish() -> DesaturationEvent? {
        let ended = closeBlock()
        let cut = event.map { event in
            var event = event
            event.isCutOff = true
            return event
        }
        event = nil
        ring.removeAll(keepingCapacity: true)
        next = 0
        ringSum = 0
        return ended ?? cut
    }

    private mutating func closeBlock() -> DesaturationEvent? {
        guard blockCount > 0 else { return nil }
        let value = (blockSum + blockCount / 2) / blockCount
        blockSum = 0
        blockCount = 0
        remember(value)
        let below = ringSum - value * ring.count
        let start = block * Self.blockSeconds
        let end = start + Self.blockSeconds
        guard var current = event else {
            if below >= depth * ring.count { begin(value, at: start) }
            return nil
        }
        if below < (depth - Self.hysteresis) * ring.count {
            event = nil
            return current
        }
        current.endSecond = end
        current.area += max(0, current.baseline - value) * Self.blockSeconds
        current.depth = max(current.depth, below / max(1, ring.count))
        if value < current.nadir {
            current.nadir = value
            current.nadirSecond = start
        }
        event = current
        return nil
    }

    private mutating func begin(_ value: SaturationHundredths, at start: Int) {
        let baseline = ringSum / max(1, ring.count)
        event = DesaturationEvent(
            startSecond: start, endSecond: start + Self.blockSeconds, nadirSecond: start, baseline: baseline,
            nadir: value, area: max(0, baseline - value) * Self.blockSeconds, isCutOff: false,
            depth: baseline - value)
    }

    private mutating func remember(_ value: SaturationHundredths) {
        ringSum += value
        if ring.count < Self.baselineBlocks {
            ring.append(value)
        } else {
            ringSum -= ring[next]
            ring[next] = value
            next = (next + 1) % Self.baselineBlocks
        }
    }
}
