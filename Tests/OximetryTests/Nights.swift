import Numbers
import Oximetry
import Vitals

/// Numbers that look random and are the same in each run.
struct Dice {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    /// 0 ..< 1.
    mutating func roll() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Double((mixed ^ (mixed >> 31)) >> 11) / 9_007_199_254_740_992
    }

    /// Normal, mean 0 and deviation 1.
    mutating func normal() -> Double {
        let radius = (-2 * Mathematics.log(roll() + 1e-12)).squareRoot()
        return radius * Mathematics.cos(2 * Double.pi * roll())
    }
}

/// A planted fall: down in so many seconds, held, and up again.
struct Fall {
    var start: Double
    var down: Double
    var hold: Double
    var up: Double
    var depth: Double

    var end: Double { start + down + hold + up }

    func depth(at second: Double) -> Double {
        switch second - start {
        case ..<0: 0
        case let since where since < down: depth * since / down
        case let since where since < down + hold: depth
        case let since where since < down + hold + up: depth * (1 - (since - down - hold) / up)
        default: 0
        }
    }
}

/// A night made up from its parts.
struct Night {
    var hours = 7.0
    var falls: [Fall] = []
    var noise = 0.0
    /// Times of movement, in which anything may be shown.
    var movements: [ClosedRange<Double>] = []
    /// Times without a value.
    var holes: [ClosedRange<Double>] = []
    var level = 96.5
    var wander = 0.5
    var isWhole = true
    var seed: UInt64 = 1

    /// Falls at random places, apart from each other, with movements and holes between them.
    static func planted(
        _ count: Int, depth: ClosedRange<Double>, hours: Double = 7, noise: Double, disturbances: Int = 20,
        seed: UInt64
    ) -> Night {
        var dice = Dice(seed)
        var night = Night(hours: hours, noise: noise, seed: seed &* 77)
        let spacing = hours * 3600 / Double(count + 1)
        for index in 0 ..< count {
            night.falls.append(
                Fall(
                    start: 120 + spacing * (Double(index) + 0.2 * dice.roll()), down: 12 + 20 * dice.roll(),
                    hold: 5 + 15 * dice.roll(), up: 6 + 10 * dice.roll(),
                    depth: depth.lowerBound + (depth.upperBound - depth.lowerBound) * dice.roll()))
        }
        for index in 0 ..< disturbances {
            let start = dice.roll() * hours * 3600
            let length = index.isMultiple(of: 2) ? 4 + 12 * dice.roll() : 5 + 200 * dice.roll()
            guard !night.falls.contains(where: { start + length > $0.start - 130 && start < $0.end + 60 }) else {
                continue
            }
            if index.isMultiple(of: 2) {
                night.movements.append(start ... start + length)
            } else {
                night.holes.append(start ... start + length)
            }
        }
        return night
    }

    func samples(every step: Double = 1) -> [OximetrySample] {
        var dice = Dice(seed)
        return (0 ..< Int(hours * 3600 / step)).map { index in
            let second = Double(index) * step
            var value = level + wander * Mathematics.sin(second / 1800)
            for fall in falls { value -= fall.depth(at: second) }
            if noise > 0 { value += noise * dice.normal() }
            if movements.contains(where: { $0.contains(second) }) { value = 60 + 39 * dice.roll() }
            value = min(isWhole ? value.rounded() : value, 100)
            return OximetrySample(
                milliseconds: Int64(second * 1000),
                saturation: holes.contains { $0.contains(second) } ? nil : value, pulseRate: 60)
        }
    }
}

/// What an analyzer told, and its summary.
struct Told: Equatable {
    var events: [DesaturationDefinition: [DesaturationEvent]] = [.aasm: [], .vendorCompatible: []]
    var clusters: [Int] = []
    var summary: OximetrySummary

    init(_ samples: [OximetrySample], intervalMilliseconds: Int64? = nil) {
        var analyzer = OximetryAnalyzer(intervalMilliseconds: intervalMilliseconds)
        var findings: [OximetryAnalyzer.Finding] = []
        for sample in samples { analyzer.add(sample) { findings.append($0) } }
        analyzer.finish { findings.append($0) }
        summary = analyzer.summary
        for finding in findings {
            switch finding {
            case .desaturation(let definition, let event): events[definition]?.append(event)
            case .cluster(let start): clusters.append(start)
            }
        }
    }

    /// Planted falls that no event of the definition covers, and events that cover none.
    func mistakes(_ night: Night, _ definition: DesaturationDefinition) -> (missed: Int, invented: Int) {
        let found = events[definition] ?? []
        func covers(_ event: DesaturationEvent, _ fall: Fall) -> Bool {
            Double(event.startSecond) < fall.end + 10 && Double(event.endSecond) > fall.start
        }
        let covered = night.falls.count { fall in found.contains { covers($0, fall) } }
        return (night.falls.count - covered, found.count - covered)
    }
}

/// Values one second apart.
func everySecond(_ values: [Double?], reasons: [Int: QualityReasons] = [:]) -> [OximetrySample] {
    values.enumerated().map { index, value in
        OximetrySample(
            milliseconds: Int64(index) * 1000, saturation: value, pulseRate: 60, reasons: reasons[index] ?? [])
    }
}
