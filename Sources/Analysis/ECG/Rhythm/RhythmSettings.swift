/// The limits of the rhythm's findings. Rates per minute, times in seconds.
///
/// The limits of the five life-threatening rhythms are the definitions of the PhysioNet/Computing in Cardiology
/// Challenge 2015 on false alarms in intensive care (Clifford et al. 2015).
public struct RhythmSettings: Hashable, Sendable {
    /// Below it the rhythm is slow: customary in Holter reports.
    public var bradycardiaRateMin = 50.0
    /// Above it the rhythm is fast: customary in Holter reports.
    public var tachycardiaRateMax = 100.0
    /// So far must the rate come back before a slow or fast rhythm has ended.
    public var rateHysteresis = 5.0
    /// So many beats one after the other must show the rate.
    public var rateBeatsMin = 3
    /// So many beats must be back at a usual rate before a slow or fast rhythm has ended.
    public var rateBeatsToEnd = 8

    public var extremeBradycardiaRateMin = 40.0
    public var extremeBradycardiaBeatsMin = 5
    public var extremeTachycardiaRateMax = 140.0
    public var extremeTachycardiaBeatsMin = 17

    /// The shortest pause that is told. Reports call one of 3 s an event.
    public var pauseSecondsMin = 2.0
    /// The longest time without a beat that is not an asystole.
    public var asystoleSecondsMin = 4.0

    public var ventricularRunBeatsMin = 3
    public var ventricularTachycardiaBeatsMin = 5
    public var ventricularTachycardiaRateMin = 100.0
    /// Cycles of a bigeminy or trigeminy before it is one.
    public var patternCyclesMin = 3

    /// Seconds of bad signal in the last ``signalPoorWindowSeconds`` that make a technical finding.
    public var signalPoorSecondsMin = 3
    public var signalPoorWindowSeconds = 5
    /// Seconds of usable signal that end it.
    public var signalPoorSecondsToEnd = 5
    /// Seconds without contact that make a technical finding, and with contact that end it.
    public var leadOffSecondsMin = 2

    public init() {}
}
