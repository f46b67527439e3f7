public import Vitals

/// The numbers by which a night of oximetry is judged. Saturations in hundredths of a percent.
public enum OximetryParameters {
    /// Values outside this are no measurement: below it no pulse oximeter is calibrated.
    public static let possible: ClosedRange<SaturationHundredths> = 5000 ... 10_000
    /// The steepest change of arterial saturation that is believed, %·100 a second.
    public static let slopePerSecondMax: SaturationHundredths = 400
    /// Steps up and down beyond the slope within this time are movement, s.
    public static let motionWindowSeconds = 10
    /// Movement is over when so long no step was beyond the slope, s.
    public static let motionQuietSeconds = 5
    /// A hole up to this long is filled with the value before it; a longer one is not time, s.
    public static let holdSecondsMax = 10
    /// A hole longer than this begins a new stretch: events end, baselines are learnt anew, s.
    public static let segmentGapSeconds = 60
    /// After the sensor was put on, so long is waited for the level to settle, s.
    public static let settlingSeconds = 15
    /// Before that, values so far below the level reached are the climb of the device's average.
    public static let settlingDepth: SaturationHundredths = 200
    /// The depths that count as desaturation in ODI3 and ODI4.
    public static let depth3: SaturationHundredths = 300
    public static let depth4: SaturationHundredths = 400
    /// Time below these counts in T90 and T88.
    public static let limit90: SaturationHundredths = 9000
    public static let limit88: SaturationHundredths = 8800
    /// Reasons with which a number is not used.
    public static let refused: QualityReasons = [
        .sensorOff, .sensorFault, .leadOff, .searching, .noSignal, .motion, .lowPerfusion, .artefact, .outOfRange,
        .noValue, .saturated, .flatline, .noise, .held, .deviceRejected,
    ]
    /// Reasons after which the sensor has to find its level again.
    public static let contactLost: QualityReasons = [.sensorOff, .sensorFault, .searching, .noSignal]
}
