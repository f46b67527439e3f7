/// The codes, the unit and the limits of a metric.
///
/// Sources: ISO/IEEE 11073-10101 (MDC, as partition × 65 536 + code), LOINC, UCUM.
public struct MetricDefinition: Hashable, Sendable {
    /// Context-free MDC code; `nil` where the nomenclature has none.
    public var mdcCode: UInt32?
    public var mdcReferenceID: String?
    public var loinc: String?
    /// UCUM, case sensitive. `1` for a number without a unit.
    public var unit: String
    /// What any device can mean. Outside it a value is a decoding error or nonsense, not a finding.
    public var possible: ClosedRange<Double>
    /// Digits after the decimal point that are worth showing.
    public var fractionDigits: Int
}

extension Metric {
    public var unit: String { definition.unit }

    public var definition: MetricDefinition {
        switch self {
        case .oxygenSaturation:
            MetricDefinition(
                mdcCode: 150456, mdcReferenceID: "MDC_PULS_OXIM_SAT_O2", loinc: "59408-5", unit: "%",
                possible: 0 ... 100, fractionDigits: 1)
        case .pulseRate:
            MetricDefinition(
                mdcCode: 149530, mdcReferenceID: "MDC_PULS_OXIM_PULS_RATE", loinc: "8889-8", unit: "/min",
                possible: 0 ... 511, fractionDigits: 0)
        case .pulseRateCuff:
            MetricDefinition(
                mdcCode: 149546, mdcReferenceID: "MDC_PULS_RATE_NON_INV", loinc: "8867-4", unit: "/min",
                possible: 0 ... 300, fractionDigits: 0)
        case .perfusionIndex:
            MetricDefinition(
                mdcCode: 150448, mdcReferenceID: "MDC_PULS_OXIM_PERF_REL", loinc: "61006-3", unit: "%",
                possible: 0 ... 40, fractionDigits: 2)
        case .oxygenDesaturationIndex3, .oxygenDesaturationIndex4:
            MetricDefinition(
                mdcCode: nil, mdcReferenceID: nil, loinc: nil, unit: "/h", possible: 0 ... 360, fractionDigits: 1)
        case .earlyWarningScore, .earlyWarningScoreMax:
            MetricDefinition(
                mdcCode: nil, mdcReferenceID: nil, loinc: nil, unit: "{score}", possible: 0 ... 20,
                fractionDigits: 0)
        case .plethysmogram:
            MetricDefinition(
                mdcCode: 150452, mdcReferenceID: "MDC_PULS_OXIM_PLETH", loinc: "76523-0", unit: "1",
                possible: -2147483648 ... 2147483647, fractionDigits: 0)
        case .heartRate:
            MetricDefinition(
                mdcCode: 147842, mdcReferenceID: "MDC_ECG_HEART_RATE", loinc: "8867-4", unit: "/min",
                possible: 0 ... 400, fractionDigits: 0)
        case .heartRateInstant:
            MetricDefinition(
                mdcCode: 147850, mdcReferenceID: "MDC_ECG_HEART_RATE_INSTANT", loinc: "8867-4", unit: "/min",
                possible: 0 ... 400, fractionDigits: 0)
        case .rrInterval:
            MetricDefinition(
                mdcCode: 147240, mdcReferenceID: "MDC_ECG_TIME_PD_RR_GL", loinc: "8637-1", unit: "ms",
                possible: 0 ... 65535, fractionDigits: 0)
        case .hrvSDNN:
            MetricDefinition(
                mdcCode: nil, mdcReferenceID: nil, loinc: "80404-7", unit: "ms",
                possible: 0 ... 2000, fractionDigits: 1)
        case .hrvRMSSD:
            MetricDefinition(
                mdcCode: nil, mdcReferenceID: nil, loinc: nil, unit: "ms", possible: 0 ... 2000, fractionDigits: 1)
        case .hrvLFOverHF:
            MetricDefinition(
                mdcCode: nil, mdcReferenceID: nil, loinc: nil, unit: "1", possible: 0 ... 1000, fractionDigits: 2)
        case .atrialFibrillationBurden, .atrialFibrillationBurdenDay:
            MetricDefinition(
                mdcCode: nil, mdcReferenceID: nil, loinc: nil, unit: "%", possible: 0 ... 100, fractionDigits: 1)
        case .ventricularPrematureRate:
            MetricDefinition(
                mdcCode: nil, mdcReferenceID: nil, loinc: nil, unit: "/h", possible: 0 ... 20_000, fractionDigits: 1
            )
        case .ecgLead:
            MetricDefinition(
                mdcCode: 131328, mdcReferenceID: "MDC_ECG_ELEC_POTL", loinc: nil, unit: "mV",
                possible: -500 ... 500, fractionDigits: 3)
        case .ecgLeadI:
            MetricDefinition(
                mdcCode: 131329, mdcReferenceID: "MDC_ECG_ELEC_POTL_I", loinc: "11524-6", unit: "mV",
                possible: -500 ... 500, fractionDigits: 3)
        case .ecgLeadII:
            MetricDefinition(
                mdcCode: 131330, mdcReferenceID: "MDC_ECG_ELEC_POTL_II", loinc: nil, unit: "mV",
                possible: -500 ... 500, fractionDigits: 3)
        case .ecgLeadIII:
            MetricDefinition(
                mdcCode: 131389, mdcReferenceID: "MDC_ECG_ELEC_POTL_III", loinc: nil, unit: "mV",
                possible: -500 ... 500, fractionDigits: 3)
        case .ecgLeadAVR:
            MetricDefinition(
                mdcCode: 131390, mdcReferenceID: "MDC_ECG_ELEC_POTL_AVR", loinc: nil, unit: "mV",
                possible: -500 ... 500, fractionDigits: 3)
        case .ecgLeadAVL:
            MetricDefinition(
                mdcCode: 131391, mdcReferenceID: "MDC_ECG_ELEC_POTL_AVL", loinc: nil, unit: "mV",
                possible: -500 ... 500, fractionDigits: 3)
        case .ecgLeadAVF:
            MetricDefinition(
                mdcCode: 131392, mdcReferenceID: "MDC_ECG_ELEC_POTL_AVF", loinc: nil, unit: "mV",
                possible: -500 ... 500, fractionDigits: 3)
        case .ecgLeadV1:
            MetricDefinition(
                mdcCode: 131331, mdcReferenceID: "MDC_ECG_ELEC_POTL_V1", loinc: nil, unit: "mV",
                possible: -500 ... 500, fractionDigits: 3)
        case .ecgLeadV2:
            MetricDefinition(
                mdcCode: 131332, mdcReferenceID: "MDC_ECG_ELEC_POTL_V2", loinc: nil, unit: "mV",
                possible: -500 ... 500, fractionDigits: 3)
        case .ecgLeadV3:
            MetricDefinition(
                mdcCode: 131333, mdcReferenceID: "MDC_ECG_ELEC_POTL_V3", loinc: nil, unit: "mV",
                possible: -500 ... 500, fractionDigits: 3)
        case .ecgLeadV4:
            MetricDefinition(
                mdcCode: 131334, mdcReferenceID: "MDC_ECG_ELEC_POTL_V4", loinc: nil, unit: "mV",
                possible: -500 ... 500, fractionDigits: 3)
        case .ecgLeadV5:
            MetricDefinition(
                mdcCode: 131335, mdcReferenceID: "MDC_ECG_ELEC_POTL_V5", loinc: nil, unit: "mV",
                possible: -500 ... 500, fractionDigits: 3)
        case .ecgLeadV6:
            MetricDefinition(
                mdcCode: 131336, mdcReferenceID: "MDC_ECG_ELEC_POTL_V6", loinc: nil, unit: "mV",
                possible: -500 ... 500, fractionDigits: 3)
        case .qtInterval:
            MetricDefinition(
                mdcCode: 147232, mdcReferenceID: "MDC_ECG_TIME_PD_QT_GL", loinc: "8634-8", unit: "ms",
                possible: 0 ... 2000, fractionDigits: 0)
        case .qtCorrected:
            MetricDefinition(
                mdcCode: 147236, mdcReferenceID: "MDC_ECG_TIME_PD_QTc", loinc: "8636-3", unit: "ms",
                possible: 0 ... 2000, fractionDigits: 0)
        case .ventricularPrematureCount:
            MetricDefinition(
                mdcCode: 148065, mdcReferenceID: "MDC_ECG_V_P_C_CNT", loinc: nil, unit: "1",
                possible: 0 ... 65535, fractionDigits: 0)
        case .atrialFibrillation:
            MetricDefinition(
                mdcCode: 147720, mdcReferenceID: "MDC_ECG_ATR_FIB", loinc: nil, unit: "1",
                possible: 0 ... 1, fractionDigits: 0)
        case .respirationRate:
            MetricDefinition(
                mdcCode: 151562, mdcReferenceID: "MDC_RESP_RATE", loinc: "9279-1", unit: "/min",
                possible: 0 ... 150, fractionDigits: 1)
        case .respirationRateThoracic:
            MetricDefinition(
                mdcCode: 151578, mdcReferenceID: "MDC_TTHOR_RESP_RATE", loinc: "9279-1", unit: "/min",
                possible: 0 ... 150, fractionDigits: 1)
        case .respirationRateAirway:
            MetricDefinition(
                mdcCode: 151570, mdcReferenceID: "MDC_AWAY_RESP_RATE", loinc: "9279-1", unit: "/min",
                possible: 0 ... 150, fractionDigits: 1)
        case .forcedVitalCapacity:
            MetricDefinition(
                mdcCode: 188928, mdcReferenceID: "MDC_VOL_AWAY_EXP_FORCED_CAPACITY", loinc: "19868-9", unit: "L",
                possible: 0 ... 15, fractionDigits: 3)
        case .forcedExpiratoryVolume1s:
            MetricDefinition(
                mdcCode: 152586, mdcReferenceID: "MDC_VOL_AWAY_EXP_FORCED_1S", loinc: "20150-9", unit: "L",
                possible: 0 ... 12, fractionDigits: 3)
        case .forcedExpiratoryVolume6s:
            MetricDefinition(
                mdcCode: 152587, mdcReferenceID: "MDC_VOL_AWAY_EXP_FORCED_6S", loinc: nil, unit: "L",
                possible: 0 ... 15, fractionDigits: 3)
        case .forcedExpiratoryVolume500ms:
            MetricDefinition(
                mdcCode: 188940, mdcReferenceID: "MDC_VOL_AWAY_EXP_FORCED_0_5S", loinc: nil, unit: "L",
                possible: 0 ... 12, fractionDigits: 3)
        case .forcedExpiratoryVolume750ms:
            MetricDefinition(
                mdcCode: 188944, mdcReferenceID: "MDC_VOL_AWAY_EXP_FORCED_0_75S", loinc: nil, unit: "L",
                possible: 0 ... 12, fractionDigits: 3)
        case .forcedExpiratoryVolume3s:
            MetricDefinition(
                mdcCode: 189044, mdcReferenceID: "MDC_VOL_AWAY_EXP_FORCED_3S", loinc: nil, unit: "L",
                possible: 0 ... 15, fractionDigits: 3)
        case .fev1OverFVC:
            MetricDefinition(
                mdcCode: 188948, mdcReferenceID: "MDC_RATIO_AWAY_EXP_FORCED_1S_FVC", loinc: "19926-5", unit: "%",
                possible: 0 ... 100, fractionDigits: 1)
        case .fev1OverFEV6:
            MetricDefinition(
                mdcCode: 188936, mdcReferenceID: "MDC_RATIO_AWAY_EXP_FORCED_FEV1_FEV6", loinc: nil, unit: "%",
                possible: 0 ... 100, fractionDigits: 1)
        case .peakExpiratoryFlow:
            MetricDefinition(
                mdcCode: 152584, mdcReferenceID: "MDC_FLOW_AWAY_EXP_FORCED_PEAK", loinc: "19935-6", unit: "L/min",
                possible: 0 ... 1200, fractionDigits: 0)
        case .peakExpiratoryFlowPersonalBest:
            MetricDefinition(
                mdcCode: 152585, mdcReferenceID: "MDC_FLOW_AWAY_EXP_FORCED_PEAK_PB", loinc: "83368-1",
                unit: "L/min",
                possible: 0 ... 1200, fractionDigits: 0)
        case .fev1Predicted:
            MetricDefinition(
                mdcCode: nil, mdcReferenceID: nil, loinc: "20149-1", unit: "L",
                possible: 0 ... 12, fractionDigits: 3)
        case .fev1PercentPredicted:
            MetricDefinition(
                mdcCode: nil, mdcReferenceID: nil, loinc: "20152-5", unit: "%",
                possible: 0 ... 250, fractionDigits: 1)
        case .forcedExpiratoryFlow25To75:
            MetricDefinition(
                mdcCode: 188960, mdcReferenceID: "MDC_FLOW_AWAY_EXP_FORCED_25_75_FVC", loinc: "69972-8",
                unit: "L/s",
                possible: 0 ... 20, fractionDigits: 3)
        case .forcedExpiratoryFlow25:
            MetricDefinition(
                mdcCode: 188964, mdcReferenceID: nil, loinc: nil, unit: "L/s",
                possible: 0 ... 20, fractionDigits: 3)
        case .forcedExpiratoryFlow50:
            MetricDefinition(
                mdcCode: 188968, mdcReferenceID: nil, loinc: nil, unit: "L/s",
                possible: 0 ... 20, fractionDigits: 3)
        case .forcedExpiratoryFlow75:
            MetricDefinition(
                mdcCode: 188972, mdcReferenceID: nil, loinc: nil, unit: "L/s",
                possible: 0 ... 20, fractionDigits: 3)
        case .peakInspiratoryFlow:
            MetricDefinition(
                mdcCode: 188976, mdcReferenceID: nil, loinc: nil, unit: "L/s",
                possible: 0 ... 20, fractionDigits: 3)
        case .forcedInspiratoryVitalCapacity:
            MetricDefinition(
                mdcCode: 188980, mdcReferenceID: nil, loinc: nil, unit: "L",
                possible: 0 ... 15, fractionDigits: 3)
        case .slowVitalCapacity:
            MetricDefinition(
                mdcCode: 188932, mdcReferenceID: nil, loinc: "19866-3", unit: "L",
                possible: 0 ... 15, fractionDigits: 3)
        case .vitalCapacity:
            MetricDefinition(
                mdcCode: 151680, mdcReferenceID: "MDC_CAPAC_VITAL", loinc: "19866-3", unit: "L",
                possible: 0 ... 15, fractionDigits: 3)
        case .extrapolatedVolume:
            MetricDefinition(
                mdcCode: 189020, mdcReferenceID: "MDC_VOL_AWAY_EXTRAP", loinc: nil, unit: "L",
                possible: 0 ... 5, fractionDigits: 3)
        case .forcedExpiratoryTime:
            MetricDefinition(
                mdcCode: 189016, mdcReferenceID: nil, loinc: nil, unit: "s",
                possible: 0 ... 120, fractionDigits: 2)
        case .peakExpiratoryFlowTime:
            MetricDefinition(
                mdcCode: 189124, mdcReferenceID: "MDC_FLOW_AWAY_EXP_PEAK_TIME", loinc: nil, unit: "s",
                possible: 0 ... 10, fractionDigits: 3)
        case .airwayFlow:
            MetricDefinition(
                mdcCode: 151764, mdcReferenceID: "MDC_FLOW_AWAY", loinc: nil, unit: "L/s",
                possible: -25 ... 25, fractionDigits: 3)
        case .airwayVolume:
            MetricDefinition(
                mdcCode: 152708, mdcReferenceID: "MDC_VOL_AWAY", loinc: nil, unit: "L",
                possible: -15 ... 15, fractionDigits: 3)
        case .bodyTemperature:
            MetricDefinition(
                mdcCode: 150364, mdcReferenceID: "MDC_TEMP_BODY", loinc: "8310-5", unit: "Cel",
                possible: 10 ... 50, fractionDigits: 2)
        case .bodyTemperatureOral:
            MetricDefinition(
                mdcCode: 188424, mdcReferenceID: "MDC_TEMP_ORAL", loinc: "8331-1", unit: "Cel",
                possible: 10 ... 50, fractionDigits: 2)
        case .bodyTemperatureRectal:
            MetricDefinition(
                mdcCode: 188420, mdcReferenceID: "MDC_TEMP_RECT", loinc: nil, unit: "Cel",
                possible: 10 ... 50, fractionDigits: 2)
        case .bodyTemperatureAxillary:
            MetricDefinition(
                mdcCode: 188452, mdcReferenceID: "MDC_TEMP_AXILLA", loinc: nil, unit: "Cel",
                possible: 10 ... 50, fractionDigits: 2)
        case .bodyTemperatureEar:
            MetricDefinition(
                mdcCode: 188428, mdcReferenceID: "MDC_TEMP_EAR", loinc: nil, unit: "Cel",
                possible: 10 ... 50, fractionDigits: 2)
        case .bodyTemperatureTympanic:
            MetricDefinition(
                mdcCode: 150392, mdcReferenceID: "MDC_TEMP_TYMP", loinc: nil, unit: "Cel",
                possible: 10 ... 50, fractionDigits: 2)
        case .bodyTemperatureSkin:
            MetricDefinition(
                mdcCode: 150388, mdcReferenceID: "MDC_TEMP_SKIN", loinc: nil, unit: "Cel",
                possible: 0 ... 50, fractionDigits: 2)
        case .bloodPressureSystolic:
            MetricDefinition(
                mdcCode: 150021, mdcReferenceID: "MDC_PRESS_BLD_NONINV_SYS", loinc: "8480-6", unit: "mm[Hg]",
                possible: 0 ... 350, fractionDigits: 0)
        case .bloodPressureDiastolic:
            MetricDefinition(
                mdcCode: 150022, mdcReferenceID: "MDC_PRESS_BLD_NONINV_DIA", loinc: "8462-4", unit: "mm[Hg]",
                possible: 0 ... 300, fractionDigits: 0)
        case .bloodPressureMean:
            MetricDefinition(
                mdcCode: 150023, mdcReferenceID: "MDC_PRESS_BLD_NONINV_MEAN", loinc: "8478-0", unit: "mm[Hg]",
                possible: 0 ... 320, fractionDigits: 0)
        case .cuffPressure:
            MetricDefinition(
                mdcCode: 150300, mdcReferenceID: "MDC_PRESS_CUFF", loinc: nil, unit: "mm[Hg]",
                possible: 0 ... 350, fractionDigits: 0)
        case .bodyWeight:
            MetricDefinition(
                mdcCode: 188736, mdcReferenceID: "MDC_MASS_BODY_ACTUAL", loinc: "29463-7", unit: "kg",
                possible: 0 ... 500, fractionDigits: 2)
        case .bodyMassIndex:
            MetricDefinition(
                mdcCode: 188752, mdcReferenceID: "MDC_RATIO_MASS_BODY_LEN_SQ", loinc: "39156-5", unit: "kg/m2",
                possible: 0 ... 150, fractionDigits: 1)
        case .bodyFat:
            MetricDefinition(
                mdcCode: 188748, mdcReferenceID: "MDC_BODY_FAT", loinc: "41982-0", unit: "%",
                possible: 0 ... 100, fractionDigits: 1)
        case .bloodGlucose:
            MetricDefinition(
                mdcCode: 160184, mdcReferenceID: "MDC_CONC_GLU_CAPILLARY_WHOLEBLOOD", loinc: "2339-0",
                unit: "mg/dL",
                possible: 0 ... 1000, fractionDigits: 0)
        case .batteryLevel:
            MetricDefinition(
                mdcCode: 67996, mdcReferenceID: "MDC_ATTR_VAL_BATT_CHARGE", loinc: nil, unit: "%",
                possible: 0 ... 100, fractionDigits: 0)
        case .batteryTimeRemaining:
            MetricDefinition(
                mdcCode: 67976, mdcReferenceID: "MDC_ATTR_TIME_BATT_REMAIN", loinc: nil, unit: "min",
                possible: 0 ... 100000, fractionDigits: 0)
        case .acceleration, .accelerationX, .accelerationY, .accelerationZ:
            MetricDefinition(
                mdcCode: nil, mdcReferenceID: nil, loinc: nil, unit: "m/s2",
                possible: -400 ... 400, fractionDigits: 3)
        }
    }
}
