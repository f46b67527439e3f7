/// How an event of desaturation is defined. One night gives very different counts by definition alone, so each
/// has a name and no number stands without it.
public enum DesaturationDefinition: String, Hashable, Sendable, CaseIterable {
    /// As makers of finger oximeters count: below the running mean of five minutes, until back; no shortest length.
    case vendorCompatible
    /// As in sleep laboratories (AASM): from the level before the event, at least ten seconds, until it recovers.
    case aasm
}

/// A fall of the saturation and its recovery.
public struct DesaturationEvent: Hashable, Sendable {
    /// Seconds from the first sample.
    public var startSecond: Int
    public var endSecond: Int
    /// When it was lowest.
    public var nadirSecond: Int
    /// SpO2 before it, hundredths of a percent.
    public var baseline: SaturationHundredths
    public var nadir: SaturationHundredths
    /// Area between the baseline and the curve, hundredths of a percent × seconds.
    public var area: Int
    /// It ended because the signal did.
    public var isCutOff: Bool

    /// The furthest below the baseline that it came. Where the baseline runs along, below that of the moment.
    public var depth: SaturationHundredths

    public var durationSeconds: Int { endSecond - startSecond }

    /// Longer than a breathing event can be: a lasting lack of oxygen, counted once.
    public var isSustained: Bool { durationSeconds > Self.breathingSecondsMax }

    /// The longest fall and recovery that belongs to one pause of breathing, s.
    public static let breathingSecondsMax = 180
}
