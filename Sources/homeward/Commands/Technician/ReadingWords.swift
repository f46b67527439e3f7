import Vitals

/// A value as a person reads it.
enum ReadingWords {
    /// `Oxygen saturation`
    static func name(_ metric: String, _ text: TerminalText) -> String {
        let words = text.clean(metric).replacing("-", with: " ")
        if words.hasPrefix("ecg") { return "ECG" + words.dropFirst(3) }
        if words.hasPrefix("rr ") { return "RR" + words.dropFirst(2) }
        guard let first = words.first else { return "?" }
        return first.uppercased() + words.dropFirst()
    }

    /// `97 %`, `36.6 °C`, `-`
    static func value(_ reading: ReadingEvent, _ text: TerminalText) -> String {
        guard let value = reading.value else { return "-" }
        let digits = Metric(rawValue: reading.metric)?.definition.fractionDigits ?? 2
        let unit = unit(reading.unit ?? Metric(rawValue: reading.metric)?.unit ?? "", text)
        return decimal(value, fractionDigits: digits) + (unit.isEmpty ? "" : " \(unit)")
    }

    /// UCUM as people write it.
    static func unit(_ unit: String, _ text: TerminalText) -> String {
        switch unit {
        case "1": ""
        case "Cel": text.hasUnicode ? "°C" : "C"
        case "mm[Hg]": "mmHg"
        default: text.clean(unit)
        }
    }

    /// `` when it is good, else `sensor off`, `doubtful: motion`, `still settling`.
    static func doubt(_ reading: ReadingEvent, _ text: TerminalText) -> String {
        doubt(quality: reading.quality, reasons: reading.reasons, text)
    }

    static func doubt(quality: String?, reasons: [String]?, _ text: TerminalText) -> String {
        let reasons = (reasons ?? []).map { text.clean($0).replacing("-", with: " ") }
        let why = reasons.joined(separator: ", ")
        switch quality {
        case "valid", nil: return why
        case "questionable": return "doubtful" + (why.isEmpty ? "" : ": \(why)")
        case "calibrating": return "still settling"
        default: return why.isEmpty ? "no value" : why
        }
    }
}
