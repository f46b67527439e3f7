import DriverKit
import Loop
import Vitals

/// The first words with a device that is being paired: whether it has what its driver needs, and gives it.
extension Radio {
    /// What the radio needs to talk GATT itself.
    struct Greeting {
        var localTime: () -> CivilTime?
        var log: @Sendable (String) -> Void
    }

    /// Asks the device for its services, reads and subscribes. If it wants keys for that, they are made on the same
    /// connection and it is asked again. What then is open is kept for the one who uses the device next.
    ///
    /// A device that goes meanwhile is no error: some end the connection when they are paired.
    func greet(
        _ talk: PairingTalk, _ profile: BluetoothProfile, _ sighting: Sighting?, _ guide: any PairingGuide
    ) async throws(LinkError) {
        guard let greeting, let link = held.removeValue(forKey: talk.identity)?.link else { return }
        await guide.tell(.discovering)
        let wasPaired = talk.hasKey
        do throws(LinkError) {
            let opened = try await GATTLink.open(
                over: link, profile: profile, device: talk.identity, cache: nil, localTime: greeting.localTime,
                on: loop, log: greeting.log,
                security: wasPaired
                    ? .bonded
                    : .raised { [self] () async throws(LinkError) in
                        try await raise(talk, sighting, guide)
                    })
            guests[talk.identity] = loop.now + Self.guestLimit
            guard connections[talk.identity] != nil else { return opened.close() }
            keep(opened, of: talk.identity)
            held[talk.identity]?.isGreeted = true
        } catch {
            if connections[talk.identity] != nil { end(talk.identity) }
            guard isFinal(error) || talk.wantedKey && !talk.hasKey else {
                return log(.info, "bluetooth: \(talk.identity): the first connection ended: \(error)")
            }
            if known[talk.identity] == nil, talk.hasKey { try await unpair(talk.identity) }
            throw error
        }
    }

    /// On the connection as it is.
    private func raise(
        _ talk: PairingTalk, _ sighting: Sighting?, _ guide: any PairingGuide
    ) async throws(LinkError) {
        talk.wantedKey = true
        try await bond(talk, sighting, guide)
        try await keepBond(of: talk, guide)
    }

    /// It is the same at the next connection.
    private func isFinal(_ error: LinkError) -> Bool {
        guard case .bluetooth(let problem, _) = error else { return false }
        return [.unsupportedModel, .notPaired, .pairingRefused, .wrongPasskey].contains(problem)
    }

    /// It is known and has no keys, and gives nothing without: left alone until somebody pairs it, or for a while.
    func noteUnpaired(_ device: BluetoothAddress) {
        guard !isPaired(device), talk?.concerns(device) != true else { return }
        histories[device, default: History()].staleUntil = loop.now + Self.staleRest
        listAt = .boot
    }
}
