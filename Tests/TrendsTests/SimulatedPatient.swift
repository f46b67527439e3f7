import Numbers
import Trends
import Vitals

/// Numbers that look random and are the same in each run.
struct Dice {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func roll() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Double((mixed ^ (mixed >> 31)) >> 11) / 9_007_199_254_740_992
    }

    mutating func normal() -> Double {
        let radius = (-2 * Mathematics.log(roll() + 1e-12)).squareRoot()
        return radius * Mathematics.cos(2 * Double.pi * roll())
    }
}

/// A patient at home who measures: blows once a day, wears an oximeter some hours, and lives by day and night.
struct SimulatedPatient {
    var seed: UInt64
    /// Changes from a day on, added to each day's level of a metric.
    var change: (_ day: Int, _ metric: Metric) -> Double = { _, _ in 0 }
    /// Days on which a metric is not measured.
    var skips: (_ day: Int, _ metric: Metric) -> Bool = { _, _ in false }

    static let levels: [(metric: Metric, level: Double, dayDeviation: Double, noise: Double)] = [
        (.oxygenSaturation, 94.5, 0.6, 0.8), (.pulseRate, 76, 3.5, 4), (.respirationRate, 16, 1, 1.5),
        (.forcedExpiratoryVolume1s, 1.6, 0.05, 0.03), (.forcedVitalCapacity, 2.9, 0.08, 0.05),
        (.peakExpiratoryFlow, 260, 13, 8),
    ]

    /// Days follow each other: what a day is like hangs on the one before.
    static let correlation = 0.3
    static let day: Int64 = 86_400

    /// Calls with each value, in the order of time, and once an hour with none.
    func live(days: Int, _ see: (_ value: (metric: Metric, value: Double)?, _ utcSeconds: Int64) -> Void) {
        var dice = Dice(seed)
        var mood = [Double](repeating: 0, count: Self.levels.count)
        for day in 0 ..< days {
            for index in mood.indices {
                mood[index] =
                    Self.correlation * mood[index]
                    + (1 - Self.correlation * Self.correlation).squareRoot() * dice.normal()
            }
            for hour in 0 ..< 24 {
                let time = (Int64(day) + 20_000) * Self.day + Int64(hour) * 3600
                for (index, one) in Self.levels.enumerated() {
                    let isSpirometry = one.level < 10 || one.level > 200
                    guard isSpirometry ? hour == 9 : (1 ... 6).contains(hour) || (18 ... 20).contains(hour),
                        !skips(day, one.metric)
                    else { continue }
                    let circadian = one.metric == .pulseRate && hour < 7 ? -8.0 : 0
                    for minute in 0 ..< 2 {
                        let value =
                            one.level + circadian + one.dayDeviation * mood[index] + one.noise * dice.normal()
                            + change(day, one.metric)
                        see((one.metric, value), time + Int64(minute) * 60)
                    }
                }
                see(nil, time + 3599)
            }
        }
    }
}
