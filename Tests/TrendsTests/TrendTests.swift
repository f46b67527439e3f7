import Testing
import Trends
import Vitals

@Suite struct `Trends` {
    /// Alerts that begin or grow: an exacerbation, a decline of a metric, missed measurements.
    static func alerts(_ patient: SimulatedPatient, days: Int) -> (
        exacerbations: [Int], declines: [(Int, TrendMetric)], missed: Int
    ) {
        var trends = PatientTrends()
        var exacerbations: [Int] = []
        var declines: [(Int, TrendMetric)] = []
        var missed = 0
        var before: (level: Int, declines: Set<TrendMetric>, missed: Bool) = (0, [], false)
        patient.live(days: days) { value, time in
            if let value { trends.add(value.metric, value.value, at: time) }
            guard value == nil else { return }
            trends.advance(to: time)
            let day = Int(time / SimulatedPatient.day) - 20_000
            let flagged = Set(trends.declines.map(\.metric))
            if trends.exacerbationLevel > before.level { exacerbations.append(day) }
            declines += flagged.subtracting(before.declines).map { (day, $0) }
            let isMissed = !trends.missed(at: time).isEmpty
            if isMissed, !before.missed { missed += 1 }
            before = (trends.exacerbationLevel, flagged, isMissed)
        }
        return (exacerbations, declines, missed)
    }

    @Test func `of stable patients alert less than once in ten days`() {
        var alerts = 0
        let patients = 12
        let days = 120
        for seed in 1 ... patients {
            let told = Self.alerts(SimulatedPatient(seed: UInt64(seed)), days: days)
            alerts += told.exacerbations.count + told.declines.count + told.missed
        }
        let burden = Double(alerts) / Double(patients * days)
        #expect(burden <= 0.10)
    }

    @Test(arguments: 1 ... 10)
    func `see an exacerbation within three days`(_ seed: Int) throws {
        let start = 60
        let patient = SimulatedPatient(seed: UInt64(seed)) { day, metric in
            guard day >= start else { return 0 }
            switch metric {
            case .forcedExpiratoryVolume1s: return -0.35
            case .forcedVitalCapacity: return -0.5
            case .peakExpiratoryFlow: return -60
            case .oxygenSaturation: return -4.5
            case .pulseRate: return 18
            case .respirationRate: return 6
            default: return 0
            }
        }
        let told = Self.alerts(patient, days: 70)
        let first = try #require(told.exacerbations.first { $0 >= start })
        #expect(first <= start + 3)
    }

    @Test(arguments: 1 ... 10)
    func `see a slow decline of FEV1`(_ seed: Int) throws {
        let start = 60
        let patient = SimulatedPatient(seed: UInt64(seed)) { day, metric in
            metric == .forcedExpiratoryVolume1s && day >= start ? -0.006 * Double(day - start) : 0
        }
        let told = Self.alerts(patient, days: 110)
        #expect(told.declines.contains { $0.0 > start && $0.1 == .forcedExpiratoryVolume1s })
    }

    @Test func `tell measurements that were missed, once they had become a habit`() {
        let patient = SimulatedPatient(
            seed: 3, skips: { day, metric in metric == .peakExpiratoryFlow && day >= 20 })
        #expect(Self.alerts(patient, days: 25).missed == 1)
        let never = SimulatedPatient(
            seed: 3, skips: { day, metric in metric == .peakExpiratoryFlow && day % 5 != 0 })
        #expect(Self.alerts(never, days: 25).missed == 0)
    }

    @Test func `carry what they were judged from`() throws {
        var trends = PatientTrends()
        let patient = SimulatedPatient(seed: 8) { day, metric in
            day >= 30 ? (metric == .oxygenSaturation ? -5 : metric == .pulseRate ? 20 : 0) : 0
        }
        var last: Int64 = 0
        patient.live(days: 32) { value, time in
            if let value { trends.add(value.metric, value.value, at: time) } else { trends.advance(to: time) }
            last = time
        }
        let assessment = trends.assessment(at: last)
        let fall = try #require(assessment.indicators.first { $0.sign == .saturationFall })
        #expect(fall.metric == .oxygenSaturation)
        #expect(abs(fall.level - 94.5) < 1)
        #expect(fall.value < fall.limit)
        let rise = try #require(assessment.indicators.first { $0.sign == .pulseRise })
        #expect(rise.value > rise.limit && rise.limit > rise.level)
        #expect(assessment.level >= 1)
    }

    @Test func `take a new level for the patient's own when it lasts`() {
        let patient = SimulatedPatient(seed: 4) { day, metric in
            metric == .forcedExpiratoryVolume1s && day >= 40 ? -0.3 : 0
        }
        var trends = PatientTrends()
        var flagged: [Int] = []
        patient.live(days: 90) { value, time in
            if let value { trends.add(value.metric, value.value, at: time) } else { trends.advance(to: time) }
            if trends.declines.contains(where: { $0.metric == .forcedExpiratoryVolume1s }) {
                flagged.append(Int(time / SimulatedPatient.day) - 20_000)
            }
        }
        #expect(flagged.first.map { (40 ... 46).contains($0) } ?? false)
        #expect(!flagged.contains(85))
    }

    @Test func `know the level of each part of the day`() throws {
        var trends = PatientTrends()
        SimulatedPatient(seed: 5).live(days: 40) { value, time in
            if let value { trends.add(value.metric, value.value, at: time) } else { trends.advance(to: time) }
        }
        let pulse = try #require(trends.metrics[.pulseRate])
        let night = try #require(pulse.baseline.level(bin: 0))
        let evening = try #require(pulse.baseline.level(bin: 4))
        #expect(evening - night > 4)
        #expect(try #require(trends.metrics[.forcedExpiratoryVolume1s]?.variability) < 0.08)
    }

    @Test func `stay within their bounds and read back as they were`() throws {
        var trends = PatientTrends(TrendSettings(scale: .scale2))
        SimulatedPatient(seed: 6).live(days: 100) { value, time in
            if let value { trends.add(value.metric, value.value, at: time) } else { trends.advance(to: time) }
        }
        #expect(trends.text.utf8.count < 65_536)
        var again = try #require(PatientTrends(text: trends.text, settings: trends.settings))
        #expect(again.text == trends.text)
        #expect(again == trends)
        // And they go on alike.
        let time: Int64 = (20_000 + 101) * SimulatedPatient.day
        for index in 0 ..< 50 {
            trends.add(.pulseRate, 80 + Double(index), at: time + Int64(index) * 600)
            again.add(.pulseRate, 80 + Double(index), at: time + Int64(index) * 600)
        }
        trends.advance(to: time + 100_000)
        again.advance(to: time + 100_000)
        #expect(again.text == trends.text)
    }

    @Test(arguments: [
        "", "2 0 - 0 0", "1 0 x 0 0", "1 0 - 0 9", "1 0 - 0 0 unknown", "1 0 - 0 0 body-weight - 1 99",
    ])
    func `do not believe a state that cannot be read`(_ text: String) {
        #expect(PatientTrends(text: text, settings: TrendSettings()) == nil)
    }

    @Test func `are read from a state that an older program kept`() throws {
        let text = "1 1 20000 2 1 pulse-rate 88.0 1728000000"
        let trends = try #require(PatientTrends(text: text, settings: TrendSettings()))
        #expect(trends.exacerbationLevel == 2)
        #expect(trends.vitals[.pulseRate]?.value == 88)
    }

    @Test func `survive values and times that mean nothing`() {
        var trends = PatientTrends()
        for value in [Double.nan, .infinity, -.infinity, 1e308, -1e308, 0] {
            for time in [Int64.min, -1, 0, 1, Int64.max] {
                trends.add(.oxygenSaturation, value, at: time)
                trends.advance(to: time)
            }
        }
        _ = trends.news2(at: .max)
        _ = trends.assessment(at: .min)
        #expect(PatientTrends(text: trends.text, settings: trends.settings) != nil)
    }
}
