/// How near the two best blows of a sitting are: ATS/ERS 2019, tables 7 (repeatability) and 10.
public enum Repeatability {
    /// The steps of table 10.
    public enum Step: Int, Hashable, Sendable, CaseIterable {
        /// Grades A and B, and table 7: the sitting is repeatable.
        case ab
        /// Grade C.
        case c
        /// Grade D.
        case d
    }

    /// Litres. Up to 6 years 0.100, 0.150 and 0.200 L, or 10 % of the largest, whichever is greater.
    public static func tolerance(_ step: Step, largest: Double, isYoungChild: Bool) -> Double {
        if isYoungChild {
            let litres = [0.100, 0.150, 0.200][step.rawValue]
            return max(litres, 0.10 * largest)
        }
        return [0.150, 0.200, 0.250][step.rawValue]
    }

    /// Between the two largest; `nil`: there are no two.
    public static func difference(of values: [Double]) -> Double? {
        let sorted = values.sorted(by: >)
        guard sorted.count > 1 else { return nil }
        return sorted[0] - sorted[1]
    }

    /// Volumes are compared as they are printed, in millilitres: 3.150 and 3.000 are 0.150 apart.
    static let roundingLitres = 0.0005

    static func isWithin(_ step: Step, _ values: [Double], isYoungChild: Bool) -> Bool {
        guard let difference = difference(of: values), let largest = values.max() else { return false }
        return difference <= tolerance(step, largest: largest, isYoungChild: isYoungChild) + roundingLitres
    }
}

/// The grade of a sitting, for FEV1 and for FVC by itself: ATS/ERS 2019, table 10.
public enum SittingGrade: String, Hashable, Sendable, CaseIterable {
    /// Three acceptable blows or more, the two best repeatable.
    case a = "A"
    /// Two acceptable blows, repeatable.
    case b = "B"
    /// Two or more, within the next step.
    case c = "C"
    /// Two or more, within the widest step.
    case d = "D"
    /// Two or more beyond it, or one.
    case e = "E"
    /// None is acceptable, one or more usable.
    case u = "U"
    /// None is of any use.
    case f = "F"

    /// - Parameters:
    ///   - acceptable: of the acceptable blows, litres.
    ///   - usableCount: how many blows are usable and not acceptable.
    public init(acceptable: [Double], usableCount: Int, isYoungChild: Bool = false) {
        let isWithin = { Repeatability.isWithin($0, acceptable, isYoungChild: isYoungChild) }
        if acceptable.count >= 3, isWithin(.ab) {
            self = .a
        } else if acceptable.count >= 2 {
            self = isWithin(.ab) ? .b : isWithin(.c) ? .c : isWithin(.d) ? .d : .e
        } else if acceptable.count == 1 {
            self = .e
        } else {
            self = usableCount > 0 ? .u : .f
        }
    }

    /// A to C may be used for decisions (ATS 2017, Culver et al., doi 10.1164/rccm.201710-1981ST).
    public var isReliable: Bool { [.a, .b, .c].contains(self) }
}
