import Testing
import Vitals

@testable import ECG

@Suite struct `The analysis of a whole ECG` {
    private func analyze(
        _ leads: [(rate: Double, samples: [Float])], chunks: [Int], strips: StripSettings? = StripSettings(),
        gaps: [Range<Int>] = []
    ) throws -> ECGOutput {
        let metrics: [Metric] = [.ecgLeadI, .ecgLeadII, .ecgLeadIII]
        let descriptions = leads.indices.map { LeadDescription(metrics[$0], sampleRateHz: leads[$0].rate) }
        var analyzer = try #require(ECGAnalyzer(leads: descriptions, strips: strips))
        var output = ECGOutput()
        var places = [Int](repeating: 0, count: leads.count)
        var hundredths = places
        var turn = 0
        while places.indices.contains(where: { places[$0] < leads[$0].samples.count }) {
            for lead in leads.indices {
                // All leads come equally far, but they are cut at other places.
                hundredths[lead] += chunks[(turn + lead) % chunks.count]
                let place = Int(Double(hundredths[lead]) / 100 * leads[lead].rate)
                let end = min(leads[lead].samples.count, place)
                feed(&analyzer, lead, leads[lead].samples, places[lead] ..< end, gaps, &output)
                places[lead] = end
            }
            turn += 1
        }
        analyzer.finish(&output)
        return output
    }

    private func feed(
        _ analyzer: inout ECGAnalyzer, _ lead: Int, _ samples: [Float], _ range: Range<Int>, _ gaps: [Range<Int>],
        _ output: inout ECGOutput
    ) {
        var start = range.lowerBound
        for gap in gaps where gap.overlaps(range) {
            let lost = gap.clamped(to: range)
            if start < lost.lowerBound { analyzer.append(lead: lead, samples[start ..< lost.lowerBound], &output) }
            analyzer.interrupt(lead: lead, lostSamples: lost.count, &output)
            start = lost.upperBound
        }
        if start < range.upperBound { analyzer.append(lead: lead, samples[start ..< range.upperBound], &output) }
    }

    @Test(arguments: [100.0, 125, 128, 130, 180, 200, 250, 256, 360, 500, 1000])
    func `finds a steady heart at every rate`(_ rate: Double) throws {
        let ecg = SyntheticECG(beatsPerMinute: 70, seconds: 60, sampleRateHz: rate)
        let output = try analyze([(rate, ecg.samples())], chunks: [100])
        #expect(abs(output.beats.count - ecg.beats.count) <= 1)
        #expect(output.provisional.count == output.beats.count)
        for (beat, next) in zip(output.beats, output.beats.dropFirst()) { #expect(beat.index < next.index) }
        #expect(output.seconds.map(\.second) == Array(0 ..< output.seconds.count))
        let rates = output.seconds.suffix(30).compactMap(\.heartRate)
        #expect(rates.count == 30 && rates.allSatisfy { abs($0 - 70) < 4 })
        #expect(!output.findings.contains { $0.kind.isLifeThreatening })
    }

    @Test func `says the same however the signal is cut, with one lead and with three`() throws {
        var first = SyntheticECG(beatsPerMinute: 75, seconds: 70, sampleRateHz: 250)
        first.beats.removeAll { (30.0 ..< 36).contains($0) }
        first.noise = 0.02
        var second = first
        second.sampleRateHz = 500
        second.gain = 0.6
        var third = first
        third.sampleRateHz = 128
        third.noise = 0.3
        let leads = [first, second, third].map { ($0.sampleRateHz, $0.samples()) }
        for count in [1, 3] {
            let some = Array(leads.prefix(count))
            let whole = try analyze(some, chunks: [100])
            #expect(whole.findings.contains { $0.kind == .asystole || $0.kind == .pause })
            #expect(!whole.strips.isEmpty)
            for chunks in [[1], [7, 33, 150], [3, 90, 11, 64]] {
                let cut = try analyze(some, chunks: chunks)
                #expect(cut.beats == whole.beats)
                #expect(cut.provisional == whole.provisional)
                #expect(cut.intervals == whole.intervals)
                #expect(cut.findings == whole.findings)
                #expect(cut.seconds == whole.seconds)
                #expect(cut.strips == whole.strips)
                #expect(cut.requests == whole.requests)
            }
        }
    }

    @Test func `takes from a good lead the beats that a bad one hides`() throws {
        let clean = SyntheticECG(beatsPerMinute: 72, seconds: 60, sampleRateHz: 250)
        var flat = clean.samples()
        for index in 15 * 250 ..< 40 * 250 { flat[index] = 0 }
        let output = try analyze([(250, flat), (250, clean.samples())], chunks: [100])
        #expect(abs(output.beats.count - clean.beats.count) <= 2)
        #expect(!output.findings.contains { $0.kind == .asystole || $0.kind == .pause })
        #expect(output.seconds.contains { $0.leader == .ecgLeadII })
    }

    @Test func `goes on without a lead that says nothing more`() throws {
        let ecg = SyntheticECG(beatsPerMinute: 72, seconds: 40, sampleRateHz: 250)
        let samples = ecg.samples()
        let output = try analyze([(250, Array(samples.prefix(10 * 250))), (250, samples)], chunks: [100])
        #expect(abs(output.beats.count - ecg.beats.count) <= 2)
        #expect(output.seconds.count >= 38)
    }

    @Test func `counts a gap as time, and finds nothing in it`() throws {
        let ecg = SyntheticECG(beatsPerMinute: 72, seconds: 60, sampleRateHz: 250)
        let output = try analyze([(250, ecg.samples())], chunks: [100], gaps: [20 * 250 ..< 35 * 250])
        #expect(!output.beats.contains { (20.5 ..< 35).contains($0.seconds) })
        #expect(output.beats.contains { $0.seconds > 50 })
        #expect(!output.findings.contains { $0.kind == .asystole || $0.kind == .pause })
        #expect(!output.intervals.contains { $0.milliseconds > 2000 })
    }

    @Test func `never stumbles over what is no signal`() throws {
        var random = SplitMix(state: 11)
        let odd: [Float] = [.nan, .infinity, -.infinity, 1e30, -1e30, 0, .greatestFiniteMagnitude, 1e-38]
        let samples = (0 ..< 20_000).map { _ in
            random.next() % 3 == 0 ? odd[Int(random.next() % 8)] : random.normal() * 3
        }
        let lead = LeadDescription(.ecgLead, sampleRateHz: 130)
        var analyzer = try #require(ECGAnalyzer(leads: [lead, lead], strips: StripSettings()))
        var output = ECGOutput()
        for start in stride(from: 0, to: samples.count, by: 500) {
            analyzer.append(lead: Int(random.next() % 3), samples[start ..< start + 500], &output)
            analyzer.interrupt(lead: Int(random.next() % 2), lostSamples: Int(random.next() % 900), &output)
            analyzer.markLeadOff(lead: 0, random.next() % 2 == 0)
        }
        analyzer.interrupt(lead: 0, lostSamples: .max, &output)
        analyzer.interrupt(lead: 1, lostSamples: .max, &output)
        analyzer.append(lead: 0, samples, &output)
        analyzer.finish(&output)
        analyzer.append(lead: 0, samples, &output)
        for (beat, next) in zip(output.beats, output.beats.dropFirst()) { #expect(beat.index < next.index) }
        #expect(ECGAnalyzer(leads: []) == nil)
        #expect(ECGAnalyzer(leads: [LeadDescription(.ecgLead, sampleRateHz: .nan)]) == nil)
    }
}
