/// What a night of oximetry comes to. Every index names its definition; every share its time.
public struct OximetrySummary: Hashable, Sendable {
    /// Time with a usable value, holes of up to ten seconds filled, h. The denominator of every index.
    public var validHours: Double
    /// Of it, filled, s.
    public var heldSeconds: Int
    /// Not counted: holes between the first value and the last, s.
    public var gapSeconds: Int
    /// %.
    public var mean: Double?
    public var nadir: Double?
    /// Share of the valid time below 90 % and 88 %, %.
    public var t90Percent: Double?
    public var t88Percent: Double?
    /// Mean change from twelve seconds to the next, %.
    public var deltaIndex: Double?
    public var vendorCompatible: DesaturationCounts
    public var aasm: DesaturationCounts
    /// Area of the `aasm` events below their own levels, %·min an hour. From saturation alone, without airflow.
    public var hypoxicBurden: Double?
    public var clusters: EventClusters
    public var perfusion: PerfusionTrend
    public var meanPulseRate: Double?
    /// Values that did not count, by why.
    public var rejected: [OximetryRejection: Int]
    public var screening: ApnoeaScreening
}

/// Events of one definition.
public struct DesaturationCounts: Hashable, Sendable {
    public var events3: Int
    public var events4: Int
    /// Events in an hour of valid time; `nil` without time.
    public var odi3: Double?
    public var odi4: Double?

    public init(events3: Int, events4: Int, validHours: Double) {
        self.events3 = events3
        self.events4 = events4
        odi3 = validHours > 0 ? Double(events3) / validHours : nil
        odi4 = validHours > 0 ? Double(events4) / validHours : nil
    }
}

/// A screening, never a diagnosis: how often the saturation falls, graded as breathing pauses are.
public struct ApnoeaScreening: Hashable, Sendable {
    /// By ODI3 of the definition `aasm`, with the limits that sleep medicine uses for the pauses of an hour.
    public enum Grade: String, Hashable, Sendable, CaseIterable { case unlikely, mild, moderate, severe }

    /// `nil`: too little time to say.
    public var grade: Grade?
    /// Enough valid time for a night, and few holes.
    public var isConclusive: Bool

    /// Events in an hour from which each grade counts.
    public static let mildFrom = 5.0
    public static let moderateFrom = 15.0
    public static let severeFrom = 30.0
    /// Less is no night (AASM 2017: home recordings need four hours of adequate oximetry).
    public static let validHoursMin = 4.0
    /// Below this nothing is graded.
    public static let gradedHoursMin = 1.0
    /// Of the time between the first value and the last.
    public static let gapShareMax = 0.2

    public init(odi3: Double?, validHours: Double, gapSeconds: Int) {
        let gapHours = Double(gapSeconds) / 3600
        isConclusive =
            validHours >= Self.validHoursMin && gapHours <= Self.gapShareMax * (validHours + gapHours)
        guard let odi3, validHours >= Self.gradedHoursMin else { return }
        grade =
            switch odi3 {
            case ..<Self.mildFrom: .unlikely
            case ..<Self.moderateFrom: .mild
            case ..<Self.severeFrom: .moderate
            default: .severe
            }
    }
}
