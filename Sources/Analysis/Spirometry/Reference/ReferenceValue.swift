import Numbers

/// What is expected of a person: median, coefficient of variation and skewness, after Cole's LMS method.
public struct ReferenceValue: Hashable, Sendable {
    /// Skewness.
    public let l: Double
    /// Median: the predicted value.
    public let m: Double
    /// Coefficient of variation.
    public let s: Double

    /// The z-score of the 5th and, with the other sign, the 95th percentile.
    public static let limitZ = 1.6448536269514722
    /// Below, the power is taken for its limit, the logarithm.
    static let skewnessMin = 1e-9

    public init(_ metric: ReferenceMetric, of subject: ReferenceSubject, by equation: ReferenceEquation) {
        let model = ReferenceModel.model(metric, subject.sex, equation)
        (l, m, s) = model.lms(of: subject)
    }

    /// How many standard deviations the measurement is away from the median.
    public func z(_ measured: Double) -> Double {
        guard measured > 0 else { return -.infinity }
        if abs(l) < Self.skewnessMin { return Mathematics.log(measured / m) / s }
        return (Mathematics.pow(measured / m, l) - 1) / (l * s)
    }

    /// The measurement that has this z-score.
    public func value(z: Double) -> Double {
        if abs(l) < Self.skewnessMin { return m * Mathematics.exp(s * z) }
        return m * Mathematics.pow(max(0, 1 + l * s * z), 1 / l)
    }

    /// The 5th percentile: lower limit of normal (ERS/ATS 2022, Stanojevic et al., doi
    /// 10.1183/13993003.01499-2021).
    public var lowerLimit: Double { value(z: -Self.limitZ) }
    /// The 95th percentile.
    public var upperLimit: Double { value(z: Self.limitZ) }
    public func percentPredicted(_ measured: Double) -> Double { 100 * measured / m }
}

/// One equation: terms in height, age and group, and splines over the age.
struct ReferenceModel: Sendable {
    /// Of the logarithm of M: constant, ln(height in cm), ln(age).
    let median: (constant: Double, height: Double, age: Double)
    /// Of the logarithm of S: constant, ln(age).
    let variation: (constant: Double, age: Double)
    /// Of L: constant, ln(age).
    let skewness: (constant: Double, age: Double)
    /// Of the groups 2 to 5; the first is the one that the equation was made for.
    var groups: (median: [Double], variation: [Double]) = ([], [])
    let splines: (m: [Int32], s: [Int32], l: [Int32])
    let scale: Double

    func lms(of subject: ReferenceSubject) -> (l: Double, m: Double, s: Double) {
        let (height, age) = (Mathematics.log(subject.heightCentimetres), Mathematics.log(subject.ageYears))
        let group = subject.group.rawValue - 2
        let groupMedian = groups.median.indices.contains(group) ? groups.median[group] : 0
        let groupVariation = groups.variation.indices.contains(group) ? groups.variation[group] : 0
        let m = median.constant + median.height * height + median.age * age + groupMedian
        let s = variation.constant + variation.age * age + groupVariation
        return (
            skewness.constant + skewness.age * age + spline(splines.l, subject.ageYears),
            Mathematics.exp(m + spline(splines.m, subject.ageYears)),
            Mathematics.exp(s + spline(splines.s, subject.ageYears))
        )
    }

    /// Straight between the quarters of a year; 0 where there is no spline.
    private func spline(_ values: [Int32], _ ageYears: Double) -> Double {
        guard let last = values.last else { return 0 }
        let place = (ageYears - ReferenceSubject.ages.lowerBound) * 4
        guard place >= 0, place < Double(values.count - 1) else { return Double(last) / scale }
        let index = Int(place)
        let (below, above) = (Double(values[index]), Double(values[index + 1]))
        return (below + (above - below) * (place - Double(index))) / scale
    }

    static func model(
        _ metric: ReferenceMetric, _ sex: ReferenceSubject.Sex, _ equation: ReferenceEquation
    ) -> ReferenceModel {
        switch (equation, sex) {
        case (.gli2012, .male): gli2012Male(metric)
        case (.gli2012, .female): gli2012Female(metric)
        case (.gliGlobal2022, .male): gliGlobalMale(metric)
        case (.gliGlobal2022, .female): gliGlobalFemale(metric)
        }
    }
}
