import Delivery
import Vitals

/// The way for programs: the daemon's lines out, answers in.
extension Technician {
    /// - Parameter each: hears what the daemon says, beside the program.
    func relay(
        _ request: [UInt8], agreesBeforehand: Bool = false, _ each: (TechnicianEvent) -> Void = { _ in }
    ) async throws(CommandError) -> ExitCode {
        try await begin(request)
        while true {
            switch try await next() {
            case .event(.question(let question)):
                if question.kind == "consent", agreesBeforehand {
                    await conversation.send(Self.answer("yes"))
                } else if question.needsAnswer {
                    await conversation.listen()
                }
            case .typed(let line):
                guard let line else { throw fail(.unanswered) }
                await conversation.send(Self.answer(line))
            case .done: return finished()
            case .interrupted:
                await conversation.end()
                return .success
            case .event(let event): each(event)
            case .pause: break
            }
            if console.isBroken { return .success }
        }
    }

    /// A JSON object goes out as it is; `yes`, `no` and digits are put into one.
    static func answer(_ line: String) -> [UInt8] {
        let words = line.trimmed
        return words.hasPrefix("{") ? Array(words.utf8) : JSONText.object { $0.member("answer", words) }
    }
}

extension QuestionEvent {
    /// Digits that are only shown need none.
    var needsAnswer: Bool { kind != "passkey-display" }
}

extension Failure {
    static let unanswered = Failure(
        code: "no-person", cause: "the question was not answered: standard input has ended",
        remedy: "write yes, no or the six digits as a line to standard input")

    /// Nobody is there to answer.
    static let needsPerson = Failure(
        code: "no-person", cause: "the device asks something that only a person can answer",
        remedy: "run it in a terminal, or with --json and the answers on standard input; for a device that "
            + "shows no digits --yes agrees beforehand")
}

extension String {
    /// Without the white space around it.
    var trimmed: String {
        let inner = drop { $0.isWhitespace }
        let end = inner.lastIndex { !$0.isWhitespace }
        return end.map { String(inner[...$0]) } ?? ""
    }
}
