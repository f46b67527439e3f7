import Oximetry
import Testing
import Vitals

@Suite struct `Artefacts of oximetry` {
    @Test(
        arguments: [
            .sensorOff, .searching, .noSignal, .motion, .lowPerfusion, .artefact, .held, .noValue,
        ] as [QualityReasons])
    func `that the device tells never count`(_ reason: QualityReasons) {
        var values = [Double?](repeating: 97, count: 1200)
        var reasons: [Int: QualityReasons] = [:]
        for second in 600 ..< 640 {
            values[second] = 80
            reasons[second] = reason
        }
        let summary = Told(everySecond(values, reasons: reasons)).summary
        #expect(summary.nadir == 97)
        #expect(summary.aasm.events3 == 0)
        #expect(summary.gapSeconds == 40)
        #expect(summary.rejected[.deviceDoubt] == 40)
    }

    @Test(arguments: [0, 30, 49.9, 100.1, 127, 255, -3, Double.nan, .infinity, -.infinity, 1e300])
    func `are what no oximeter can measure`(_ value: Double) {
        var values = [Double?](repeating: 97, count: 1200)
        for second in 600 ..< 605 { values[second] = value }
        let summary = Told(everySecond(values)).summary
        #expect(summary.nadir == 97)
        #expect(summary.heldSeconds == 5)
        #expect(summary.gapSeconds == 0)
        #expect(summary.rejected[.outOfRange] == 5)
    }

    @Test func `are steps that blood cannot make, and a lasting one is believed in the end`() throws {
        var values = [Double?](repeating: 97, count: 1200)
        values[600] = 85
        values[601] = 86
        #expect(Told(everySecond(values)).summary.nadir == 97)
        for second in 600 ..< 700 { values[second] = 77 }
        let summary = Told(everySecond(values)).summary
        #expect(summary.nadir == 77)
        #expect(summary.aasm.events3 == 1)
        #expect(try #require(summary.rejected[.slope]) <= 10)
    }

    @Test func `are the climb behind the moment at which the sensor was put on`() {
        let climb: [Double?] = [86, 88, 90, 92, 93, 95]
        let steady = [Double?](repeating: 97, count: 300)
        let start = Told(everySecond(climb + steady)).summary
        #expect(start.nadir == 95)
        #expect(start.rejected[.acquisition] == 5)
        let off = [Double?](repeating: 97, count: 3)
        let reasons = Dictionary(uniqueKeysWithValues: (300 ..< 303).map { ($0, QualityReasons.sensorOff) })
        let again = Told(everySecond(steady + off + climb + steady, reasons: reasons)).summary
        #expect(again.nadir == 95)
        #expect(again.aasm.events3 == 0)
    }

    @Test func `leave a night whole that begins with a real fall`() {
        let values = [97.0, 97, 96, 95, 93, 92] + Array(repeating: 91, count: 600)
        let summary = Told(everySecond(values)).summary
        #expect(summary.rejected[.acquisition] == nil)
        #expect(summary.validHours * 3600 == 606)
    }
}

@Suite struct `Time of oximetry` {
    @Test(arguments: [(5, 5, 0), (10, 10, 0), (11, 0, 11), (300, 0, 300)])
    func `is held over short holes and never counted over long ones`(_ hole: Int, _ held: Int, _ gap: Int) {
        let values =
            [Double?](repeating: 96, count: 500) + Array(repeating: nil, count: hole)
            + Array(repeating: 96, count: 500)
        let summary = Told(everySecond(values)).summary
        #expect(summary.heldSeconds == held)
        #expect(summary.gapSeconds == gap)
        #expect((summary.validHours * 3600).rounded() == Double(1000 + held))
    }

    @Test func `does not run backwards or into eternity`() {
        var samples = everySecond(Array(repeating: 97, count: 100))
        samples.append(OximetrySample(milliseconds: 5000, saturation: 60))
        samples.append(OximetrySample(milliseconds: .max, saturation: 60))
        samples.append(OximetrySample(milliseconds: .min, saturation: 60))
        samples.append(OximetrySample(milliseconds: 200_000, saturation: 97))
        let summary = Told(samples).summary
        #expect(summary.nadir == 97)
        #expect((summary.validHours * 3600).rounded() == 101)
    }

    @Test func `below 90 and 88 percent is a share of the valid time`() {
        let values =
            [Double?](repeating: 92, count: 600) + Array(repeating: 89, count: 300)
            + Array(repeating: 87, count: 100)
        let summary = Told(everySecond(values)).summary
        #expect(summary.t90Percent == 40)
        #expect(summary.t88Percent == 10)
        #expect(summary.mean == 90.6)
    }

    @Test(arguments: [0.1, 0.25, 0.5, 1, 2, 4])
    func `is the same at every rate, and so are the events`(_ step: Double) {
        let night = Night.planted(60, depth: 5 ... 10, noise: 0, disturbances: 0, seed: 9)
        let reference = Told(night.samples()).summary
        let told = Told(night.samples(every: step))
        #expect(abs(told.summary.validHours - reference.validHours) < 0.001)
        for definition in DesaturationDefinition.allCases {
            #expect(told.mistakes(night, definition) == (0, 0), "\(definition)")
        }
        #expect(told.summary.aasm.events3 == reference.aasm.events3)
        #expect(told.summary.aasm.events4 == reference.aasm.events4)
        #expect(told.summary.vendorCompatible.events3 == reference.vendorCompatible.events3)
        #expect(abs((told.summary.mean ?? 0) - (reference.mean ?? 0)) < 0.05)
        #expect(abs((told.summary.t90Percent ?? 0) - (reference.t90Percent ?? 0)) < 0.2)
        #expect(abs((told.summary.hypoxicBurden ?? 0) - (reference.hypoxicBurden ?? 0)) < 1)
    }

    @Test func `has no memory of the night`() {
        #expect(MemoryLayout<OximetryAnalyzer>.size < 4096)
    }
}
