import DriverKit
import Loop
import Vitals

/// What the kernel asks in a pairing, and who answers it.
extension Radio {
    func takePairing(_ event: ManagementEvent) {
        switch event {
        case .confirmationWanted(let address, let isConsent, let number):
            guard let talk, talk.concerns(address) else { return refuse(address, .denyConfirmation) }
            talk.note(.confirmation(isConsent: isConsent, number: number))
        case .passkeyWanted(let address):
            guard let talk, talk.concerns(address) else { return refuse(address, .denyPasskey) }
            talk.note(.passkeyEntry)
        case .passkeyShown(let address, let number, _):
            guard let talk, talk.concerns(address) else { return }
            talk.note(.passkeyDisplay(number))
        case .authenticationFailed(let address, let status):
            talk?.noteAuthenticationFailed(address, status)
            if connections[address] != nil { noteStale(address) }
        default: break
        }
        changed.ring()
    }

    /// Nobody is pairing that device.
    private func refuse(_ address: BluetoothAddress, _ code: ManagementCommand.Code) {
        log(.warning, "bluetooth: \(address) wanted to be paired, and nobody asked for it: refused")
        later(.about(address, code))
    }

    /// Asks the person, and gives the answer to the kernel.
    func put(_ question: PairingTalk.Question, _ talk: PairingTalk, _ guide: any PairingGuide)
        async throws(LinkError)
    {
        let asked = loop.now
        switch question {
        case .passkeyDisplay(let number):
            talk.usedPasskey = true
            _ = await guide.ask(.passkeyDisplay(number))
        case .confirmation(let isConsent, let number):
            let answer = await guide.ask(isConsent ? .consent : .comparison(number % 1_000_000))
            let isYes = answer == .yes && loop.now - asked <= Self.personLimit
            talk.wasDenied = !isYes
            _ = try await request(.about(talk.address, isYes ? .confirm : .denyConfirmation))
        case .passkeyEntry:
            talk.usedPasskey = true
            let answer = await guide.ask(.passkeyEntry)
            if case .passkey(let number) = answer, number <= 999_999, loop.now - asked <= Self.personLimit {
                _ = try await request(.givePasskey(talk.address, number))
            } else {
                talk.wasDenied = true
                _ = try await request(.about(talk.address, .denyPasskey))
            }
        }
    }
}
