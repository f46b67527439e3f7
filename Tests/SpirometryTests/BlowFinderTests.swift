import Spirometry
import Testing

@Suite struct `A flow that never ends` {
    /// Tidal breathing with two blows in it.
    private static let flow: [Double] = {
        var flow: [Double] = []
        func breathe(_ seconds: Int) {
            for index in 0 ..< seconds * 100 { flow.append(index % 400 < 200 ? 0.45 : -0.45) }
        }
        breathe(20)
        flow += TestBlow(quiet: 0, inspired: 2.5, inspiredAfter: 4).samples().values
        breathe(30)
        flow += TestBlow(peak: 6, quiet: 0, inspired: 2.5, seconds: 9).samples().values
        breathe(10)
        return flow
    }()

    @Test func `gives the blows in it, whole`() throws {
        var finder = try #require(BlowFinder(sampleRateHz: 100))
        var found = Self.flow.compactMap { finder.add($0) }
        if let last = finder.finish() { found.append(last) }
        #expect(found.count == 2)
        let alone = [TestBlow(inspired: 2.5, inspiredAfter: 4), TestBlow(peak: 6, inspired: 2.5, seconds: 9)]
        for (samples, blow) in zip(found, alone) {
            let measures = try BlowMeasures(samples)
            let expected = try blow.blow().measures
            #expect(abs(measures.peakFlowLitresPerSecond - expected.peakFlowLitresPerSecond) < 0.001)
            #expect(abs((measures.fev1Litres ?? 0) - (expected.fev1Litres ?? 1)) < 0.002)
            #expect(abs(measures.forcedVitalCapacityLitres - expected.forcedVitalCapacityLitres) < 0.03)
        }
    }

    @Test func `begins and ends a blow when it does`() throws {
        var finder = try #require(BlowFinder(sampleRateHz: 100))
        var wasBlowing = false
        var changes: [Double] = []
        for (index, flow) in Self.flow.enumerated() {
            _ = finder.add(flow)
            if finder.isBlowing != wasBlowing { changes.append(Double(index) / 100) }
            wasBlowing = finder.isBlowing
        }
        #expect(changes.count == 4)
        #expect(abs(changes[0] - 21.15) < 0.1)
    }

    @Test func `holds nothing of breathing alone, and tells what is under way at the end`() throws {
        var finder = try #require(BlowFinder(sampleRateHz: 100))
        for _ in 0 ..< 100_000 { #expect(finder.add(0.5) == nil) }
        #expect(finder.finish() == nil)
        for flow in TestBlow().samples().values.prefix(160) { _ = finder.add(flow) }
        #expect(finder.finish() != nil)
        for flow in [Double.nan, .infinity, -1e300] { #expect(finder.add(flow) == nil) }
        #expect(BlowFinder(sampleRateHz: .nan) == nil && BlowFinder(sampleRateHz: 1e9) == nil)
    }
}
