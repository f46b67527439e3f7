/// A set of reference equations of the Global Lung Function Initiative.
public enum ReferenceEquation: String, Hashable, Sendable, CaseIterable {
    /// Quanjer et al., Eur Respir J 2012; 40: 1324: with a term for each of five groups.
    case gli2012 = "GLI2012"
    /// Bowerman et al., Am J Respir Crit Care Med 2023; 207: 768: the same for everybody, as ATS advises since
    /// 2023.
    case gliGlobal2022 = "GLIGlobal2022"
}

/// What is compared with the equations.
public enum ReferenceMetric: String, Hashable, Sendable, CaseIterable {
    /// Litres.
    case fev1 = "FEV1"
    /// Litres.
    case fvc = "FVC"
    /// A ratio: 0.8, not 80 %.
    case fev1OverFVC = "FEV1FVC"

    /// What a measurement can be, in its unit. A ratio above 1 comes from FEV1 and FVC of different blows; 80 is
    /// per cent.
    public var possible: ClosedRange<Double> { self == .fev1OverFVC ? 0.05 ... 1.5 : 0.05 ... 15 }
    public var unit: String { self == .fev1OverFVC ? "1" : "L" }
}

/// Whom a measurement is compared with: what the equations want to know of a person, and no more.
public struct ReferenceSubject: Hashable, Sendable {
    public var sex: Sex
    public var ageYears: Double
    public var heightCentimetres: Double
    /// Needed by GLI-2012 only.
    public var group: Group

    public enum Sex: String, Hashable, Sendable, CaseIterable { case male, female }

    /// As GLI-2012 numbers its groups.
    public enum Group: Int, Hashable, Sendable, CaseIterable {
        case caucasian = 1
        case africanAmerican = 2
        case northEastAsian = 3
        case southEastAsian = 4
        case other = 5
    }

    /// What the equations were made for.
    public static let ages = 3.0 ... 95.0
    /// From a small child of three years to a giant. The equations have no bound of their own.
    public static let heights = 60.0 ... 230.0

    /// `nil`: outside what the equations were made for.
    public init?(sex: Sex, ageYears: Double, heightCentimetres: Double, group: Group = .other) {
        guard Self.ages.contains(ageYears), Self.heights.contains(heightCentimetres) else { return nil }
        self.sex = sex
        self.ageYears = ageYears
        self.heightCentimetres = heightCentimetres
        self.group = group
    }
}
