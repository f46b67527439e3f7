/// The National Early Warning Score 2 of what is known, and what it could be with the rest.
///
/// Royal College of Physicians, London 2017: seven parameters, 0–20. What is missing or too old is never taken as
/// normal: it is listed, the score is a lower bound, and the highest possible score stands beside it.
public struct NEWS2: Hashable, Sendable {
    /// What is scored.
    public enum Parameter: String, Hashable, Sendable, CaseIterable {
        case respirationRate = "respiration-rate"
        case oxygenSaturation = "oxygen-saturation"
        /// 1 on supplemental oxygen, 0 on air.
        case supplementalOxygen = "supplemental-oxygen"
        case systolicPressure = "blood-pressure-systolic"
        case pulseRate = "pulse-rate"
        /// 1 alert, 0 new confusion, or responds only to voice or pain, or not at all.
        case alertness
        case temperature = "body-temperature"

        /// The most that it can add.
        public var pointsMax: Int { self == .supplementalOxygen ? 2 : 3 }

        /// How long a value holds, s: what an oximeter shows changes within minutes, the rest is taken by hand.
        public var validSeconds: Int64 {
            switch self {
            case .oxygenSaturation, .pulseRate: 15 * 60
            default: 12 * 3600
            }
        }
    }

    /// Which row of the chart saturation is scored by.
    public enum Scale: Int, Hashable, Sendable, CaseIterable {
        case scale1 = 1
        /// Only where a clinician has prescribed a target of 88–92 %: hypercapnic respiratory failure.
        case scale2 = 2
    }

    /// A value, and when it was so.
    public struct Input: Hashable, Sendable {
        public var value: Double
        /// Seconds since 1970.
        public var utcSeconds: Int64

        public init(_ value: Double, at utcSeconds: Int64) {
            self.value = value
            self.utcSeconds = utcSeconds
        }
    }

    /// A parameter that was scored.
    public struct Part: Hashable, Sendable {
        public var parameter: Parameter
        public var input: Input
        public var points: Int
        /// More than ``points`` only where another parameter that is missing decides.
        public var pointsMax: Int
    }

    /// How soon the chart asks for somebody.
    public enum Response: String, Hashable, Sendable, CaseIterable {
        case none, low
        /// 3 points in one parameter.
        case lowMedium = "low-medium"
        case medium, high
    }

    public var scale: Scale
    /// In the chart's order.
    public var parts: [Part]
    /// Never measured, or longer ago than it holds.
    public var missing: [Parameter]

    /// The score of what is known: the true one is not lower.
    public var score: Int { parts.reduce(0) { $0 + $1.points } }

    /// The highest that the true score can be.
    public var scoreMax: Int {
        parts.reduce(0) { $0 + $1.pointsMax } + missing.reduce(0) { $0 + $1.pointsMax }
    }

    public var isComplete: Bool { missing.isEmpty }

    /// From this score on the chart asks for an urgent response.
    public static let scoreUrgent = 5

    /// What is known calls for an urgent response.
    public var isUrgent: Bool { score >= Self.scoreUrgent }

    /// By what is known.
    public var response: Response {
        switch score {
        case 7...: .high
        case Self.scoreUrgent...: .medium
        default: parts.contains { $0.points >= 3 } ? .lowMedium : score > 0 ? .low : .none
        }
    }

    public init(_ inputs: [Parameter: Input], scale: Scale, at utcSeconds: Int64) {
        self.scale = scale
        parts = []
        missing = []
        let current = inputs.filter { parameter, input in
            let age = utcSeconds.subtractingReportingOverflow(input.utcSeconds)
            return input.value.isFinite && !age.overflow && age.partialValue <= parameter.validSeconds
        }
        let isOnOxygen = current[.supplementalOxygen].map { $0.value >= 0.5 }
        for parameter in Parameter.allCases {
            guard let input = current[parameter] else {
                missing.append(parameter)
                continue
            }
            let value = input.value
            let points = Self.points(parameter, value, scale, isOnOxygen: isOnOxygen ?? false)
            let other = isOnOxygen == nil ? Self.points(parameter, value, scale, isOnOxygen: true) : points
            parts.append(
                Part(parameter: parameter, input: input, points: min(points, other), pointsMax: max(points, other)))
        }
    }

    /// What one value adds. The chart is in whole numbers (temperature: tenths): values are rounded to them.
    public static func points(_ parameter: Parameter, _ value: Double, _ scale: Scale, isOnOxygen: Bool) -> Int {
        let whole = value.rounded()
        return switch parameter {
        case .respirationRate: step(whole, [(8, 3), (11, 1), (20, 0), (24, 2)], above: 3)
        case .oxygenSaturation: saturation(whole, scale, isOnOxygen: isOnOxygen)
        case .supplementalOxygen: value >= 0.5 ? 2 : 0
        case .systolicPressure: step(whole, [(90, 3), (100, 2), (110, 1), (219, 0)], above: 3)
        case .pulseRate: step(whole, [(40, 3), (50, 1), (90, 0), (110, 1), (130, 2)], above: 3)
        case .alertness: value >= 0.5 ? 0 : 3
        case .temperature:
            step((value * 10).rounded(), [(350, 3), (360, 1), (380, 0), (390, 1)], above: 2)
        }
    }

    private static func saturation(_ whole: Double, _ scale: Scale, isOnOxygen: Bool) -> Int {
        switch scale {
        case .scale1: step(whole, [(91, 3), (93, 2), (95, 1)], above: 0)
        case .scale2:
            isOnOxygen
                ? step(whole, [(83, 3), (85, 2), (87, 1), (92, 0), (94, 1), (96, 2)], above: 3)
                : step(whole, [(83, 3), (85, 2), (87, 1)], above: 0)
        }
    }

    /// The points of the first step that the value does not pass.
    private static func step(_ value: Double, _ steps: [(upTo: Double, points: Int)], above: Int) -> Int {
        steps.first { value <= $0.upTo }?.points ?? above
    }
}
