import Vitals

/// A night, second by second: what was shown, whoever told it.
///
/// The same night streamed and taken from the device's memory makes two records; ``merge(_:)`` makes them one.
public struct NightRecord: Hashable, Sendable {
    /// Seconds since 1970 of the first value.
    public private(set) var startSecond: Int64
    /// Tenths of a percent; ``none`` or ``noContact`` where there is no value.
    public private(set) var saturations: [Int16] = []
    /// Beats a minute; ``none`` where there is no value.
    public private(set) var pulseRates: [Int16] = []
    /// The smallest distance of two values, s: how long one stands.
    public private(set) var intervalSeconds = maxInterval
    public private(set) var validSeconds = 0
    private var lastValid: Int?

    public static let none: Int16 = -1
    public static let noContact: Int16 = -2
    /// Longer than any night.
    public static let secondsMax = 16 * 3600
    private static let maxInterval = 60

    public init(startSecond: Int64) { self.startSecond = startSecond }

    /// Behind its last value.
    public var endSecond: Int64 { startSecond &+ Int64(saturations.count) }

    /// One moment. `false`: it is before the beginning, or too far behind it.
    @discardableResult
    public mutating func set(
        second: Int64, saturation: Double?, pulseRate: Double?, hasContact: Bool = true
    ) -> Bool {
        let (offset, overflow) = second.subtractingReportingOverflow(startSecond)
        guard !overflow, offset >= 0, offset < Int64(Self.secondsMax) else { return false }
        let place = Int(offset)
        if place >= saturations.count {
            let missing = place + 1 - saturations.count
            saturations += Array(repeating: Self.none, count: missing)
            pulseRates += Array(repeating: Self.none, count: missing)
        }
        if let saturation, (0 ... 100).contains(saturation) {
            if saturations[place] < 0 { validSeconds += 1 }
            saturations[place] = Int16((saturation * 10).rounded())
            if let lastValid, place > lastValid { intervalSeconds = min(intervalSeconds, place - lastValid) }
            lastValid = place
        } else if !hasContact, saturations[place] < 0 {
            saturations[place] = Self.noContact
        }
        if let pulseRate, (1 ... 400).contains(pulseRate) { pulseRates[place] = Int16(pulseRate.rounded()) }
        return true
    }

    /// The span of both has seconds in common.
    public func overlaps(_ other: NightRecord) -> Bool {
        startSecond < other.endSecond && other.startSecond < endSecond
    }

    /// Takes from the other what this one lacks.
    public mutating func merge(_ other: NightRecord) {
        guard other.startSecond >= startSecond else {
            var earlier = other
            earlier.fill(from: self)
            self = earlier
            return
        }
        fill(from: other)
    }

    private mutating func fill(from other: NightRecord) {
        let interval = min(intervalSeconds, other.intervalSeconds)
        for (index, value) in other.saturations.enumerated() {
            let second = other.startSecond &+ Int64(index)
            let place = Int(clamping: second &- startSecond)
            let isKnown = saturations.indices.contains(place) && saturations[place] >= 0
            let pulse = other.pulseRates[index]
            set(
                second: second, saturation: isKnown || value < 0 ? nil : Double(value) / 10,
                pulseRate: pulse > 0 && !isKnown ? Double(pulse) : nil, hasContact: value != Self.noContact)
        }
        intervalSeconds = interval
    }

    /// The seconds between two values stand for the one before, if they are that near.
    public var holdSeconds: Int { min(max(1, intervalSeconds), OximetryParameters.holdSecondsMax) }
}

/// What a whole night comes to.
public struct NightAnalysis: Hashable, Sendable {
    public var summary: OximetrySummary
    /// In the order of their ends.
    public var events: [DesaturationDefinition: [DesaturationEvent]]

    public init(_ night: NightRecord) {
        var analyzer = OximetryAnalyzer(intervalMilliseconds: Int64(night.intervalSeconds) * 1000)
        var events: [DesaturationDefinition: [DesaturationEvent]] = [:]
        func hear(_ finding: OximetryAnalyzer.Finding) {
            if case .desaturation(let definition, let event) = finding {
                events[definition, default: []].append(event)
            }
        }
        for (second, value) in night.saturations.enumerated() {
            let pulse = night.pulseRates[second]
            guard value != NightRecord.none || pulse > 0 || second == 0 else { continue }
            analyzer.add(
                OximetrySample(
                    milliseconds: Int64(second) * 1000, saturation: value >= 0 ? Double(value) / 10 : nil,
                    pulseRate: pulse > 0 ? Double(pulse) : nil,
                    reasons: value == NightRecord.noContact ? .sensorOff : []), hear)
        }
        analyzer.finish(hear)
        summary = analyzer.summary
        self.events = events
    }
}
