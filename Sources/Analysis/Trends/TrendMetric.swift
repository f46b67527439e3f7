public import Vitals

/// What is followed from day to day.
public enum TrendMetric: String, Hashable, Sendable, CaseIterable {
    case oxygenSaturation = "oxygen-saturation"
    /// Of an oximeter, a cuff or an ECG.
    case pulseRate = "pulse-rate"
    case respirationRate = "respiration-rate"
    case forcedExpiratoryVolume1s = "forced-expiratory-volume-1s"
    case forcedVitalCapacity = "forced-vital-capacity"
    case peakExpiratoryFlow = "peak-expiratory-flow"
    case temperature = "body-temperature"
    case systolicPressure = "blood-pressure-systolic"
    case weight = "body-weight"

    /// What a day's many values come to.
    public enum Aggregation: Hashable, Sendable {
        /// The median of the values.
        case median
        /// The lowest of the medians of four hours: at rest.
        case resting
        /// The best attempt.
        case best
    }

    /// Which way is worse.
    public enum Worse: Hashable, Sendable { case lower, higher, either }

    public init?(_ metric: Metric) {
        switch metric {
        case .oxygenSaturation: self = .oxygenSaturation
        case .pulseRate, .pulseRateCuff, .heartRate: self = .pulseRate
        case .respirationRate, .respirationRateThoracic, .respirationRateAirway: self = .respirationRate
        case .forcedExpiratoryVolume1s: self = .forcedExpiratoryVolume1s
        case .forcedVitalCapacity: self = .forcedVitalCapacity
        case .peakExpiratoryFlow: self = .peakExpiratoryFlow
        case .bodyTemperature, .bodyTemperatureOral, .bodyTemperatureAxillary, .bodyTemperatureEar,
            .bodyTemperatureTympanic, .bodyTemperatureRectal:
            self = .temperature
        case .bloodPressureSystolic: self = .systolicPressure
        case .bodyWeight: self = .weight
        default: return nil
        }
    }

    public var aggregation: Aggregation {
        switch self {
        case .pulseRate, .respirationRate: .resting
        case .forcedExpiratoryVolume1s, .forcedVitalCapacity, .peakExpiratoryFlow: .best
        default: .median
        }
    }

    public var worse: Worse {
        switch self {
        case .oxygenSaturation, .forcedExpiratoryVolume1s, .forcedVitalCapacity, .peakExpiratoryFlow: .lower
        case .pulseRate, .respirationRate, .temperature, .weight: .higher
        case .systolicPressure: .either
        }
    }

    /// The smallest deviation that a patient's own values are taken to have: an absolute part in the metric's unit,
    /// and a share of the level. Without it a very regular patient would alarm at nothing.
    public var deviationMin: (absolute: Double, share: Double) {
        switch self {
        case .oxygenSaturation: (1, 0)
        case .pulseRate: (4, 0)
        case .respirationRate: (1.5, 0)
        case .forcedExpiratoryVolume1s, .forcedVitalCapacity: (0, 0.03)
        case .peakExpiratoryFlow: (0, 0.05)
        case .temperature: (0.2, 0)
        case .systolicPressure: (6, 0)
        case .weight: (0.5, 0)
        }
    }
}
