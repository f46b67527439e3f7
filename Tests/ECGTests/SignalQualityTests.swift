import ECG
import Testing
import Vitals

@Suite struct `The quality of a second` {
    static func seconds(_ samples: [Float], _ sampleRateHz: Double = 360) throws -> [QualitySecond] {
        var lead = try #require(LeadDetector(sampleRateHz: sampleRateHz))
        var output = LeadOutput()
        lead.append(samples, &output)
        lead.finish(&output)
        return output.seconds
    }

    @Test(arguments: [128, 250, 257.5, 360, 1000])
    func `is told of each second once`(_ sampleRateHz: Double) throws {
        let heart = SyntheticECG(seconds: 20.5, sampleRateHz: sampleRateHz)
        #expect(try Self.seconds(heart.samples(), sampleRateHz).map(\.second) == Array(0 ..< 20))
    }

    @Test func `is good while the heart is heard well`() throws {
        var heart = SyntheticECG(seconds: 30)
        heart.noise = 0.01
        for second in try Self.seconds(heart.samples()) { #expect(second.grade == .good && second.reasons.isEmpty) }
    }

    /// What is done to the samples of 20 s, from the tenth second on, and what is said then.
    static let faults: [(name: String, reason: QualityReasons, grade: QualitySecond.Grade)] = [
        ("missing", .noValue, .bad), ("still", .flatline, .bad), ("clipped", .saturated, .poor),
        ("tremor", .muscleNoise, .bad), ("wander", .baselineWander, .poor), ("moved", .electrodeMotion, .poor),
    ]

    @Test(arguments: faults.map(\.name))
    func `tells what is wrong`(_ name: String) throws {
        let fault = try #require(Self.faults.first { $0.name == name })
        var samples = SyntheticECG(seconds: 20).samples()
        var random = SplitMix(state: 5)
        for index in 3600 ..< samples.count {
            switch name {
            case "missing": samples[index] = .nan
            case "still": samples[index] = 0.4
            case "clipped": samples[index] = min(0.35, samples[index] * 3)
            case "tremor": samples[index] += 0.6 * random.normal()
            case "moved":
                // Hardly higher than a T wave: each level alone says nothing.
                samples[index] += [0, 0.55, -0.3, 0.3, -0.6][index / 180 % 5]
            default: samples[index] += Float(index % 720 < 360 ? index % 360 : 360 - index % 360) / 60
            }
        }
        let seconds = try Self.seconds(samples)
        for second in seconds[..<9] { #expect(second.grade == .good) }
        for second in seconds[14...] {
            #expect(second.reasons.contains(fault.reason), "\(name): \(second.reasons.names)")
            #expect(second.grade == fault.grade, "\(name): \(second.grade)")
        }
    }

    @Test func `is bad while the electrodes are off, and there are no beats`() throws {
        let samples = SyntheticECG(seconds: 30).samples()
        var lead = try #require(LeadDetector(sampleRateHz: 360))
        var output = LeadOutput()
        lead.append(samples[..<3600], &output)
        lead.markLeadOff(true)
        lead.append(samples[3600 ..< 7200], &output)
        lead.markLeadOff(false)
        lead.append(samples[7200...], &output)
        lead.finish(&output)
        for second in output.seconds[10 ..< 20] {
            #expect(second.grade == .bad && second.reasons.contains(.leadOff))
        }
        #expect(output.beats.allSatisfy { $0.seconds < 10.1 || $0.seconds > 19.9 })
        #expect(output.beats.contains { $0.seconds > 21 })
    }

    @Test(arguments: [50, 60] as [Double])
    func `names the mains, and takes them out`(_ mainsHz: Double) throws {
        var heart = SyntheticECG(seconds: 20, sampleRateHz: 500)
        let still = try Self.seconds(heart.samples(), 500)
        #expect(still.allSatisfy { $0.mainsHz == 0 })
        heart.mainsHz = mainsHz
        heart.mainsMillivolts = 0.4
        for second in try Self.seconds(heart.samples(), 500)[1...] {
            #expect(second.mainsHz == Int(mainsHz))
            #expect(second.grade == .good)
        }
    }

    @Test func `never speaks against fibrillation`() throws {
        // Coarse waves of 4 Hz, as large as the beats before them.
        var samples = SyntheticECG(seconds: 20).samples()
        for index in 3600 ..< samples.count {
            let turn = (Double(index) / 90).truncatingRemainder(dividingBy: 1)
            samples[index] =
                Float(turn < 0.5 ? 4 * turn - 1 : 3 - 4 * turn) * (0.6 + 0.2 * Float(index % 500) / 500)
        }
        for second in try Self.seconds(samples)[11...] { #expect(second.grade > .bad, "\(second)") }
    }
}

@Suite struct `The clean signal` {
    /// Greatest value after two seconds, of a sine of 1 mV.
    static func height(_ hertz: Double, _ sampleRateHz: Double) throws -> Float {
        var lead = try #require(LeadDetector(sampleRateHz: sampleRateHz))
        var output = LeadOutput()
        let samples = (0 ..< Int(6 * sampleRateHz)).map { index -> Float in
            let turns = hertz * Double(index) / sampleRateHz
            let x = 2 * (turns - turns.rounded(.down)) - 1
            let rough = -4 * x * (1 - abs(x))
            return Float(rough * (0.775 + 0.225 * abs(rough)))
        }
        lead.append(samples, &output)
        let clean = lead.clean
        return (600 ..< clean.endIndex).map { abs(clean[$0]) }.max() ?? 0
    }

    @Test(arguments: [200, 250, 360, 500, 1000] as [Double])
    func `keeps what the heart gives, and nothing above`(_ sampleRateHz: Double) throws {
        #expect(abs(try Self.height(5, sampleRateHz) - 1) < 0.06)
        #expect(abs(try Self.height(20, sampleRateHz) - 1) < 0.08)
        for hertz in [50, 60, 75] as [Double] { #expect(try Self.height(hertz, sampleRateHz) < 0.03) }
        // Would come back as 15 or 35 Hz.
        if sampleRateHz > 460 {
            for hertz in [165, 215] as [Double] { #expect(try Self.height(hertz, sampleRateHz) < 0.03) }
        }
    }
}
