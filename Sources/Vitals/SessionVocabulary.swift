extension SessionAnnotation {
    /// What can be marked. A closed vocabulary; the raw value is the name on the wire.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        // Beats of an ECG, by the classes of ANSI/AAMI EC57.
        case beatNormal = "beat-normal"
        case beatSupraventricular = "beat-supraventricular"
        case beatVentricular = "beat-ventricular"
        case beatFusion = "beat-fusion"
        case beatUnclassifiable = "beat-unclassifiable"

        // Rhythms and what is in an ECG's way.
        case asystole
        case ventricularFibrillation = "ventricular-fibrillation"
        case ventricularTachycardia = "ventricular-tachycardia"
        case extremeBradycardia = "extreme-bradycardia"
        case extremeTachycardia = "extreme-tachycardia"
        case ventricularRun = "ventricular-run"
        case ventricularCouplet = "ventricular-couplet"
        case ventricularBigeminy = "ventricular-bigeminy"
        case ventricularTrigeminy = "ventricular-trigeminy"
        case atrialFibrillation = "atrial-fibrillation"
        case pause
        case bradycardia
        case tachycardia
        case signalPoor = "signal-poor"
        case leadOff = "lead-off"

        // Of an oximeter's night.
        case desaturation
        case artefact
        case sensorOff = "sensor-off"

        // Of a blow.
        case startOfTest = "start-of-test"
        case peakFlow = "peak-flow"
        case endOfTest = "end-of-test"
        case cough
    }
}

/// A number of a whole session that is no metric of its own. A closed vocabulary; the raw value is the name on the
/// wire.
public enum SessionMeasure: String, Hashable, Sendable, CaseIterable {
    /// Time with a believable signal.
    case validTime = "valid-time"
    /// Desaturations of at least 3 percent an hour of valid time, as sleep laboratories count them (AASM).
    case desaturationIndex3 = "desaturation-index-3"
    /// Desaturations of at least 4 percent an hour of valid time.
    case desaturationIndex4 = "desaturation-index-4"
    /// The same as makers of finger oximeters count them: below the running mean of five minutes.
    case desaturationIndex3Vendor = "desaturation-index-3-vendor"
    case desaturationIndex4Vendor = "desaturation-index-4-vendor"
    /// Groups of at least five desaturations within half an hour.
    case desaturationClusters = "desaturation-clusters"
    /// The share of the valid time with a saturation below 90 percent.
    case timeBelow90 = "time-below-90"
    /// The share of the valid time with a saturation below 88 percent.
    case timeBelow88 = "time-below-88"
    case saturationMean = "oxygen-saturation-mean"
    case saturationNadir = "oxygen-saturation-nadir"
    /// The area of all desaturations below their baselines, an hour of valid time.
    case hypoxicBurden = "hypoxic-burden"
    /// How many standard deviations FEV1 is away from what is expected of the person.
    case fev1ZScore = "fev1-z-score"
    case fvcZScore = "fvc-z-score"
    case fev1OverFVCZScore = "fev1-fvc-z-score"
    /// From before to after a bronchodilator, in percent of what is expected of the person.
    case fev1BronchodilatorChange = "fev1-bronchodilator-change"
    case fvcBronchodilatorChange = "fvc-bronchodilator-change"
    /// The best peak flow, in percent of the person's own best.
    case peakFlowOfPersonalBest = "peak-flow-of-personal-best"

    /// UCUM.
    public var unit: String {
        switch self {
        case .validTime: "s"
        case .desaturationIndex3, .desaturationIndex4, .desaturationIndex3Vendor, .desaturationIndex4Vendor: "/h"
        case .desaturationClusters: "1"
        case .timeBelow90, .timeBelow88, .saturationMean, .saturationNadir: "%"
        case .fev1BronchodilatorChange, .fvcBronchodilatorChange, .peakFlowOfPersonalBest: "%"
        case .hypoxicBurden: "%.min/h"
        case .fev1ZScore, .fvcZScore, .fev1OverFVCZScore: "1"
        }
    }

    public var fractionDigits: Int {
        switch self {
        case .validTime, .desaturationClusters: 0
        case .fev1ZScore, .fvcZScore, .fev1OverFVCZScore: 2
        default: 1
        }
    }
}
