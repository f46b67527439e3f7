/// What a pattern of spirometry suggests: the interpretive strategy of ERS/ATS 2022 (Stanojevic et al., doi
/// 10.1183/13993003.01499-2021), on ventilatory impairments. An interpretation of numbers for a clinician, and no
/// diagnosis.
public struct Interpretation: Hashable, Sendable {
    public let pattern: Pattern
    /// By the z-score of FEV1 of an obstruction, of FVC of a possible restriction; `nil`: the pattern is normal.
    public let severity: Severity?

    /// A closed vocabulary; the raw value is the name on the wire.
    public enum Pattern: String, Hashable, Sendable, CaseIterable {
        case normal
        /// FEV1/FVC below its lower limit, FVC not.
        case obstruction
        /// FVC below its lower limit, FEV1/FVC not. Only lung volumes can tell.
        case possibleRestriction = "possible-restriction"
        /// Both below. Only lung volumes can tell.
        case mixed = "possible-mixed-disorder"
        /// Only FEV1 is below: preserved ratio, impaired spirometry.
        case nonspecific = "nonspecific-low-fev1"
    }

    /// ERS/ATS 2022, on severity.
    public enum Severity: String, Hashable, Sendable, CaseIterable {
        case normal, mild, moderate, severe

        /// Below the first mild, below the others moderate and severe.
        public static let limits = (mild: -1.645, moderate: -2.5, severe: -4.0)

        public init(z: Double) {
            if z < Self.limits.severe {
                self = .severe
            } else if z < Self.limits.moderate {
                self = .moderate
            } else {
                self = z < Self.limits.mild ? .mild : .normal
            }
        }
    }

    /// By z-scores; below -1.645 is below the lower limit of normal.
    public init(fev1Z: Double, fvcZ: Double, ratioZ: Double) {
        let limit = -ReferenceValue.limitZ
        switch (ratioZ < limit, fvcZ < limit) {
        case (true, false): pattern = .obstruction
        case (true, true): pattern = .mixed
        case (false, true): pattern = .possibleRestriction
        case (false, false): pattern = fev1Z < limit ? .nonspecific : .normal
        }
        switch pattern {
        case .normal: severity = nil
        case .obstruction, .mixed, .nonspecific: severity = Severity(z: fev1Z)
        case .possibleRestriction: severity = Severity(z: fvcZ)
        }
    }
}

/// Where a peak flow stands against the person's own best: the zones of an asthma action plan (NHLBI Expert Panel
/// Report 3, 2007, component 2).
public enum PeakFlowZone: String, Hashable, Sendable, CaseIterable {
    /// 80 % of the personal best or more.
    case green
    /// From 60 to below 80 %.
    case yellow
    /// Below 60 %.
    case red

    /// Percent of the personal best. EPR-3 names 80 and 50; 60 calls for help earlier, and an own limit may be set.
    public static let percents = (green: 80.0, yellow: 60.0)

    /// In one unit, whichever. `nil`: values that cannot be.
    public init?(_ flow: Double, personalBest: Double) {
        guard flow >= 0, personalBest > 0, flow.isFinite, personalBest.isFinite else { return nil }
        let percent = 100 * flow / personalBest
        self = percent >= Self.percents.green ? .green : percent >= Self.percents.yellow ? .yellow : .red
    }
}
