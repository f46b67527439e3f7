public import DriverKit
import Loop
import Vitals

/// Pairing, which only a person begins.
extension Radio {
    /// Until the device has been heard.
    static let searchLimit: Duration = .seconds(30)
    /// A sighting older than this may be of a device that has gone. The kernel tells of a device once in each of
    /// its discoveries.
    static let freshLimit: Duration = .seconds(12)
    /// For the connection and for the person: the specification gives up 30 s after the last word (Vol 3, Part H,
    /// 3.4), the person is asked for at most 60 s.
    static let pairLimit: Duration = .seconds(120)
    static let personLimit: Duration = .seconds(60)
    /// After a connection without pairing, a device that wants to be paired says so within this time.
    static let wishPause: Duration = .seconds(2)
    /// The attribute channel is kept for whoever tests the device next.
    static let heldLimit: Duration = .seconds(30)
    static let pairAttempts = 3
    static let pairPause: Duration = .seconds(1)

    public func pair(
        _ address: BluetoothAddress, profile: BluetoothProfile, guide: any PairingGuide
    ) async throws(LinkError) -> BluetoothAddress {
        if let adapterProblem { throw adapterProblem }
        guard talk == nil else { throw .busy("the radio, with another pairing") }
        let talk = PairingTalk(address)
        self.talk = talk
        defer { endTalk() }
        await guide.tell(.searching)
        let sighting = try await find(address)
        await guide.tell(.connecting)
        talk.isQuiet = true
        try await forgetKeys(address)
        guests[address] = loop.now + Self.guestLimit
        histories[address] = nil
        if isDiscovering { _ = try await request(.stopDiscovery) }
        try await setBondable(true)
        // Without its identity key a device that changes its address is never found again.
        if profile.pairing == .bonded || address.isResolvablePrivate {
            try await bond(talk, sighting, guide)
        } else {
            try await connect(talk, sighting, guide)
        }
        if talk.hasKey { try await keepBond(of: talk, guide) }
        guests[talk.identity] = loop.now + Self.guestLimit
        if held[talk.identity] == nil { await hold(talk.identity) }
        try await greet(talk, profile, sighting, guide)
        return talk.identity
    }

    private func endTalk() {
        talk = nil
        listAt = .boot
        discoverAt = .boot
        later(.set(.setBondable, false))
        changed.ring()
    }

    private func setBondable(_ isOn: Bool) async throws(LinkError) {
        let answer = try await request(.set(.setBondable, isOn))
        guard answer.status == .success else { throw failure(answer.status, .setBondable) }
    }

    /// Heard just now, or connected.
    private func find(_ address: BluetoothAddress) async throws(LinkError) -> Sighting? {
        let begun = loop.now
        let end = begun + Self.searchLimit
        listenEnd = end
        defer { listenEnd = .boot }
        while true {
            if let adapterProblem { throw adapterProblem }
            if connections[address] != nil { return table[address] }
            if let sighting = table[address], sighting.lastHeard >= begun - Self.freshLimit { return sighting }
            guard loop.now < end else { throw .bluetooth(.notAdvertising, "for \(Self.searchLimit)") }
            _ = await changed.wait(before: min(end, loop.now + .seconds(1)))
        }
    }

    // MARK: With a bond

    func bond(_ talk: PairingTalk, _ sighting: Sighting?, _ guide: any PairingGuide) async throws(LinkError) {
        await guide.tell(.pairing)
        var attempt = 1
        while true {
            talk.beginAgain()
            let status = try await pairOnce(talk, guide)
            if status == .success { break }
            let isPassing =
                status == .busy || status == .alreadyPaired || status == .connectFailed || talk.wasStillborn(status)
            guard isPassing, attempt < Self.pairAttempts else { throw cause(of: status, talk, sighting) }
            attempt += 1
            if status == .alreadyPaired { try await forgetKeys(talk.address) }
            await loop.sleep(until: loop.now + Self.pairPause)
        }
        guard talk.hasKey else { throw .bluetooth(.pairingRefused, "it made no keys that last") }
    }

    /// Sends the command, asks the person what the kernel asks, and returns the kernel's verdict.
    private func pairOnce(_ talk: PairingTalk, _ guide: any PairingGuide) async throws(LinkError)
        -> ManagementStatus
    {
        if let adapterProblem { throw adapterProblem }
        guard let channel, let adapter else { throw .closed }
        let request = try await channel.send(.pair(talk.address), to: adapter.index)
        let end = loop.now + Self.pairLimit
        while true {
            if let answer = request.answer { return answer.status }
            if channel.isClosed { throw adapterProblem ?? .bluetooth(.linkLost, "the adapter went away") }
            guard loop.now < end else {
                channel.drop(request)
                _ = try await self.request(.about(talk.address, .cancelPairing))
                throw .bluetooth(.noAnswer, "pairing did not end within \(Self.pairLimit)")
            }
            if let question = talk.takeQuestion() {
                try await put(question, talk, guide)
            } else {
                _ = await changed.wait(before: min(end, loop.now + .milliseconds(200)))
            }
        }
    }

    private func cause(of status: ManagementStatus, _ talk: PairingTalk, _ sighting: Sighting?) -> LinkError {
        if let problem = status.adapterProblem { return .bluetooth(problem, "\(status)") }
        // It was connected for a moment only, as the kernel sees it.
        if talk.wasStillborn(status), let sighting {
            return cause(of: sighting, failures: max(1, talk.connectFailures))
        }
        switch status {
        case .authenticationFailed, .rejected, .disconnected, .notConnected, .failed:
            if talk.wasDenied { return .bluetooth(.pairingRefused, "the answer was no, or came too late") }
            if talk.usedPasskey { return .bluetooth(.wrongPasskey, "") }
            return .bluetooth(.pairingRefused, "\(status)")
        case .connectFailed, .timeout:
            if let sighting { return cause(of: sighting, failures: talk.connectFailures) }
            return .bluetooth(.outOfRange, "\(status)")
        case .noResources: return .bluetooth(.noAnswer, "the adapter has no room for another connection")
        case .cancelled: return .bluetooth(.pairingRefused, "it was cancelled")
        default: return .bluetooth(.protocolError, "pairing: \(status)")
        }
    }

    // MARK: Without

    /// The channel is opened as it is. A device that wants to be paired all the same says so then.
    private func connect(
        _ talk: PairingTalk, _ sighting: Sighting?, _ guide: any PairingGuide
    ) async throws(LinkError) {
        keep(try await openPatiently(talk, sighting), of: talk.address)
        let end = loop.now + Self.wishPause
        while loop.now < end, talk.failed == nil, !talk.hasKey {
            if let question = talk.takeQuestion() {
                await guide.tell(.pairing)
                try await put(question, talk, guide)
                try await awaitVerdict(talk)
            } else {
                _ = await changed.wait(before: end)
            }
        }
        if let failed = talk.failed { throw cause(of: failed, talk, sighting) }
    }

    /// A device that hears the request for a connection and does not come to the first meeting is asked again.
    private func openPatiently(
        _ talk: PairingTalk, _ sighting: Sighting?
    ) async throws(LinkError) -> any Link {
        var attempt = 1
        while true {
            guard let adapter else { throw .bluetooth(.adapterMissing, "") }
            do {
                return try await kernel.openAttributes(
                    of: talk.address, from: adapter.address, security: .none, before: loop.now + Self.openLimit)
            } catch {
                guard adapterProblem == nil, let sighting else { throw adapterProblem ?? error }
                if case .bluetooth(let problem, _) = error, problem != .notAdvertising, problem != .linkLost {
                    throw error
                }
                let isOver = attempt >= Self.pairAttempts || error.isNotHeard
                if isOver { throw cause(of: sighting, failures: max(attempt, talk.connectFailures)) }
            }
            attempt += 1
            await loop.sleep(until: loop.now + Self.pairPause)
        }
    }

    private func awaitVerdict(_ talk: PairingTalk) async throws(LinkError) {
        let end = loop.now + Self.openLimit
        while loop.now < end, talk.failed == nil, !talk.hasKey, talk.questions.isEmpty {
            if let adapterProblem { throw adapterProblem }
            _ = await changed.wait(before: end)
        }
    }

    // MARK: Afterwards

    func keepBond(of talk: PairingTalk, _ guide: any PairingGuide) async throws(LinkError) {
        do {
            try await saveBonds()
        } catch {
            throw .system(call: "write", errno: 0, "the keys (\(error)): free some space and pair again")
        }
        bondsWereDamaged = false
        log(.notice, "bluetooth: \(talk.identity) is paired")
        await guide.tell(.bonded)
    }

    /// Without a channel the kernel would end the connection again. Not an error: it is opened when it is needed.
    private func hold(_ device: BluetoothAddress) async {
        guard let adapter, adapter.isReady else { return }
        let link = try? await kernel.openAttributes(
            of: device, from: adapter.address, security: isPaired(device) ? .encrypted : .none,
            before: loop.now + Self.openLimit)
        if let link { keep(link, of: device) }
    }

    func keep(_ link: any Link, of device: BluetoothAddress) {
        held[device]?.link.close()
        held[device] = Held(link: link, until: loop.now + Self.heldLimit)
        connections[device]?.isUsed = true
        changed.ring()
    }

    // MARK: Forgetting

    public func unpair(_ address: BluetoothAddress) async throws(LinkError) {
        try await forget(address)
        known[address] = nil
        guests[address] = nil
        listAt = .boot
        do {
            try await saveBonds()
        } catch {
            throw .system(call: "write", errno: 0, "the keys (\(error)): free some space and try again")
        }
        log(.notice, "bluetooth: \(address) is forgotten")
    }

    /// Before new keys are made. A device that changes its address is found only as long as the kernel has its
    /// identity: then the others' long-term keys are loaded again, without its own.
    private func forgetKeys(_ address: BluetoothAddress) async throws(LinkError) {
        guard let adapter, bonds.identity(of: address, on: adapter.address) != nil else {
            return try await forget(address)
        }
        held.removeValue(forKey: address)?.link.close()
        histories[address] = nil
        bonds.forgetKeys(of: address, on: adapter.address)
        bondsAreChanged = true
        if listed.remove(address) != nil { _ = try await request(.about(address, .removeDevice)) }
        if connections[address] != nil { _ = try await request(.about(address, .disconnect)) }
        let answer = try await request(.load(bonds.keys(on: adapter.address)))
        guard answer.status == .success else { throw failure(answer.status, .loadLongTermKeys) }
    }

    /// Its keys, here and in the kernel; its connection ends. A device that has none is no error.
    func forget(_ address: BluetoothAddress) async throws(LinkError) {
        held.removeValue(forKey: address)?.link.close()
        histories[address] = nil
        if bonds.forget(address, on: adapter?.address) { bondsAreChanged = true }
        if listed.remove(address) != nil { _ = try await request(.about(address, .removeDevice)) }
        let answer = try await request(.unpair(address))
        switch answer.status {
        case .success, .notPaired, .notConnected, .invalidParameters, .disconnected: break
        default: throw failure(answer.status, .unpair)
        }
    }

    private func failure(_ status: ManagementStatus, _ code: ManagementCommand.Code) -> LinkError {
        if let problem = status.adapterProblem { return .bluetooth(problem, "\(code): \(status)") }
        return .system(call: "\(code)", errno: 0, "the Bluetooth adapter (\(status))")
    }
}

extension LinkError {
    /// The device did not answer for the whole time.
    fileprivate var isNotHeard: Bool {
        if case .bluetooth(.notAdvertising, _) = self { true } else { false }
    }
}
