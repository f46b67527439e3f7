import Linux
import Loop
import Vitals

/// Leads a person through a pairing.
final class PairGuide {
    private let technician: Technician
    private let console: Console
    private let text: TerminalText
    private let wish: PairWish
    private let steps: StepList
    private var readings = 0
    /// What was asked last and is not answered yet.
    private var question: PairQuestion?
    private var refused: PairQuestion?
    /// The keys are kept already: stopping now does not undo that.
    private var hasBond = false
    private var isTesting = false
    /// Of the last step.
    private var lastWords = ""
    private var paired: PairedEvent?

    init(_ technician: Technician, _ wish: PairWish) {
        self.technician = technician
        console = technician.console
        text = technician.text
        self.wish = wish
        steps = StepList(console, text)
    }

    func run() async throws(CommandError) -> ExitCode {
        try await technician.begin(wish.request)
        console.line(console.styled("Pairing with \(wish.address)", .bold))
        console.line("")
        console.flush()
        do throws(CommandError) {
            guard try await converse() else { return stopped() }
        } catch {
            leaveLine()
            steps.end(.failed)
            if !steps.isEmpty { console.line("") }
            console.flush()
            throw refused.map { Failure.refused(by: $0).error(of: technician.name) } ?? error
        }
        guard let paired else { return technician.finished() }
        return try await assign(paired)
    }

    /// `false`: the person has stopped it.
    private func converse() async throws(CommandError) -> Bool {
        while true {
            switch try await technician.next() {
            case .event(let event): try await show(event)
            case .typed(let line): try await take(line)
            case .interrupted:
                await technician.conversation.end()
                return false
            case .done: return true
            case .pause: break
            }
        }
    }

    private func stopped() -> ExitCode {
        leaveLine()
        steps.end(.failed)
        console.line("")
        console.line(
            hasBond ? "Stopped. 'homeward devices' shows whether it was kept." : "Stopped. Nothing was paired.")
        console.flush()
        return .failure
    }

    // MARK: Events

    private func show(_ event: TechnicianEvent) async throws(CommandError) {
        switch event {
        case .step(let step):
            leaveLine()
            if step.step == "bonded" { hasBond = true }
            isTesting = step.step == "testing"
            lastWords = text.clean(step.text ?? "")
            if !isTesting || readings == 0 { steps.begin(step) }
        case .question(let event): try await ask(PairQuestion(event))
        case .reading(let reading): show(reading)
        case .paired(let event): paired = event
        default: break
        }
    }

    private func show(_ reading: ReadingEvent) {
        leaveLine()
        if readings == 0 { steps.end(.done, fact: "it works:") }
        readings += 1
        let doubt = ReadingWords.doubt(reading, text)
        let name = text.filled(ReadingWords.name(reading.metric, text), StepList.labelColumns)
        let value = console.styled(ReadingWords.value(reading, text), .bold)
        console.line("      \(name)\(value)\(doubt.isEmpty ? "" : "  (\(doubt))")")
        console.flush()
    }

    // MARK: Questions

    private func ask(_ question: PairQuestion) async throws(CommandError) {
        leaveLine()
        steps.pause()
        if question.needsAnswer, wish.agreesBeforehand, question.kind == .consent {
            return await technician.conversation.send(Technician.answer("yes"))
        }
        guard Terminal.hasInput || !question.needsAnswer else {
            await technician.conversation.end()
            throw technician.fail(.needsPerson)
        }
        for line in question.lines(console) { console.line(line) }
        guard question.needsAnswer else { return console.flush() }
        self.question = question
        await prompt(question.prompt)
    }

    private func prompt(_ words: String) async {
        console.write("  \(console.styled(words, .bold)) ")
        console.flush()
        await technician.conversation.listen()
    }

    private func take(_ line: String?) async throws(CommandError) {
        guard let question else { return }
        switch question.reading(line ?? "no") {
        case .unclear(let help):
            console.line("  \(help)")
            await prompt(question.prompt)
        case .answer(let answer):
            self.question = nil
            if answer == "no" { refused = question }
            console.line("")
            console.flush()
            await technician.conversation.send(Technician.answer(answer))
        }
    }

    /// The person has not finished typing, and something else has to be said.
    private func leaveLine() {
        guard question != nil else { return }
        question = nil
        console.line("")
    }

    // MARK: Afterwards

    private func assign(_ paired: PairedEvent) async throws(CommandError) -> ExitCode {
        steps.end(isTesting && readings == 0 ? .open : .done)
        let device = text.clean(paired.device)
        let model = paired.model.map { " (\(text.clean($0)))" } ?? ""
        console.line("")
        tell("Paired: the device is called \(device) here\(model).")
        if readings == 0 {
            let why = lastWords.hasPrefix("no reading") ? lastWords : "it has not sent a value yet"
            tell("\(Failure.sentence(why)) Put it on, and look with 'homeward watch \(device)'.")
        }
        console.flush()
        var patient = wish.patient
        if patient == nil, Terminal.hasInput { patient = try await askPatient() }
        guard let patient else {
            tell(
                "It belongs to nobody yet, and raises no alarms: 'homeward assign \(device) PATIENT' changes that.")
            return technician.finished()
        }
        let request = Technician.assignment(
            of: paired.device, to: patient, missingAfterSeconds: wish.missingAfterSeconds)
        return try await technician.ask(request) { event in
            if case .changed(let event) = event {
                for line in ChangeWords.lines(event, text) { console.line(line) }
            }
        }
    }

    private func tell(_ words: String, indent: Int = 0) {
        for line in TerminalText.wrapped(words, columns: Failure.columnsMax, indent: indent) { console.line(line) }
    }

    /// `nil`: nobody for now.
    private func askPatient() async throws(CommandError) -> String? {
        console.line("")
        tell(
            "To whom does it belong? Type the patient's id (a pseudonym, not a name), or just press Enter to "
                + "leave that for later.")
        while true {
            await prompt("Patient:")
            var typed: String?
            waiting: while true {
                switch try await technician.next() {
                case .typed(let line):
                    typed = line
                    break waiting
                case .interrupted:
                    console.line("")
                    return nil
                default: break
                }
            }
            let words = (typed ?? "").trimmed
            if words.isEmpty { return nil }
            if let patient = Identifier(words) { return patient.text }
            tell("An id is \(Identifier.rule).", indent: 2)
        }
    }
}

extension Failure {
    static func refused(by question: PairQuestion) -> Failure {
        Failure(
            code: "pairing-refused", cause: "you said no: nothing was paired",
            remedy: question.kind == .comparison
                ? "when the digits differ, another device may have answered: switch off what is not needed, and "
                    + "try again" : nil)
    }
}
