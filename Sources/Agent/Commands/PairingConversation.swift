import Bluetooth
import Delivery
import DriverKit
import Loop
import Vitals

/// Leads the person who pairs: what is being done, and what only they can answer.
final class PairingConversation: PairingGuide {
    private let conversation: Conversation
    private let loop: EventLoop
    /// Why it was refused from this side; what the device then says is only the echo of it.
    private(set) var failure: CommandFailure?

    /// For each answer.
    static let answerMax: Duration = .seconds(60)

    init(_ conversation: Conversation, on loop: EventLoop) {
        self.conversation = conversation
        self.loop = loop
    }

    func tell(_ step: PairingStep) async { conversation.step(step.rawValue, step.sentence) }

    func ask(_ question: PairingQuestion) async -> PairingAnswer {
        conversation.send(event: "question") { json in
            json.member("kind", question.kind)
            json.optional("passkey", question.passkey.map(Self.digits))
        }
        if case .passkeyDisplay = question { return .yes }
        guard let line = await conversation.nextLine(before: loop.now + Self.answerMax, on: loop) else {
            let seconds = Self.answerMax.wholeMilliseconds / 1000
            return refuse(
                conversation.isEnded ? "the one who asked has gone" : "no answer came within \(seconds) s",
                "try again, and answer the question")
        }
        guard let value = try? JSONValue(parsing: line), let answer = value["answer"]?.text else {
            failure = CommandFailure(.badRequest, "an answer is needed: {\"answer\":\"yes\"}")
            return .no
        }
        return read(answer, to: question)
    }

    private func read(_ answer: String, to question: PairingQuestion) -> PairingAnswer {
        if answer == "no" { return refuse("it was answered with no", "pair again when it is the right device") }
        if case .passkeyEntry = question {
            let isPasskey = answer.utf8.count == 6 && answer.utf8.allSatisfy { (0x30 ... 0x39).contains($0) }
            if isPasskey, let passkey = UInt32(answer) { return .passkey(passkey) }
            failure = CommandFailure(.badRequest, "a passkey has six digits")
            return .no
        }
        if answer == "yes" { return .yes }
        failure = CommandFailure(.badRequest, "the answer is \"yes\" or \"no\"")
        return .no
    }

    private func refuse(_ reason: String, _ remedy: String) -> PairingAnswer {
        failure = CommandFailure(.pairingRefused, reason, remedy: remedy)
        failure?.text = "pairing was refused here: \(reason)"
        return .no
    }

    /// Six, with zeros in front.
    private static func digits(_ passkey: UInt32) -> String {
        let text = String(passkey % 1_000_000)
        return String(repeating: "0", count: 6 - text.count) + text
    }
}

extension Conversation {
    func step(_ step: String, _ text: String) {
        send(event: "step") { json in
            json.member("step", step)
            json.member("text", text)
        }
    }
}

extension PairingStep {
    fileprivate var sentence: String {
        switch self {
        case .searching: "waiting until the device is heard"
        case .connecting: "connecting"
        case .pairing: "pairing: look at the device, it may ask something"
        case .bonded: "paired; the keys are kept on this box"
        case .discovering: "asking the device what it can do"
        }
    }
}

extension PairingQuestion {
    fileprivate var kind: String {
        switch self {
        case .passkeyEntry: "passkey-entry"
        case .passkeyDisplay: "passkey-display"
        case .comparison: "comparison"
        case .consent: "consent"
        }
    }

    fileprivate var passkey: UInt32? {
        switch self {
        case .passkeyDisplay(let passkey), .comparison(let passkey): passkey
        case .passkeyEntry, .consent: nil
        }
    }
}
