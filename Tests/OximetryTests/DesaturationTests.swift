import Oximetry
import Testing
import Vitals

@Suite struct `Desaturations` {
    @Test(arguments: [0.0, 0.5], [1, 2] as [UInt64])
    func `planted in a night are all found and none is invented, with noise, holes and movement`(
        _ noise: Double, _ seed: UInt64
    ) {
        let night = Night.planted(100, depth: 5.5 ... 12, noise: noise, seed: seed)
        let told = Told(night.samples())
        for definition in DesaturationDefinition.allCases {
            #expect(told.mistakes(night, definition) == (0, 0), "\(definition)")
        }
        #expect(told.summary.aasm.events3 == 100)
        #expect(told.summary.aasm.events4 == 100)
    }

    // The running mean of the vendors sinks under many falls, and the shallow ones then do not reach its depth.
    @Test(arguments: [0.0, 0.5], [1, 2] as [UInt64])
    func `just deep enough are found by the sleep laboratory's definition`(_ noise: Double, _ seed: UInt64) {
        let night = Night.planted(100, depth: 3.6 ... 5, noise: noise, seed: seed)
        let told = Told(night.samples())
        #expect(told.mistakes(night, .aasm) == (0, 0))
    }

    @Test(arguments: [0.5, 0.7], [1] as [UInt64])
    func `of a quiet night are none, whatever moves`(_ noise: Double, _ seed: UInt64) {
        var dice = Dice(seed)
        var night = Night(hours: 8, noise: noise, wander: 1, seed: seed)
        night.movements = (0 ..< 40).map { _ in
            let start = dice.roll() * 28_000
            return start ... start + 4 + 12 * dice.roll()
        }
        let told = Told(night.samples())
        #expect(told.summary.aasm.events3 == 0)
        #expect(told.summary.vendorCompatible.events3 == 0)
    }

    @Test func `shallower than three percent do not count`() {
        let night = Night.planted(80, depth: 0.5 ... 2, noise: 0.2, seed: 5)
        var smooth = night
        smooth.isWhole = false
        let told = Told(smooth.samples())
        #expect(told.summary.aasm.events3 == 0)
        #expect(told.summary.vendorCompatible.events3 == 0)
    }

    @Test func `are told with their place, level and depth`() throws {
        var night = Night(hours: 1, wander: 0)
        night.level = 97
        night.falls = [Fall(start: 1000, down: 20, hold: 20, up: 10, depth: 8)]
        let event = try #require(Told(night.samples()).events[.aasm]?.first)
        #expect(event.baseline == 9700)
        #expect(event.nadir == 8900)
        #expect(event.depth == 800)
        #expect((1000 ... 1006).contains(event.startSecond))
        #expect((1040 ... 1050).contains(event.endSecond))
        #expect((1015 ... 1042).contains(event.nadirSecond))
        #expect(!event.isCutOff)
    }

    @Test func `shorter than ten seconds are none by the sleep laboratory's definition`() {
        let short =
            [Double?](repeating: 97, count: 600) + Array(repeating: 94, count: 6)
            + Array(repeating: 97, count: 600)
        #expect(Told(everySecond(short)).summary.aasm.events3 == 0)
        let long =
            [Double?](repeating: 97, count: 600) + Array(repeating: 94, count: 15)
            + Array(repeating: 97, count: 600)
        #expect(Told(everySecond(long)).summary.aasm.events3 == 1)
    }

    @Test func `that resume within five seconds are one`() {
        func values(pause: Int) -> [Double?] {
            let fall = [Double?](repeating: 92, count: 20)
            return Array(repeating: 97, count: 600) + fall + Array(repeating: 97, count: pause) + fall
                + Array(repeating: 97, count: 600)
        }
        #expect(Told(everySecond(values(pause: 4))).summary.aasm.events3 == 1)
        #expect(Told(everySecond(values(pause: 20))).summary.aasm.events3 == 2)
    }

    @Test func `of minutes are one lasting lack of oxygen, not many`() throws {
        // Down by 2 % a minute for fifteen minutes, then back to normal within seconds.
        let ramp = (0 ..< 900).map { 97 - Double($0) / 30 }
        let values = Array(repeating: 97.0, count: 300) + ramp + Array(repeating: 97.0, count: 300)
        let told = Told(everySecond(values))
        let event = try #require(told.events[.aasm]?.first)
        #expect(told.events[.aasm]?.count == 1)
        #expect(event.isSustained)
        #expect(abs(event.nadir - 6700) <= 20)
    }

    @Test func `from a new, steady level count again`() {
        // A patient turns over: 97 becomes 93 for good, and falls go on from there.
        var values = [Double?](repeating: 97, count: 600) + Array(repeating: 93, count: 600)
        for _ in 0 ..< 5 { values += Array(repeating: 88, count: 25) + Array(repeating: 93, count: 100) }
        #expect(Told(everySecond(values)).summary.aasm.events3 == 6)
    }

    @Test func `are not counted again behind a short hole, and end at a long one`() {
        func values(hole: Int) -> [Double?] {
            [Double?](repeating: 97, count: 300) + Array(repeating: 90, count: 30)
                + Array(repeating: nil, count: hole) + Array(repeating: 90, count: 30)
                + Array(repeating: 97, count: 300)
        }
        #expect(Told(everySecond(values(hole: 40))).summary.aasm.events3 == 1)
        let long = Told(everySecond(values(hole: 400)))
        #expect(long.summary.aasm.events3 == 1)
        #expect(long.events[.aasm]?.first?.isCutOff == true)
    }

    @Test func `repeated as pauses of breathing are make a cluster`() {
        let steady = Night.planted(4, depth: 6 ... 8, noise: 0.2, disturbances: 0, seed: 3)
        #expect(Told(steady.samples()).summary.clusters.count == 0)
        var night = Night(hours: 3)
        night.falls = (0 ..< 40).map { Fall(start: 3600 + Double($0) * 60, down: 20, hold: 5, up: 10, depth: 7) }
        let told = Told(night.samples())
        #expect(told.summary.clusters.count == 1)
        #expect(told.summary.clusters.events == 40)
        #expect((2300 ... 2400).contains(told.summary.clusters.seconds))
        #expect(told.clusters.count == 1)
    }

    @Test func `weigh by their area`() throws {
        var night = Night(hours: 1, wander: 0)
        night.level = 97
        night.isWhole = false
        night.falls = [Fall(start: 1000, down: 30, hold: 20, up: 30, depth: 6)]
        // A trapezium: 6 % × (20 + 80) / 2 s in one hour.
        let burden = try #require(Told(night.samples()).summary.hypoxicBurden)
        #expect(abs(burden - 5) < 0.4)
    }
}
