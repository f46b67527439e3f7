/// The steps of a pairing, each on a line that turns into done or failed.
final class StepList {
    enum Outcome { case done, failed, open }

    private let console: Console
    private let text: TerminalText
    private var current: Step?
    /// The cursor stands behind the current step.
    private var isInLine = false
    /// Nothing was done yet.
    private(set) var isEmpty = true

    init(_ console: Console, _ text: TerminalText) {
        self.console = console
        self.text = text
    }

    /// What is done now, and what was found out by it.
    private struct Step {
        var label: String
        var fact: String
        /// What helps meanwhile; gone when the step is done.
        var hint: String
    }

    /// The step before it is done.
    func begin(_ event: StepEvent) {
        let words = text.clean(event.text ?? "")
        let known = Self.labels[event.step]
        let step = Step(
            label: known?.label ?? (words.isEmpty ? text.clean(event.step) : words),
            fact: event.step == "identified" ? words : "", hint: known?.hint ?? "")
        if current?.label != step.label { end(.done) }
        current = step
        isEmpty = false
        if console.isScreen { rewrite(step) }
    }

    func end(_ outcome: Outcome, fact: String? = nil) {
        guard let step = current else { return }
        current = nil
        let line = line(step.label, fact ?? step.fact, outcome)
        console.write(isInLine ? "\r\(line)\u{1B}[K\n" : "\(line)\n")
        console.flush()
        isInLine = false
    }

    /// Something else is written below; the step goes on.
    func pause() {
        if isInLine { console.write("\n") }
        isInLine = false
    }

    private func rewrite(_ step: Step) {
        let line = line(step.label, step.fact.isEmpty ? step.hint : step.fact, .open)
        console.write("\(isInLine ? "\r" : "")\(line)\u{1B}[K")
        console.flush()
        isInLine = true
    }

    private func line(_ label: String, _ detail: String, _ outcome: Outcome) -> String {
        let columns = min(console.columns, Failure.columnsMax) - 8
        guard !detail.isEmpty else { return "  \(mark(outcome)) \(text.cut(label, columns))" }
        let cut = text.cut(detail, columns - Self.labelColumns)
        return "  \(mark(outcome)) \(text.filled(label, Self.labelColumns))  \(console.styled(cut, .dim))"
    }

    private func mark(_ outcome: Outcome) -> String {
        switch outcome {
        case .done: console.styled(console.sign("✓", or: "ok "), .green)
        case .failed: console.styled(console.sign("✗", or: "no "), .red)
        case .open: console.styled(console.sign("…", or: "..."), .blue)
        }
    }

    static let labelColumns = 28

    private static let labels: [String: (label: String, hint: String)] = [
        "searching": ("Looking for the device", "switch it on, and hold it near"),
        "identified": ("Recognising the model", ""),
        "connecting": ("Connecting", ""),
        "pairing": ("Pairing", "look at the device: it may ask something"),
        "bonded": ("Keeping the keys", ""),
        "discovering": ("Asking what it can do", ""),
        "testing": ("Waiting for a test reading", "put it on, or measure now"),
    ]
}
