import ECG
import Testing
import Vitals

@Suite struct `One lead` {
    /// All at once, and the end.
    static func listen(_ samples: [Float], _ sampleRateHz: Double) throws -> LeadOutput {
        var lead = try #require(LeadDetector(sampleRateHz: sampleRateHz))
        var output = LeadOutput()
        lead.append(samples, &output)
        lead.finish(&output)
        return output
    }

    /// Every beat found within 20 ms, and nothing else.
    static func expectBeats(_ output: LeadOutput, at times: [Double], _ note: String) {
        let found = output.beats.map(\.seconds)
        #expect(found.count == times.count, "\(note): \(found.count) beats of \(times.count)")
        for (one, other) in zip(found, times) {
            #expect(abs(one - other) < 0.02, "\(note): a beat at \(one) s, not \(other) s")
        }
    }

    @Test(arguments: [100, 125, 128, 130, 180, 200, 250, 256, 257, 360, 500, 512, 1000])
    func `finds every beat at every rate`(_ sampleRateHz: Double) throws {
        let heart = SyntheticECG(seconds: 60, sampleRateHz: sampleRateHz)
        Self.expectBeats(try Self.listen(heart.samples(), sampleRateHz), at: heart.beats, "\(sampleRateHz) Hz")
    }

    @Test(arguments: [99.9, 1000.1, 0, -1, .nan, .infinity])
    func `does not begin at a rate that shows no QRS`(_ sampleRateHz: Double) {
        #expect(LeadDetector(sampleRateHz: sampleRateHz) == nil)
    }

    @Test(arguments: [30, 45, 60, 100, 150, 200] as [Double])
    func `finds every beat of a slow and of a fast heart`(_ beatsPerMinute: Double) throws {
        let heart = SyntheticECG(beatsPerMinute: beatsPerMinute, seconds: 60)
        Self.expectBeats(try Self.listen(heart.samples(), 360), at: heart.beats, "\(beatsPerMinute)/min")
    }

    @Test(arguments: [(1, 0), (-1, 0), (10, 0), (0.1, 0), (1, 300), (-3, -50)] as [(Float, Float)])
    func `does not mind gain, polarity and offset`(_ gain: Float, _ offset: Float) throws {
        var heart = SyntheticECG(seconds: 40)
        heart.gain = gain
        heart.offset = offset
        Self.expectBeats(try Self.listen(heart.samples(), 360), at: heart.beats, "times \(gain) plus \(offset)")
    }

    @Test(arguments: [50, 60] as [Double])
    func `hears through the mains`(_ mainsHz: Double) throws {
        var heart = SyntheticECG(seconds: 40, sampleRateHz: 250)
        heart.mainsHz = mainsHz
        heart.mainsMillivolts = 0.5
        Self.expectBeats(try Self.listen(heart.samples(), 250), at: heart.beats, "\(mainsHz) Hz")
    }

    @Test func `leaves out what the ends of the recording cut`() throws {
        var heart = SyntheticECG(seconds: 30)
        heart.beats = (0 ..< 38).map { 0.02 + 0.81 * Double($0) }
        #expect(heart.beats[37] > 29.94)
        Self.expectBeats(try Self.listen(heart.samples(), 360), at: Array(heart.beats[1 ..< 37]), "cut")
    }

    @Test func `says the same however the samples were cut`() throws {
        var heart = SyntheticECG(seconds: 90, sampleRateHz: 250)
        heart.noise = 0.1
        var samples = heart.samples()
        for index in 9000 ..< 9100 { samples[index] = .nan }
        let whole = try Self.listen(samples, 250)
        var random = SplitMix(state: 11)
        for most in [1, 2, 7, 64, 300, 5000] {
            var lead = try #require(LeadDetector(sampleRateHz: 250))
            var output = LeadOutput()
            var start = 0
            while start < samples.count {
                let end = min(samples.count, start + Int.random(in: 1 ... most, using: &random))
                lead.append(samples[start ..< end], &output)
                start = end
            }
            lead.finish(&output)
            #expect(output.beats == whole.beats, "pieces of at most \(most)")
            #expect(output.seconds == whole.seconds, "pieces of at most \(most)")
        }
    }

    @Test func `says a beat within a second, in the order of time`() throws {
        let heart = SyntheticECG(seconds: 30)
        let samples = heart.samples()
        var lead = try #require(LeadDetector(sampleRateHz: 360))
        var output = LeadOutput()
        var last = -1
        for start in stride(from: 0, to: samples.count, by: 36) {
            output.removeAll()
            lead.append(samples[start ..< min(samples.count, start + 36)], &output)
            for beat in output.beats {
                #expect(beat.index > last)
                last = beat.index
                if lead.workingIndex > 800 { #expect(lead.workingIndex - beat.index < 200) }
                let clean = lead.clean
                #expect(clean[beat.index] >= clean[beat.index - 3] && clean[beat.index] >= clean[beat.index + 3])
            }
        }
        #expect(last > 5500)
    }

    @Test(arguments: [1, 300, 3600, 360_000])
    func `counts a gap as time`(_ lost: Int) throws {
        let heart = SyntheticECG(seconds: 30)
        let samples = heart.samples()
        var lead = try #require(LeadDetector(sampleRateHz: 360))
        var output = LeadOutput()
        lead.append(samples, &output)
        lead.interrupt(lostSamples: lost, &output)
        lead.append(samples, &output)
        lead.finish(&output)
        #expect(lead.workingIndex == Int((Double(2 * samples.count + lost) / 1.8).rounded(.up)))
        let shift = Double(samples.count + lost) / 360
        let times = heart.beats + heart.beats.map { $0 + shift }
        let found = output.beats.map(\.seconds)
        let heard = times.filter { time in found.contains { abs($0 - time) < 0.02 } }
        #expect(heard.count >= times.count - 1)
        #expect(found.count <= times.count + 1)
    }

    @Test func `finds nothing where nothing is`() throws {
        let flat = try Self.listen([Float](repeating: 0.3, count: 3600), 360)
        #expect(flat.beats.isEmpty)
        #expect(flat.seconds.allSatisfy { $0.grade == .bad && $0.reasons == .flatline })
        let missing = try Self.listen([Float](repeating: .nan, count: 3600), 360)
        #expect(missing.beats.isEmpty)
        #expect(missing.seconds.allSatisfy { $0.grade == .bad && $0.reasons == .noValue })
    }

    @Test func `survives anything`() throws {
        let wild: [Float] = [
            .nan, .infinity, -.infinity, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 1e6, -1e6,
            .leastNonzeroMagnitude, 0, 1,
        ]
        for seed in 0 ..< 20 {
            var random = SplitMix(state: UInt64(seed))
            let sampleRateHz = Double.random(in: 100 ... 1000, using: &random)
            var lead = try #require(LeadDetector(sampleRateHz: sampleRateHz))
            var output = LeadOutput()
            for _ in 0 ..< 40 {
                let isWild = Bool.random(using: &random)
                let piece = (0 ..< Int.random(in: 0 ... 900, using: &random)).map { _ in
                    isWild ? wild.randomElement(using: &random) ?? 0 : Float.random(in: -1 ... 1, using: &random)
                }
                lead.append(piece, &output)
                switch Int.random(in: 0 ..< 8, using: &random) {
                case 0: lead.markLeadOff(Bool.random(using: &random))
                case 1: lead.interrupt(lostSamples: Int.random(in: -5 ... 5000, using: &random), &output)
                case 2: lead.interrupt(lostSamples: .random(in: 0 ... .max, using: &random), &output)
                default: break
                }
            }
            lead.finish(&output)
            lead.finish(&output)
            for (one, next) in zip(output.beats, output.beats.dropFirst()) { #expect(one.index < next.index) }
            for beat in output.beats {
                #expect(beat.fraction.isFinite && (0 ... 1).contains(beat.score), "seed \(seed)")
            }
        }
    }
}
