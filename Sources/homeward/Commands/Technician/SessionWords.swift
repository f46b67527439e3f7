import Vitals

/// A session in one line: how much it is, the device's grade, then numbers.
enum SessionWords {
    /// `Spirometry, 3 manoeuvres, grade B; number 2: peak expiratory flow 7.45 L/s, …; doubtful: incomplete`
    static func line(_ session: SessionEvent, _ text: TerminalText) -> String {
        var head = [ReadingWords.name(session.kind, text)]
        if let count = session.manoeuvres, count > 0 { head.append(Words.count(count, "manoeuvre")) }
        if let count = session.signals, count > 0 { head.append(Words.count(count, "signal")) }
        if let grade = session.deviceGrade { head.append("grade \(text.clean(grade))") }
        var parts = [head.joined(separator: ", ")]
        let results = (session.results ?? []).map { value($0, text) }
        if !results.isEmpty {
            let number = session.shown.map { "number \($0): " } ?? ""
            parts.append(number + results.joined(separator: ", "))
        }
        let doubt = ReadingWords.doubt(quality: session.quality, reasons: session.reasons, text)
        if !doubt.isEmpty { parts.append(doubt) }
        return parts.joined(separator: "; ")
    }

    private static func value(_ result: SessionEvent.Result, _ text: TerminalText) -> String {
        let name = text.clean(result.metric).replacing("-", with: " ")
        guard let value = result.value else { return "\(name) -" }
        let unit = ReadingWords.unit(result.unit ?? "", text)
        return "\(name) \(decimal(value, fractionDigits: 2))" + (unit.isEmpty ? "" : " \(unit)")
    }
}
