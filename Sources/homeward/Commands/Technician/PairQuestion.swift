import Linux

/// A question of a pairing in plain words.
struct PairQuestion {
    enum Kind {
        case passkeyEntry, passkeyDisplay, comparison, consent
    }

    var kind: Kind
    var digits: String

    /// What this program does not know is asked as plainly as can be.
    init(_ event: QuestionEvent) {
        digits = String((event.passkey ?? "").filter { $0.isASCII && $0.isNumber }.prefix(6))
        kind =
            switch event.kind {
            case "passkey-entry": .passkeyEntry
            case "passkey-display": .passkeyDisplay
            case "comparison": .comparison
            default: .consent
            }
    }

    var needsAnswer: Bool { kind != .passkeyDisplay }

    func lines(_ console: Console) -> [String] {
        switch kind {
        case .passkeyEntry:
            ["", "  The device shows six digits. Type them here, then press Enter.", ""]
        case .passkeyDisplay:
            ["", "  Type these six digits on the device:", ""] + shown(console)
                + ["", "  It goes on by itself when they are right.", ""]
        case .comparison:
            ["", "  Does the device show these same six digits?", ""] + shown(console) + [""]
        case .consent:
            [
                "", "  This device shows no digits, so nothing proves that it is the right one.",
                "  Is it in your hands, and no other of its kind switched on nearby?", "",
            ]
        }
    }

    private func shown(_ console: Console) -> [String] {
        BigDigits.rows(digits, hasUnicode: console.hasUnicode).map { "      " + console.styled($0, .bold) }
            + ["", "      " + BigDigits.grouped(digits)]
    }

    var prompt: String {
        switch kind {
        case .passkeyEntry: "Six digits:"
        case .passkeyDisplay: ""
        case .comparison: "The same? (yes/no)"
        case .consent: "Pair with it? (yes/no)"
        }
    }

    enum Understood: Equatable {
        case answer(String)
        case unclear(String)
    }

    /// What a person's line means.
    func reading(_ line: String) -> Understood {
        let words = line.trimmed.lowercased()
        if ["no", "n"].contains(words) { return .answer("no") }
        if kind != .passkeyEntry {
            return ["yes", "y"].contains(words) ? .answer("yes") : .unclear("Type yes or no.")
        }
        let typed = words.filter { !$0.isWhitespace && $0 != "-" }
        if typed.utf8.count == 6, typed.utf8.allSatisfy({ (0x30 ... 0x39).contains($0) }) { return .answer(typed) }
        return .unclear("Six digits are needed, as the device shows them; 'no' stops.")
    }
}
