/// What a blow is worth, by table 7 of ATS/ERS 2019, and why not more.
public struct BlowJudgement: Hashable, Sendable {
    public private(set) var faults: [BlowFault]
    public let isYoungChild: Bool

    /// Faults that were found elsewhere.
    public init(faults: [BlowFault], isYoungChild: Bool = false) {
        self.faults = faults
        self.isYoungChild = isYoungChild
    }

    /// - Parameters:
    ///   - largestPriorFVC: of the blows before it in this sitting, litres; `nil`: it is the first.
    ///   - isYoungChild: 6 years or younger.
    public init(_ blow: Blow, largestPriorFVC: Double? = nil, isYoungChild: Bool = false) {
        self.isYoungChild = isYoungChild
        let measures = blow.measures
        let capacity = measures.forcedVitalCapacityLitres
        let first = BlowLimits.firstSeconds(isYoungChild: isYoungChild)
        let margin = max(BlowLimits.volumeLitresMax, BlowLimits.volumeShareMax * capacity)
        let dips = FlowDips(blow)
        let sensor = SensorFaults(blow)
        var faults: [BlowFault] = []
        func add(_ fault: BlowFault, if isSo: Bool) { if isSo { faults.append(fault) } }

        add(.extrapolatedVolume, if: measures.extrapolatedVolumeLitres > margin)
        add(.zeroFlow, if: sensor.hasZeroFlowError)
        add(.coughInFirstSecond, if: dips.coughSeconds.contains { $0 < first })
        if let closure = dips.closureSeconds {
            faults.append(closure < first ? .glotticClosureInFirstSecond : .glotticClosure)
        }
        add(
            .noEndOfExpiration,
            if: !Self.reachesEnd(measures, largestPriorFVC: largestPriorFVC, isYoungChild: isYoungChild))
        add(.obstruction, if: Self.isBox(measures))
        add(.leak, if: sensor.hasLeak)
        add(.inspirationExceeds, if: measures.fivcLitres.map { $0 - capacity > margin } ?? false)
        add(.tooShort, if: (isYoungChild ? measures.fev075Litres : measures.fev1Litres) == nil)
        add(.hesitation, if: measures.hesitationSeconds.map { $0 > BlowLimits.hesitationSecondsMax } ?? false)
        let isSlow = measures.riseTimeSeconds.map { $0 > BlowLimits.riseTimeSecondsMax } ?? false
        add(.slowRise, if: isSlow)
        let share = capacity > 0 ? measures.peakVolumeLitres / capacity : 0
        add(.submaximal, if: isSlow && share > BlowLimits.latePeakShare)
        add(.coughLater, if: dips.coughSeconds.contains { $0 >= first })
        self.faults = faults
    }

    public subscript(measure: GradedMeasure) -> Acceptability {
        let spoils = { (use: Bool) in
            faults.contains { $0.spoils(measure, use: use, isYoungChild: isYoungChild) }
        }
        if !spoils(false) { return .acceptable }
        return spoils(true) ? .unusable : .usable
    }

    /// The faults that keep this number from being acceptable.
    public func reasons(against measure: GradedMeasure) -> [BlowFault] {
        faults.filter { $0.spoils(measure, use: false, isYoungChild: isYoungChild) }
    }

    /// Seen only beside the others of the sitting.
    mutating func addSubmaximal() {
        if !faults.contains(.submaximal) { faults.append(.submaximal) }
    }

    /// Table 7, row 6: a plateau, or 15 s, or as much as before.
    static func reachesEnd(_ measures: BlowMeasures, largestPriorFVC: Double?, isYoungChild: Bool) -> Bool {
        if measures.hasPlateau || measures.expirationSeconds >= BlowLimits.expirationSecondsEnough { return true }
        guard let prior = largestPriorFVC else { return false }
        let tolerance = Repeatability.tolerance(.ab, largest: prior, isYoungChild: isYoungChild)
        return measures.forcedVitalCapacityLitres >= prior - tolerance
    }

    /// The flow stays up until nearly all is out: something holds it down.
    private static func isBox(_ measures: BlowMeasures) -> Bool {
        guard let late = measures.fef75LitresPerSecond else { return false }
        return late >= BlowLimits.boxShare * measures.peakFlowLitresPerSecond
    }
}

extension BlowMeasures {
    /// No more than 0.025 L in the last second of the expiration: table 7, row 6.
    public var hasPlateau: Bool { lastSecondLitres.map { $0 <= BlowLimits.plateauLitresMax } ?? false }
}
