import DriverKit
import Vitals

/// What has happened in the one pairing that goes on.
final class PairingTalk {
    enum Question: Hashable {
        case confirmation(isConsent: Bool, number: UInt32)
        case passkeyEntry
        case passkeyDisplay(UInt32)
    }

    /// As the person chose it.
    let address: BluetoothAddress
    /// By which the device is known from now on.
    private(set) var identity: BluetoothAddress
    /// No listening to others meanwhile: the kernel stops it for each connection.
    var isQuiet = false
    /// Not yet asked; more than the procedure has are dropped.
    private(set) var questions: [Question] = []
    private(set) var hasKey = false
    private(set) var failed: ManagementStatus?
    private(set) var connectFailures = 0
    private(set) var ended: DisconnectReason?
    /// The device gave nothing without keys.
    var wantedKey = false
    var usedPasskey = false
    var wasDenied = false
    private var wasAsked = false
    /// The number that is shown already.
    private var shown: UInt32?

    static let questionsMax = 4

    init(_ address: BluetoothAddress) {
        self.address = address
        identity = address
    }

    func concerns(_ other: BluetoothAddress) -> Bool { other == address || other == identity }

    func note(_ question: Question) {
        wasAsked = true
        if case .passkeyDisplay(let number) = question {
            // It is told again for each digit that is typed on the device.
            guard shown != number else { return }
            shown = number
        }
        if questions.count < Self.questionsMax { questions.append(question) }
    }

    func takeQuestion() -> Question? { questions.isEmpty ? nil : questions.removeFirst() }

    func noteKey(of address: BluetoothAddress, isLasting: Bool) {
        guard isLasting else { return }
        identity = address
        hasKey = true
    }

    func noteIdentity(_ identity: BluetoothAddress, heardAs address: BluetoothAddress) {
        // All zero: it was not heard under a changing address.
        if address == self.address || identity == self.address || address.bits == 0 { self.identity = identity }
    }

    func noteDisconnected(_ other: BluetoothAddress, _ reason: DisconnectReason) {
        if concerns(other) { ended = reason }
    }

    /// It was connected and lost again without a word, as it is with a device that another central holds.
    /// One that refuses to be paired says so, and one that was talked to before is there.
    func wasStillborn(_ status: ManagementStatus) -> Bool {
        ended == .unknown && !wasAsked && !wantedKey && status != .authenticationFailed && status != .rejected
    }

    func noteFailed(_ other: BluetoothAddress, _ status: ManagementStatus) {
        if concerns(other) { connectFailures += 1 }
    }

    func noteAuthenticationFailed(_ other: BluetoothAddress, _ status: ManagementStatus) {
        if concerns(other) { failed = status }
    }

    /// What a new attempt does not inherit.
    func beginAgain() {
        (questions, hasKey, failed, ended, shown) = ([], false, nil, nil, nil)
        (usedPasskey, wasDenied, wasAsked) = (false, false, false)
    }
}
