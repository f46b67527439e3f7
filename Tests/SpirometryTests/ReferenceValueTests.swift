import Spirometry
import Testing

@Suite struct `Reference values` {
    /// Whom, what was measured, and what is expected of it.
    struct Row: Sendable {
        let equation: ReferenceEquation
        let metric: ReferenceMetric
        let subject: ReferenceSubject?
        let measured: Double
        let z: Double
        let limit: Double

        init(
            _ equation: ReferenceEquation, _ metric: ReferenceMetric, _ sex: ReferenceSubject.Sex, _ group: Int,
            _ age: Double, _ height: Double, _ measured: Double, z: Double, limit: Double
        ) {
            self.equation = equation
            self.metric = metric
            subject = ReferenceSubject(
                sex: sex, ageYears: age, heightCentimetres: height,
                group: ReferenceSubject.Group(rawValue: group) ?? .other)
            self.measured = measured
            self.z = z
            self.limit = limit
        }

        /// GLI-2012 is published with four decimals.
        var tolerance: Double { equation == .gli2012 ? 5e-3 : 1e-3 }

        /// Computed from the published tables by another program (the data set gli).
        static let some = [
            Row(.gli2012, .fev1, .male, 5, 30.34, 166.1, 3.614, z: 0.05800, limit: 2.85521),
            Row(.gli2012, .fev1OverFVC, .male, 1, 54.44, 165.7, 0.419, z: -4.34847, limit: 0.67806),
            Row(.gli2012, .fvc, .male, 2, 70.3, 117.3, 1.009, z: -1.35875, limit: 0.94561),
            Row(.gli2012, .fev1, .female, 2, 84.33, 145.1, 1.315, z: 0.30424, limit: 0.80891),
            Row(.gli2012, .fev1OverFVC, .female, 1, 19.14, 143.2, 1.041, z: 2.84216, limit: 0.78398),
            Row(.gli2012, .fvc, .female, 2, 17.83, 121.7, 1.628, z: -0.17301, limit: 1.30870),
            Row(.gliGlobal2022, .fev1, .male, 5, 41.08, 183.6, 5.067, z: 1.33425, limit: 3.28013),
            Row(.gliGlobal2022, .fev1OverFVC, .male, 5, 36.98, 165.3, 0.775, z: -0.92627, limit: 0.72606),
            Row(.gliGlobal2022, .fvc, .male, 5, 54.77, 109.7, 0.676, z: -3.00686, limit: 0.91510),
            Row(.gliGlobal2022, .fev1, .female, 5, 13.8, 165.3, 1.714, z: -3.20872, limit: 2.39151),
            Row(.gliGlobal2022, .fev1OverFVC, .female, 5, 54.77, 148.1, 0.539, z: -3.22607, limit: 0.70000),
            Row(.gliGlobal2022, .fvc, .female, 5, 7.93, 188.8, 2.588, z: -3.45090, limit: 3.65528),
        ]

        /// All of `golden.csv`, where it is there.
        static let all: [Row] = DataFolder.lines("gli/golden.csv").dropFirst().compactMap { line in
            let words = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            guard words.count >= 13, let equation = ReferenceEquation(rawValue: words[0]),
                let metric = ReferenceMetric(rawValue: words[5]), let age = Double(words[3]),
                let height = Double(words[4]), let measured = Double(words[6]), let z = Double(words[10]),
                let limit = Double(words[11])
            else { return nil }
            return Row(
                equation, metric, words[1] == "1" ? .male : .female, Int(words[2]) ?? 5, age, height, measured,
                z: z,
                limit: limit)
        }
    }

    @Test(arguments: Row.some) func `agree with those of another program`(_ row: Row) throws {
        let reference = ReferenceValue(row.metric, of: try #require(row.subject), by: row.equation)
        #expect(abs(reference.z(row.measured) - row.z) <= row.tolerance)
        #expect(abs(reference.lowerLimit - row.limit) <= 1e-3)
    }

    @Test(.enabled(if: !Row.all.isEmpty)) func `agree in every row of the golden table`() throws {
        #expect(Row.all.count > 900)
        for row in Row.all {
            let reference = ReferenceValue(row.metric, of: try #require(row.subject), by: row.equation)
            #expect(abs(reference.z(row.measured) - row.z) <= row.tolerance, "\(row)")
        }
    }

    @Test func `have limits that are five and ninety-five in a hundred`() throws {
        let subject = try #require(ReferenceSubject(sex: .female, ageYears: 34.1, heightCentimetres: 165))
        for equation in ReferenceEquation.allCases {
            for metric in ReferenceMetric.allCases {
                let reference = ReferenceValue(metric, of: subject, by: equation)
                #expect(abs(reference.z(reference.lowerLimit) + ReferenceValue.limitZ) < 1e-9)
                #expect(abs(reference.z(reference.upperLimit) - ReferenceValue.limitZ) < 1e-9)
                #expect(reference.z(reference.m) == 0 && reference.percentPredicted(reference.m) == 100)
                #expect(reference.z(0) == -.infinity)
            }
        }
    }

    @Test(arguments: ReferenceEquation.allCases) func `go on without a step between the quarters of a year`(
        _ equation: ReferenceEquation
    ) throws {
        var last: Double?
        for month in 0 ... 92 * 48 {
            let age = 3 + Double(month) / 48
            let subject = try #require(ReferenceSubject(sex: .male, ageYears: age, heightCentimetres: 150))
            let m = ReferenceValue(.fvc, of: subject, by: equation).m
            if let last { #expect(abs(m - last) < 0.02) }
            last = m
        }
    }

    @Test func `are of nobody outside the ages and heights they were made for`() {
        for (age, height) in [(2.9, 100.0), (95.1, 170), (30, 20), (30, 300), (.nan, 170), (30, .infinity)] {
            #expect(ReferenceSubject(sex: .male, ageYears: age, heightCentimetres: height) == nil)
        }
    }

    @Test(
        arguments: [
            (0, 0, 0, .normal, nil), (-1, 0, -2, .obstruction, .normal), (-2, 0, -2, .obstruction, .mild),
            (-3, -1, -3, .obstruction, .moderate), (-4.1, -1.6, -3, .obstruction, .severe),
            (-2, -2.6, 0, .possibleRestriction, .moderate), (-3, -2, -2, .mixed, .moderate),
            (-1.7, -1, -1, .nonspecific, .mild),
        ] as [(Double, Double, Double, Interpretation.Pattern, Interpretation.Severity?)])
    func `make a pattern`(
        _ fev1: Double, _ fvc: Double, _ ratio: Double, _ pattern: Interpretation.Pattern,
        _ severity: Interpretation.Severity?
    ) {
        let interpretation = Interpretation(fev1Z: fev1, fvcZ: fvc, ratioZ: ratio)
        #expect(interpretation.pattern == pattern && interpretation.severity == severity)
    }

    @Test(
        arguments: [(500, .green), (400, .green), (399, .yellow), (300, .yellow), (299, .red)]
            as [(Double, PeakFlowZone)])
    func `of peak flow are the person's own`(_ flow: Double, _ zone: PeakFlowZone) {
        #expect(PeakFlowZone(flow, personalBest: 500) == zone)
        #expect(PeakFlowZone(.nan, personalBest: 500) == nil && PeakFlowZone(flow, personalBest: 0) == nil)
    }

    /// Table of factors of a water-sealed spirometer, ATS 1994: 20 °C 1.102, 25 °C 1.075, 30 °C 1.045, 37 °C 1.
    @Test(arguments: [(20.0, 1.102), (25, 1.075), (30, 1.045), (37, 1.0)])
    func `of temperature are those of the tables`(_ celsius: Double, _ factor: Double) throws {
        let btps = try #require(BTPS(ambientCelsius: celsius, relativeHumidityPercent: 100))
        #expect(abs(btps.inspiredFactor - factor) < 0.002)
        #expect(abs(btps.expiredFactor(sensorCelsius: celsius) - factor) < 0.002)
        #expect(btps.corrected(flow: [1, -1], sensorCelsius: 37)[0] == btps.expiredFactor(sensorCelsius: 37))
        #expect(
            BTPS(ambientCelsius: .nan) == nil && BTPS(ambientCelsius: 20, ambientMillimetresOfMercury: 0) == nil)
    }
}
