/// What IEEE 11073-10421 (peak flow) and the spirometry terms of 11073-10101 call things: for whatever speaks them,
/// by an agent of 11073-20601 or by a generic health service.
public enum SpirometryCodes {
    /// Device specialisations, partition 8.
    public static let peakFlowMonitor: UInt16 = 4117
    public static let spirometer: UInt16 = 4125

    /// The context-free code, partition × 65 536 + term. The numeric attribute carries the term alone.
    public static func metric(mdc code: UInt32) -> Metric? { byCode[code] }

    /// A term of partition 2 (supervisory control and data acquisition), where all of these stand.
    public static func metric(term: UInt16) -> Metric? { byCode[2 << 16 | UInt32(term)] }

    /// Units, partition 4: X_L 1600, X_L_PER_SEC 3040, X_L_PER_MIN 3072, with the prefixes CENTI +17 and MILLI +18.
    public enum Unit: UInt32, Hashable, Sendable, CaseIterable {
        case litres = 263_744
        case millilitres = 263_762
        case litresPerSecond = 265_184
        case centilitresPerSecond = 265_201
        case litresPerMinute = 265_216
        case percent = 262_688
        case seconds = 264_320
        case milliseconds = 264_338

        /// Of a session's result: litres, litres a second, seconds, percent.
        var factor: Double {
            switch self {
            case .litres, .litresPerSecond, .percent, .seconds: 1
            case .millilitres, .milliseconds: 0.001
            case .centilitresPerSecond: 0.01
            case .litresPerMinute: 1.0 / 60
            }
        }

        var ucum: String {
            switch self {
            case .litres, .millilitres: "L"
            case .litresPerSecond, .centilitresPerSecond, .litresPerMinute: "L/s"
            case .percent: "%"
            case .seconds, .milliseconds: "s"
            }
        }
    }

    /// A numeric observation as a session's result; `nil`: another metric, a unit that does not fit it, or a value
    /// that cannot be.
    public static func result(mdc code: UInt32, unit unitCode: UInt32, value: Double) -> ManoeuvreResult? {
        guard let metric = metric(mdc: code), let unit = Unit(rawValue: unitCode) else { return nil }
        let result = ManoeuvreResult(metric, value * unit.factor)
        return result.unit == unit.ucum && result.isPossible ? result : nil
    }

    /// Bit 1 of the 16 of a MeasurementStatus, counted from the highest: validity questionable (11073-20601).
    public static func quality(measurementStatus: UInt16) -> Quality {
        var doubts: QualityReasons = .resultsOnly
        if measurementStatus & 0x4000 != 0 { doubts.insert(.deviceRejected) }
        return .questionable(doubts)
    }

    private static let metrics: [Metric] = [
        .peakExpiratoryFlow, .peakExpiratoryFlowPersonalBest, .forcedExpiratoryVolume1s, .forcedExpiratoryVolume6s,
        .forcedVitalCapacity, .forcedExpiratoryVolume500ms, .forcedExpiratoryVolume750ms, .forcedExpiratoryVolume3s,
        .fev1OverFVC, .fev1OverFEV6, .forcedExpiratoryFlow25To75, .forcedExpiratoryFlow25, .forcedExpiratoryFlow50,
        .forcedExpiratoryFlow75, .peakInspiratoryFlow, .forcedInspiratoryVitalCapacity, .slowVitalCapacity,
        .vitalCapacity, .extrapolatedVolume, .forcedExpiratoryTime, .peakExpiratoryFlowTime,
    ]

    private static let byCode: [UInt32: Metric] = {
        var found: [UInt32: Metric] = [:]
        for metric in metrics { if let code = metric.definition.mdcCode { found[code] = metric } }
        return found
    }()
}
