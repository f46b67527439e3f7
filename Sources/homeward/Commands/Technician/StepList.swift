/// The steps of a pairing, each on a line that turns into done or failed.
final class StepList {
    enum Outcome { case done, failed, open }

    private let console: Console
    private let text: TerminalText
    private var current: (label: String, detail: String)?
    /// The cursor stands behind the current step.
    private var isInLine = false

    init(_ console: Console, _ text: TerminalText) {
        self.console = console
        self.text = text
    }

    /// The step before it is done.
    func begin(_ label: String, _ detail: String) {
        if current?.label != label { end(.done) }
        current = (label, detail)
        guard console.isScreen else { return }
        rewrite(mark(.open))
    }

    func end(_ outcome: Outcome, detail: String? = nil) {
        guard var step = current else { return }
        current = nil
        if let detail { step.detail = detail }
        let line = line(step, mark(outcome))
        console.write(isInLine ? "\r\(line)\u{1B}[K\n" : "\(line)\n")
        console.flush()
        isInLine = false
    }

    /// Something else is written below; the step goes on.
    func pause() {
        if isInLine { console.write("\n") }
        isInLine = false
    }

    var label: String? { current?.label }

    private func rewrite(_ mark: String) {
        guard let current else { return }
        console.write("\(isInLine ? "\r" : "")\(line(current, mark))\(console.isScreen ? "\u{1B}[K" : "")")
        console.flush()
        isInLine = true
    }

    private func line(_ step: (label: String, detail: String), _ mark: String) -> String {
        let label = step.detail.isEmpty ? step.label : text.filled(step.label, Self.labelColumns)
        let room = min(console.columns, Failure.columnsMax) - Self.labelColumns - 8
        let detail = step.detail.isEmpty ? "" : "  " + console.styled(text.cut(step.detail, room), .dim)
        return "  \(mark) \(label)\(detail)"
    }

    private func mark(_ outcome: Outcome) -> String {
        switch outcome {
        case .done: console.styled(console.sign("✓", or: "ok "), .green)
        case .failed: console.styled(console.sign("✗", or: "no "), .red)
        case .open: console.styled(console.sign("…", or: "..."), .blue)
        }
    }

    static let labelColumns = 28

    static func label(_ step: String) -> String {
        switch step {
        case "searching": "Looking for the device"
        case "connecting": "Connecting"
        case "pairing": "Pairing"
        case "bonded": "Keeping the keys"
        case "discovering": "Asking what it can do"
        case "identified": "Recognising the model"
        case "testing": "Waiting for a test reading"
        default: step
        }
    }
}
