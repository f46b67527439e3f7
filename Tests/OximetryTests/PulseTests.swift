import Oximetry
import Testing

@Suite struct `Pulse rate` {
    @Test(arguments: [35.0, 60, 72.5, 110, 180])
    func `is the rate of the beats`(_ rate: Double) throws {
        var meter = PulseRateMeter()
        for beat in 0 ..< 20 { meter.add(beatAt: Double(beat) * 60 / rate) }
        let found = try #require(meter.rate(at: 19 * 60 / rate))
        #expect(abs(found - rate) < 0.001)
        #expect(meter.regularity == 1)
    }

    @Test func `does not move with one missed or doubled beat`() throws {
        var meter = PulseRateMeter()
        for beat in 0 ..< 12 where beat != 6 { meter.add(beatAt: Double(beat)) }
        meter.add(beatAt: 11.4)
        #expect(try #require(meter.rate(at: 12)) == 60)
    }

    @Test func `is none behind a pause`() {
        var meter = PulseRateMeter()
        for beat in 0 ..< 12 { meter.add(beatAt: Double(beat)) }
        #expect(meter.rate(at: 15) == 60)
        #expect(meter.rate(at: 17) == nil)
        meter.add(beatAt: 30)
        #expect(meter.rate(at: 30) == nil)
        meter.add(beatAt: .nan)
        meter.add(beatAt: -5)
    }

    @Test(arguments: [(60.0, 64.0, true), (60, 67, false), (120, 131, true), (120, 134, false)])
    func `agrees with the heart rate within its tolerance`(_ heart: Double, _ pulse: Double, _ agrees: Bool) {
        var agreement = PulseAgreement()
        for _ in 0 ..< 29 { agreement.add(pulseRate: pulse, heartRate: heart) }
        #expect(agreement.share == nil)
        agreement.add(pulseRate: pulse, heartRate: heart)
        #expect(agreement.share == (agrees ? 1 : 0))
        #expect(agreement.isLost == !agrees)
        #expect(agreement.agreedSeconds == (agrees ? 30 : 0))
    }

    @Test func `forgets what is older than a minute`() {
        var agreement = PulseAgreement()
        for _ in 0 ..< 200 { agreement.add(pulseRate: 90, heartRate: 60) }
        for _ in 0 ..< 60 { agreement.add(pulseRate: 61, heartRate: 60) }
        #expect(agreement.share == 1)
    }
}

@Suite struct `Perfusion` {
    @Test func `has a line through the night`() throws {
        var trend = PerfusionTrend()
        for second in 0 ..< 7200 { trend.add(second, 3 - Double(second) / 3600) }
        #expect(abs(try #require(trend.perHour) + 1) < 1e-6)
        #expect(abs(try #require(trend.mean) - 2) < 0.01)
        #expect(trend.lowShare == 0)
        #expect(PerfusionTrend().perHour == nil)
    }
}
