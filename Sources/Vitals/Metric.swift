/// What is measured: a closed vocabulary. The raw value is the name in topics, payloads and `.readings` files.
///
/// The codes of each stand in ``definition``.
public enum Metric: String, Hashable, Sendable, CaseIterable {
    /// Peripheral oxygen saturation.
    case oxygenSaturation = "oxygen-saturation"
    /// Pulse rate from an oximeter.
    case pulseRate = "pulse-rate"
    /// Pulse rate from a blood-pressure cuff.
    case pulseRateCuff = "pulse-rate-cuff"
    /// Perfusion index (pulsatile over constant light).
    case perfusionIndex = "perfusion-index"
    /// Desaturations of 3 % or more an hour, over a night.
    case oxygenDesaturationIndex3 = "oxygen-desaturation-index-3"
    /// Desaturations of 4 % or more an hour, over a night.
    case oxygenDesaturationIndex4 = "oxygen-desaturation-index-4"
    /// Pulse wave of an oximeter, arbitrary units.
    case plethysmogram = "plethysmogram"
    /// Heart rate from the ECG.
    case heartRate = "heart-rate"
    /// Heart rate from beat to beat.
    case heartRateInstant = "heart-rate-instant"
    /// Time from one R wave to the next.
    case rrInterval = "rr-interval"
    /// Standard deviation of normal R-R intervals.
    case hrvSDNN = "hrv-sdnn"
    /// Root mean square of the differences of successive normal R-R intervals.
    case hrvRMSSD = "hrv-rmssd"
    /// Power of the variability at low over that at high frequencies.
    case hrvLFOverHF = "hrv-lf-hf-ratio"
    /// ECG, lead not specified (patch, chest strap).
    case ecgLead = "ecg"
    /// ECG lead I.
    case ecgLeadI = "ecg-lead-i"
    /// ECG lead II.
    case ecgLeadII = "ecg-lead-ii"
    /// ECG lead III.
    case ecgLeadIII = "ecg-lead-iii"
    /// ECG lead aVR.
    case ecgLeadAVR = "ecg-lead-avr"
    /// ECG lead aVL.
    case ecgLeadAVL = "ecg-lead-avl"
    /// ECG lead aVF.
    case ecgLeadAVF = "ecg-lead-avf"
    /// ECG lead V1.
    case ecgLeadV1 = "ecg-lead-v1"
    /// ECG lead V2.
    case ecgLeadV2 = "ecg-lead-v2"
    /// ECG lead V3.
    case ecgLeadV3 = "ecg-lead-v3"
    /// ECG lead V4.
    case ecgLeadV4 = "ecg-lead-v4"
    /// ECG lead V5.
    case ecgLeadV5 = "ecg-lead-v5"
    /// ECG lead V6.
    case ecgLeadV6 = "ecg-lead-v6"
    /// QT interval.
    case qtInterval = "qt-interval"
    /// QT interval corrected for the heart rate.
    case qtCorrected = "qt-corrected"
    /// Ventricular premature beats counted.
    case ventricularPrematureCount = "ventricular-premature-count"
    /// 1 while the device reports atrial fibrillation.
    case atrialFibrillation = "atrial-fibrillation"
    /// The share of an hour in atrial fibrillation.
    case atrialFibrillationBurden = "atrial-fibrillation-burden"
    /// The share of a day in atrial fibrillation.
    case atrialFibrillationBurdenDay = "atrial-fibrillation-burden-day"
    /// Ventricular premature beats in an hour.
    case ventricularPrematureRate = "ventricular-premature-rate"
    /// Breaths per minute, source not specified.
    case respirationRate = "respiration-rate"
    /// Breaths per minute from the chest wall.
    case respirationRateThoracic = "respiration-rate-thoracic"
    /// Breaths per minute from the airway.
    case respirationRateAirway = "respiration-rate-airway"
    /// FVC, BTPS.
    case forcedVitalCapacity = "forced-vital-capacity"
    /// FEV1, BTPS.
    case forcedExpiratoryVolume1s = "forced-expiratory-volume-1s"
    /// FEV6, BTPS.
    case forcedExpiratoryVolume6s = "forced-expiratory-volume-6s"
    /// FEV0.5, BTPS.
    case forcedExpiratoryVolume500ms = "forced-expiratory-volume-500ms"
    /// FEV0.75, BTPS.
    case forcedExpiratoryVolume750ms = "forced-expiratory-volume-750ms"
    /// FEV3, BTPS.
    case forcedExpiratoryVolume3s = "forced-expiratory-volume-3s"
    /// FEV1 as a share of FVC.
    case fev1OverFVC = "fev1-fvc-ratio"
    /// FEV1 as a share of FEV6.
    case fev1OverFEV6 = "fev1-fev6-ratio"
    /// PEF, BTPS.
    case peakExpiratoryFlow = "peak-expiratory-flow"
    /// The patient's best PEF.
    case peakExpiratoryFlowPersonalBest = "peak-expiratory-flow-personal-best"
    /// FEV1 expected for the patient.
    case fev1Predicted = "fev1-predicted"
    /// FEV1 as a share of what is expected.
    case fev1PercentPredicted = "fev1-percent-predicted"
    /// FEF25-75, BTPS.
    case forcedExpiratoryFlow25To75 = "forced-expiratory-flow-25-75"
    /// FEF25, BTPS.
    case forcedExpiratoryFlow25 = "forced-expiratory-flow-25"
    /// FEF50, BTPS.
    case forcedExpiratoryFlow50 = "forced-expiratory-flow-50"
    /// FEF75, BTPS.
    case forcedExpiratoryFlow75 = "forced-expiratory-flow-75"
    /// PIF, BTPS.
    case peakInspiratoryFlow = "peak-inspiratory-flow"
    /// FIVC, BTPS.
    case forcedInspiratoryVitalCapacity = "forced-inspiratory-vital-capacity"
    /// SVC, BTPS.
    case slowVitalCapacity = "slow-vital-capacity"
    /// Vital capacity, BTPS.
    case vitalCapacity = "vital-capacity"
    /// Back-extrapolated volume, BTPS.
    case extrapolatedVolume = "extrapolated-volume"
    /// How long the forced expiration lasted.
    case forcedExpiratoryTime = "forced-expiratory-time"
    /// From the start of the blow to its peak flow.
    case peakExpiratoryFlowTime = "peak-expiratory-flow-time"
    /// Flow through the mouthpiece, out positive, BTPS.
    case airwayFlow = "airway-flow"
    /// Volume through the mouthpiece, BTPS.
    case airwayVolume = "airway-volume"
    /// Body temperature, site not specified.
    case bodyTemperature = "body-temperature"
    /// Body temperature in the mouth.
    case bodyTemperatureOral = "body-temperature-oral"
    /// Body temperature in the rectum.
    case bodyTemperatureRectal = "body-temperature-rectal"
    /// Body temperature in the armpit.
    case bodyTemperatureAxillary = "body-temperature-axillary"
    /// Body temperature in the ear.
    case bodyTemperatureEar = "body-temperature-ear"
    /// Body temperature at the ear drum.
    case bodyTemperatureTympanic = "body-temperature-tympanic"
    /// Temperature of the skin.
    case bodyTemperatureSkin = "body-temperature-skin"
    /// Systolic pressure by cuff.
    case bloodPressureSystolic = "blood-pressure-systolic"
    /// Diastolic pressure by cuff.
    case bloodPressureDiastolic = "blood-pressure-diastolic"
    /// Mean arterial pressure by cuff.
    case bloodPressureMean = "blood-pressure-mean"
    /// Pressure in the cuff while it measures.
    case cuffPressure = "cuff-pressure"
    /// Body weight.
    case bodyWeight = "body-weight"
    /// Body mass index.
    case bodyMassIndex = "body-mass-index"
    /// Body fat as a share of body weight.
    case bodyFat = "body-fat"
    /// Glucose in capillary whole blood.
    case bloodGlucose = "blood-glucose"
    /// Charge of the device's battery.
    case batteryLevel = "battery-level"
    /// How long the device's battery will last.
    case batteryTimeRemaining = "battery-time-remaining"
    /// Acceleration along one axis.
    case acceleration = "acceleration"
    /// Acceleration along the device's own x axis.
    case accelerationX = "acceleration-x"
    /// Acceleration along the device's own y axis.
    case accelerationY = "acceleration-y"
    /// Acceleration along the device's own z axis.
    case accelerationZ = "acceleration-z"
    /// NEWS2 of what is known: the true score is not lower.
    case earlyWarningScore = "early-warning-score"
    /// The highest that NEWS2 can be, with what is missing.
    case earlyWarningScoreMax = "early-warning-score-max"
}
