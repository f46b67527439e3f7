/// What can be wrong with a blow. A closed vocabulary; the raw value is the name on the wire.
///
/// Table 7 is that of ATS/ERS 2019 (Graham et al., doi 10.1164/rccm.201908-1590ST). Where it gives no number,
/// ours stands with the constant in ``BlowLimits``.
public enum BlowFault: String, Hashable, Sendable, CaseIterable {
    /// Table 7, row 1: the start was slow; more than 5 % of FVC or 0.100 L went out before time 0.
    case extrapolatedVolume = "extrapolated-volume"
    /// Table 7, row 2: the sensor shows a flow while there is none.
    case zeroFlow = "zero-flow-error"
    /// Table 7, row 3.
    case coughInFirstSecond = "cough-in-first-second"
    /// Table 7, row 4.
    case glotticClosureInFirstSecond = "glottic-closure-in-first-second"
    /// Table 7, row 5.
    case glotticClosure = "glottic-closure"
    /// Table 7, row 6: neither a plateau nor 15 s nor as much as before.
    case noEndOfExpiration = "no-end-of-expiration"
    /// Table 7, row 7: a tongue, teeth or a hand in the way.
    case obstruction = "obstructed-mouthpiece"
    /// Table 7, row 8.
    case leak
    /// Table 7, row 9: the breath in afterwards was greater than the one out: the blow did not begin at full
    /// inspiration.
    case inspirationExceeds = "inspiration-greater-than-fvc"
    /// The expiration is shorter than the first second (0.75 s up to 6 years): there is no FEV1.
    case tooShort = "shorter-than-first-second"
    /// More than 2 s at full inspiration: ATS/ERS 2019, on hesitation time. A hint, no reason to throw the blow
    /// away.
    case hesitation
    /// From 10 to 90 % of the peak flow in more than 150 ms: ATS/ERS 2019, on rise time. A hint.
    case slowRise = "slow-rise"
    /// The peak came late or was far below the others of the sitting (ours). A hint.
    case submaximal = "submaximal-effort"
    /// A cough behind the first second: no row of table 7, a hint.
    case coughLater = "cough"

    /// What it costs, as table 7 has it. A young child's cough also costs the use of FEV0.75 (its first footnote).
    func spoils(_ measure: GradedMeasure, use: Bool, isYoungChild: Bool) -> Bool {
        switch self {
        case .extrapolatedVolume, .zeroFlow, .glotticClosureInFirstSecond: true
        case .coughInFirstSecond: measure == .fev1 && (!use || isYoungChild)
        case .glotticClosure, .noEndOfExpiration: measure == .fvc && !use
        case .obstruction, .leak, .inspirationExceeds: !use
        case .tooShort: measure == .fev1
        case .hesitation, .slowRise, .submaximal, .coughLater: false
        }
    }
}

/// What is graded by itself: ATS/ERS 2019, table 10.
public enum GradedMeasure: String, Hashable, Sendable, CaseIterable {
    /// Up to 6 years FEV0.75 stands in its place.
    case fev1
    case fvc
}

/// How far a number of a blow may be relied on: ATS/ERS 2019, table 7.
public enum Acceptability: String, Hashable, Sendable, CaseIterable {
    case acceptable
    /// It may be reported when nothing better was achieved.
    case usable
    case unusable
}

/// The numbers behind ``BlowFault``.
public enum BlowLimits {
    /// Row 1 and row 9: share of the FVC, or litres, whichever is greater.
    public static let volumeShareMax = 0.05
    public static let volumeLitresMax = 0.100
    /// Row 6: a plateau has no more in its last second.
    public static let plateauLitresMax = 0.025
    /// Row 6: so long is long enough.
    public static let expirationSecondsEnough = 15.0
    /// ATS/ERS 2019, on hesitation time: at full inspiration.
    public static let hesitationSecondsMax = 2.0
    /// ATS/ERS 2019, on rise time: from 10 to 90 % of the peak flow.
    public static let riseTimeSecondsMax = 0.150
    /// The first second; 0.75 s up to 6 years (footnote of table 7).
    public static func firstSeconds(isYoungChild: Bool) -> Double { isYoungChild ? 0.75 : 1 }
    /// Years, table 7 and its footnotes: up to here a child is young.
    public static let youngChildYearsMax = 6.0

    // Ours.

    /// A cough: the flow falls below this share of what it was before and comes back.
    public static let coughDipShare = 0.5
    /// Litres a second: smaller dips are the sensor's noise or a wavering breath.
    public static let coughDepthMin = 0.3
    /// How far around a dip is looked for what it fell from, and what it came back to.
    static let coughReachSeconds = 0.15
    /// A closure: from above this share of the peak flow (the early ending of young children, ATS/ERS 2007,
    /// doi 10.1164/rccm.200605-642ST) to nothing within this time, and nothing for so long.
    public static let closureFromShare = 0.10
    static let closureFlowMin = 0.2
    static let closureFallSeconds = 0.1
    public static let closureHoldSeconds = 0.25
    /// Litres a second: below this nothing flows.
    public static let noFlowMax = 0.03
    /// Litres a second that a sensor may be off: 0.15 L in 6 s, what two good blows may differ by.
    public static let zeroFlowMax = 0.025
    /// As steady as a breath is not, litres a second.
    static let zeroFlowSpreadMax = 0.01
    static let zeroFlowSeconds = 0.5
    /// Slower than any breath in, litres a second: volume that goes away like this leaks.
    static let creepFlowMax = 0.10
    static let creepSeconds = 1.0
    /// An obstruction: three quarters of the FVC gone, and still this share of the peak flow.
    public static let boxShare = 0.80
    /// A late peak: a larger share of the FVC in front of it, with a slow rise.
    public static let latePeakShare = 0.25
    /// A weak blow: below this share of the sitting's best peak flow.
    public static let weakPeakShare = 0.80
}
