import Vitals

/// Names on the wire in the words that a clinician uses.
enum ReportWords {
    /// With so many decimals, zeros and all, as a column of numbers wants them.
    static func fixed(_ value: Double, _ digits: Int) -> String {
        let text = decimal(value, fractionDigits: digits)
        guard digits > 0, text != "-" else { return text }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let fraction = parts.count > 1 ? String(parts[1]) : ""
        return "\(parts[0]).\(fraction)\(String(repeating: "0", count: max(0, digits - fraction.count)))"
    }

    static func value(_ number: SessionDocument.Analysis.Number) -> String {
        guard let value = number.value else { return "–" }
        let digits =
            number.unit == "L/s"
            ? 2
            : SessionMeasure(rawValue: number.name)?.fractionDigits
                ?? Metric(rawValue: number.name).map { min(2, $0.definition.fractionDigits) } ?? 2
        if number.name == SessionMeasure.validTime.rawValue { return "\(fixed(value / 3600, 1)) h" }
        let doubt = number.quality == Quality.valid.name ? "" : " ?"
        return "\(fixed(value, digits)) \(unit(number.unit))\(doubt)"
    }

    /// UCUM as it is printed for people.
    private static func unit(_ unit: String) -> String {
        switch unit {
        case "1", "{score}": ""
        case "%.min/h": "%·min/h"
        case "[z]": "z"
        default: unit
        }
    }

    static func name(_ name: String) -> String { names[name] ?? plain(name) }

    static func subject(_ subject: String) -> String {
        switch SessionGrading.Subject(rawValue: subject) {
        case .sessionFEV1: "grade of FEV1"
        case .sessionFVC: "grade of FVC"
        default: plain(subject)
        }
    }

    static func plain(_ name: String) -> String { name.split(separator: "-").joined(separator: " ") }

    private static let names: [String: String] = [
        "forced-expiratory-volume-1s": "FEV1", "forced-vital-capacity": "FVC", "fev1-fvc-ratio": "FEV1/FVC",
        "peak-expiratory-flow": "PEF", "forced-expiratory-volume-6s": "FEV6",
        "forced-expiratory-volume-750ms": "FEV0.75", "forced-expiratory-flow-25-75": "FEF25–75",
        "extrapolated-volume": "BEV", "forced-expiratory-time": "FET",
        "forced-inspiratory-vital-capacity": "FIVC", "peak-inspiratory-flow": "PIF",
        "fev1-bronchodilator-change": "FEV1 change, of predicted",
        "fvc-bronchodilator-change": "FVC change, of predicted",
        "peak-flow-of-personal-best": "PEF, of personal best",
        "valid-time": "valid time", "desaturation-index-3": "ODI3", "desaturation-index-4": "ODI4",
        "desaturation-index-3-vendor": "ODI3 (vendor)", "desaturation-index-4-vendor": "ODI4 (vendor)",
        "desaturation-clusters": "clusters",
        "time-below-90": "T90", "time-below-88": "T88", "oxygen-saturation-mean": "mean SpO2",
        "oxygen-saturation-nadir": "lowest SpO2", "hypoxic-burden": "hypoxic burden",
    ]

    /// `ecg-lead-avr` as `aVR`.
    static func lead(_ metric: String) -> String {
        guard metric.hasPrefix("ecg-lead-") else { return "ECG" }
        let name = metric.dropFirst("ecg-lead-".count)
        return name.hasPrefix("av") ? "aV\(name.dropFirst(2).uppercased())" : name.uppercased()
    }

    /// Of a beat; `nil` of any other mark.
    static func letter(_ kind: String) -> String? {
        switch SessionAnnotation.Kind(rawValue: kind) {
        case .beatNormal: "N"
        case .beatSupraventricular: "S"
        case .beatVentricular: "V"
        case .beatFusion: "F"
        case .beatUnclassifiable: "Q"
        default: nil
        }
    }

    static func finding(_ mark: SessionDocument.Analysis.Mark) -> String {
        let name = plain(mark.kind)
        switch SessionAnnotation.Kind(rawValue: mark.kind) {
        case .pause, .asystole:
            guard let seconds = mark.value ?? mark.durationSeconds else { return name }
            return "\(name) \(fixed(seconds, 1)) s"
        case .extremeBradycardia, .extremeTachycardia, .bradycardia, .tachycardia, .ventricularTachycardia:
            return mark.value.map { "\(name) \(fixed($0, 0))/min" } ?? name
        case .ventricularRun: return mark.value.map { "\(name) of \(fixed($0, 0))" } ?? name
        default: return name
        }
    }
}
