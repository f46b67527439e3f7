import Testing
import Trends

@Suite struct `National Early Warning Score` {
    static let now: Int64 = 1_000_000

    static func inputs(_ values: [NEWS2.Parameter: Double], at time: Int64 = now) -> [NEWS2.Parameter: NEWS2.Input]
    {
        values.mapValues { NEWS2.Input($0, at: time) }
    }

    // Royal College of Physicians 2017, chart 1: values and their points.
    static let chart: [(NEWS2.Parameter, [Double: Int])] = [
        (.respirationRate, [8: 3, 9: 1, 11: 1, 12: 0, 20: 0, 21: 2, 24: 2, 25: 3]),
        (.oxygenSaturation, [91: 3, 92: 2, 93: 2, 94: 1, 95: 1, 96: 0, 100: 0]),
        (.supplementalOxygen, [0: 0, 1: 2]),
        (.systolicPressure, [90: 3, 91: 2, 100: 2, 101: 1, 110: 1, 111: 0, 219: 0, 220: 3]),
        (.pulseRate, [40: 3, 41: 1, 50: 1, 51: 0, 90: 0, 91: 1, 110: 1, 111: 2, 130: 2, 131: 3]),
        (.alertness, [1: 0, 0: 3]),
        (.temperature, [35: 3, 35.1: 1, 36: 1, 36.1: 0, 38: 0, 38.1: 1, 39: 1, 39.1: 2, 41: 2]),
    ]

    @Test(arguments: chart)
    func `gives the points of the chart`(_ parameter: NEWS2.Parameter, _ expected: [Double: Int]) {
        for (value, points) in expected {
            #expect(NEWS2.points(parameter, value, .scale1, isOnOxygen: false) == points, "\(value)")
        }
    }

    @Test(
        arguments: [
            (83, 3, 3), (84, 2, 2), (85, 2, 2), (86, 1, 1), (87, 1, 1), (88, 0, 0), (92, 0, 0), (93, 0, 1),
            (94, 0, 1),
            (95, 0, 2), (96, 0, 2), (97, 0, 3), (100, 0, 3),
        ] as [(Double, Int, Int)])
    func `gives the points of scale 2 on air and on oxygen`(_ value: Double, _ air: Int, _ oxygen: Int) {
        #expect(NEWS2.points(.oxygenSaturation, value, .scale2, isOnOxygen: false) == air)
        #expect(NEWS2.points(.oxygenSaturation, value, .scale2, isOnOxygen: true) == oxygen)
    }

    @Test func `adds up what is complete`() {
        let score = NEWS2(
            Self.inputs([
                .respirationRate: 22, .oxygenSaturation: 94, .supplementalOxygen: 1, .systolicPressure: 105,
                .pulseRate: 112, .alertness: 1, .temperature: 38.5,
            ]), scale: .scale1, at: Self.now)
        #expect(score.score == 2 + 1 + 2 + 1 + 2 + 0 + 1)
        #expect(score.scoreMax == score.score)
        #expect(score.isComplete)
        #expect(score.response == .high)
    }

    @Test func `never takes what is missing as normal`() {
        let score = NEWS2(Self.inputs([.oxygenSaturation: 97, .pulseRate: 70]), scale: .scale1, at: Self.now)
        #expect(score.score == 0)
        #expect(
            score.missing == [.respirationRate, .supplementalOxygen, .systolicPressure, .alertness, .temperature])
        #expect(score.scoreMax == 3 + 2 + 3 + 3 + 3)
        #expect(score.response == .none)
    }

    @Test func `lets values expire`() {
        let inputs = Self.inputs([.oxygenSaturation: 90, .temperature: 39.5])
        #expect(NEWS2(inputs, scale: .scale1, at: Self.now + 15 * 60).score == 5)
        #expect(NEWS2(inputs, scale: .scale1, at: Self.now + 15 * 60 + 1).score == 2)
        #expect(NEWS2(inputs, scale: .scale1, at: Self.now + 12 * 3600).score == 2)
        let old = NEWS2(inputs, scale: .scale1, at: Self.now + 12 * 3600 + 1)
        #expect(old.parts.isEmpty)
        #expect(old.missing.count == 7)
    }

    @Test func `says what oxygen would make of saturation on scale 2`() {
        let inputs = Self.inputs([.oxygenSaturation: 97])
        let unknown = NEWS2(inputs, scale: .scale2, at: Self.now)
        #expect(unknown.score == 0)
        #expect(unknown.parts.first?.pointsMax == 3)
        let air = NEWS2(
            inputs.merging(Self.inputs([.supplementalOxygen: 0])) { $1 }, scale: .scale2, at: Self.now)
        #expect(air.parts.first?.pointsMax == 0)
    }

    static let responses: [([NEWS2.Parameter: Double], NEWS2.Response)] = [
        ([:], NEWS2.Response.none), ([.pulseRate: 95], .low), ([.pulseRate: 35], .lowMedium),
        ([.pulseRate: 120, .temperature: 39.5, .systolicPressure: 105], .medium),
        ([.pulseRate: 140, .respirationRate: 26, .systolicPressure: 105], .high),
    ]

    @Test(arguments: responses)
    func `asks for somebody as the chart does`(_ values: [NEWS2.Parameter: Double], _ response: NEWS2.Response) {
        #expect(NEWS2(Self.inputs(values), scale: .scale1, at: Self.now).response == response)
    }
}
