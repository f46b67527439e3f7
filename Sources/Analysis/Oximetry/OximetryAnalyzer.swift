/// Judges oximetry as it comes: artefacts, desaturations by two definitions, indices of the hours so far.
///
/// A value without memory of the night: its state has the same size after a minute and after a year. Whatever the
/// pieces in which samples come, the result is the same.
public struct OximetryAnalyzer: Sendable {
    /// What becomes known while samples come.
    public enum Finding: Hashable, Sendable {
        /// A desaturation of 3 % or more is over.
        case desaturation(DesaturationDefinition, DesaturationEvent)
        /// Events have begun to repeat as pauses of breathing do; the second of the first of them.
        case cluster(startSecond: Int)
    }

    private var grid = SecondGrid()
    private var slope = SlopeFilter()
    private var settling = SettlingFilter()
    private var hold = HoldFilter()
    private var smooth = MiddleOfFive()
    private var vendor = VendorCompatibleDetector(depth: OximetryParameters.depth3)
    private var aasm = AASMDetector(depth: OximetryParameters.depth3)
    private var statistics = SaturationStatistics()
    private var clusters = EventClusters()
    private var perfusion = PerfusionTrend()
    private var vendorCounts = (events3: 0, events4: 0)
    private var aasmCounts = (events3: 0, events4: 0)
    private var area = 0
    private var pulseSum = 0.0
    private var pulseCount = 0

    /// What a device says of its own rate; else the smallest distance of two samples counts, ms.
    private let intervalMilliseconds: Int64?

    public init(intervalMilliseconds: Int64? = nil) { self.intervalMilliseconds = intervalMilliseconds }

    /// The milliseconds of the first sample: second 0 of all events.
    public var origin: Int64? { grid.origin }

    /// A fall of 3 % or more that is not over, by the definition `aasm`.
    public var desaturation: DesaturationEvent? { aasm.current }

    /// The level from which a fall counts now, %.
    public var level: Double? { aasm.baseline.map { Double($0) / 100 } }

    public mutating func add(_ sample: OximetrySample, _ tell: (Finding) -> Void) {
        if let second = grid.add(sample) { take(second, tell) }
    }

    /// Nothing more will come. The analyzer is of no further use but for its summary.
    public mutating func finish(_ tell: (Finding) -> Void) {
        guard grid.origin != nil else { return }
        take(grid.close(), tell)
        settle(at: .max, tell)
        for value in settling.finish() { pass(value, tell) }
        let interval = intervalMilliseconds ?? grid.intervalMilliseconds ?? 0
        fill(hold.finish(intervalSeconds: Int((min(max(0, interval), 60_000) + 500) / 1000)), tell)
        for value in smooth.flush() { judge(value, tell) }
        if let event = aasm.finish() { count(event, tell) }
        countVendor(vendor.finish(), tell)
    }
}

extension OximetryAnalyzer {
    private mutating func take(_ second: SecondGrid.Second, _ tell: (Finding) -> Void) {
        if let rate = second.pulseRate {
            pulseSum += rate
            pulseCount += 1
        }
        if let index = second.perfusionIndex { perfusion.add(second.index, index) }
        if second.lostContact {
            settle(at: .max, tell)
            for value in settling.lose() { pass(value, tell) }
        }
        guard let value = second.saturation else { return }
        slope.add(second.index, value)
        settle(at: second.index, tell)
    }

    /// Takes what the slope has let through by now.
    private mutating func settle(at second: Int, _ tell: (Finding) -> Void) {
        while let value = slope.next(at: second) {
            if settling.passes(value.second) {
                pass(value, tell)
            } else {
                for value in settling.add(value) { pass(value, tell) }
            }
        }
    }

    /// A value that is believed.
    private mutating func pass(_ value: SettlingFilter.Value, _ tell: (Finding) -> Void) {
        fill(hold.add(value.second, value.value), tell)
        count(value.second, value.value, isHeld: false, tell)
    }

    private mutating func fill(_ hole: HoldFilter.Hole, _ tell: (Finding) -> Void) {
        switch hole {
        case .none: break
        case .held(let seconds, let value): for second in seconds { count(second, value, isHeld: true, tell) }
        case .gap(let seconds):
            statistics.gap(seconds)
            for value in smooth.flush() { judge(value, tell) }
            if let event = aasm.gap(seconds) { count(event, tell) }
            countVendor(vendor.gap(seconds), tell)
        }
    }

    private mutating func count(
        _ second: Int, _ value: SaturationHundredths, isHeld: Bool, _ tell: (Finding) -> Void
    ) {
        statistics.add(value, isHeld: isHeld)
        countVendor(vendor.add(second, value), tell)
        if let smooth = smooth.add(second, value) { judge(smooth, tell) }
    }

    private mutating func judge(_ value: MiddleOfFive.Value, _ tell: (Finding) -> Void) {
        if let event = aasm.add(value) { count(event, tell) }
    }

    private mutating func count(_ event: DesaturationEvent, _ tell: (Finding) -> Void) {
        aasmCounts.events3 += 1
        if event.depth >= OximetryParameters.depth4 { aasmCounts.events4 += 1 }
        area += event.area
        tell(.desaturation(.aasm, event))
        if !event.isSustained, clusters.add(startSecond: event.startSecond) {
            tell(.cluster(startSecond: event.startSecond))
        }
    }

    private mutating func countVendor(_ event: DesaturationEvent?, _ tell: (Finding) -> Void) {
        guard let event else { return }
        vendorCounts.events3 += 1
        if event.depth >= OximetryParameters.depth4 { vendorCounts.events4 += 1 }
        tell(.desaturation(.vendorCompatible, event))
    }

    /// The night so far.
    public var summary: OximetrySummary {
        let hours = Double(statistics.seconds) / 3600
        let counts = DesaturationCounts(
            events3: aasmCounts.events3, events4: aasmCounts.events4, validHours: hours)
        func share(_ seconds: Int) -> Double? {
            statistics.seconds > 0 ? 100 * Double(seconds) / Double(statistics.seconds) : nil
        }
        var reasons = grid.rejected
        if slope.rejectedForSlope > 0 { reasons[.slope] = slope.rejectedForSlope }
        if slope.rejectedForMotion > 0 { reasons[.motion] = slope.rejectedForMotion }
        if settling.dropped > 0 { reasons[.acquisition] = settling.dropped }
        return OximetrySummary(
            validHours: hours, heldSeconds: statistics.heldSeconds, gapSeconds: statistics.gapSeconds,
            mean: statistics.mean, nadir: statistics.nadir.map { Double($0) / 100 },
            t90Percent: share(statistics.below90), t88Percent: share(statistics.below88),
            deltaIndex: statistics.deltaIndex,
            vendorCompatible: DesaturationCounts(
                events3: vendorCounts.events3, events4: vendorCounts.events4, validHours: hours),
            aasm: counts,
            hypoxicBurden: hours > 0 ? Double(area + aasm.tailArea) / 6000 / hours : nil, clusters: clusters,
            perfusion: perfusion, meanPulseRate: pulseCount > 0 ? pulseSum / Double(pulseCount) : nil,
            rejected: reasons,
            screening: ApnoeaScreening(
                odi3: counts.odi3, validHours: hours, gapSeconds: statistics.gapSeconds))
    }
}
