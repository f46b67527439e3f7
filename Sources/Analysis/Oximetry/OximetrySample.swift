public import Vitals

/// What an oximeter said at one moment.
public struct OximetrySample: Hashable, Sendable {
    /// Milliseconds on any clock that does not step; the order of the samples is the order of the times.
    public var milliseconds: Int64
    /// SpO2, %; `nil`: none.
    public var saturation: Double?
    /// Pulse rate, beats a minute.
    public var pulseRate: Double?
    /// Pulsatile over constant light, %.
    public var perfusionIndex: Double?
    /// What the device or the driver says against the value.
    public var reasons: QualityReasons

    public init(
        milliseconds: Int64, saturation: Double?, pulseRate: Double? = nil, perfusionIndex: Double? = nil,
        reasons: QualityReasons = []
    ) {
        self.milliseconds = milliseconds
        self.saturation = saturation
        self.pulseRate = pulseRate
        self.perfusionIndex = perfusionIndex
        self.reasons = reasons
    }
}

/// Why a value of an oximeter did not count.
public enum OximetryRejection: String, Hashable, Sendable, CaseIterable {
    /// The device itself said so: sensor off, no pulse, motion, low perfusion, artefact, old value.
    case deviceDoubt
    /// No number, or below 50 % or above 100 %.
    case outOfRange
    /// A step that blood cannot make.
    case slope
    /// Steps up and down in turn: movement that the device did not tell.
    case motion
    /// The climb of the first seconds after the sensor was put on.
    case acquisition
}

/// SpO2 in hundredths of a percent: whole numbers, so that sums never drift and the order of adding never counts.
public typealias SaturationHundredths = Int
