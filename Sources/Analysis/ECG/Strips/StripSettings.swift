/// Which findings get a strip, how long it is, and how many there may be.
public struct StripSettings: Hashable, Sendable {
    /// Before what was found begins, and after it (s).
    public var beforeSeconds = 10.0
    public var afterSeconds = 20.0
    /// Of one kind of finding in an hour.
    public var perHourMax = 4
    /// Of all kinds in a day.
    public var perDayMax = 60
    /// Samples of all leads in one strip: more are averaged, two and two or more, so that its message stays below
    /// 192 KiB.
    public var samplesMax = 30_000

    public init() {}

    /// How often a kind of finding gets a strip at most, in an hour and in a day; `nil`: never.
    func limit(of kind: Finding.Kind) -> (hour: Int, day: Int)? {
        switch kind {
        case .asystole, .ventricularFibrillation, .ventricularTachycardia, .extremeBradycardia,
            .extremeTachycardia, .ventricularRun, .atrialFibrillation, .pause:
            (perHourMax, perDayMax)
        // The first of the day shows what they look like.
        case .ventricularCouplet, .ventricularBigeminy, .ventricularTrigeminy, .bradycardia, .tachycardia: (1, 1)
        case .signalPoor, .leadOff: nil
        }
    }
}
