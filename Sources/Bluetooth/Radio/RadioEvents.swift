import DriverKit
import Loop
import Vitals

/// What the kernel tells, taken in without waiting.
extension Radio {
    /// A connection that ends within this time for no reason was never one: the device did not answer.
    static let stillbornLimit: Duration = .seconds(2)

    func take(_ event: ManagementEvent, from controller: UInt16) {
        switch event {
        case .answer(let code, let status, let data):
            channel?.take(code: code, controller: controller, .init(status: status, data: data))
        case .controllerAdded:
            controllers.insert(controller)
            setUpAt = .boot
        case .controllerRemoved:
            controllers.remove(controller)
            if adapter?.index == controller { loseAdapter() }
        default: if adapter?.index == controller { takeOwn(event) }
        }
    }

    private func takeOwn(_ event: ManagementEvent) {
        switch event {
        case .controllerError(let code):
            status.managementErrors += 1
            log(.warning, "bluetooth: the adapter reports error \(code)")
        case .settings(let settings): take(settings)
        case .longTermKey(let key, let isLasting): take(key, isLasting: isLasting)
        case .identityKey(let key, let heardAs, let isLasting): take(key, heardAs: heardAs, isLasting: isLasting)
        case .connected(let address, _): takeConnected(address)
        case .disconnected(let address, let reason): takeDisconnected(address, reason)
        case .connectFailed(let address, let status): takeFailed(address, status)
        case .confirmationWanted, .passkeyWanted, .passkeyShown, .authenticationFailed: takePairing(event)
        case .found(let advertiser):
            noteHeard()
            table.note(advertiser, at: loop.now)
            if talk?.address == advertiser.address { changed.ring() }
        case .discovering(let isOn):
            isDiscovering = isOn
            if isOn { discoveryFailures = 0 }
        case .unpaired(let address): takeUnpaired(address)
        case .answer, .controllerAdded, .controllerRemoved, .other: break
        }
    }

    func noteHeard() {
        watch.heard(at: loop.now)
        status.heardLast = loop.now
        if status.state == .deaf {
            log(.notice, "bluetooth: the radio hears again")
            status.state = .ready
            status.problem = nil
            askedSystemAt = nil
        }
    }

    private func loseAdapter() {
        status.adapterLosses += 1
        let index = adapter?.index ?? 0
        adapter = nil
        setUpAt = .boot
        forgetConnections()
        log(.warning, "bluetooth: the adapter hci\(index) is gone; its devices come back when it does")
        if controllers.isEmpty {
            change(to: .missing, BluetoothProblem.adapterMissing)
        } else {
            status.state = .recovering
        }
    }

    private func take(_ settings: ControllerSettings) {
        let wasReady = adapter?.isReady == true
        adapter?.settings = settings
        guard wasReady, !settings.contains(.powered) else { return }
        if kernel.isRadioBlocked { return block() }
        adapter?.isReady = false
        adapter?.isSwitchedOff = true
        // One that is pulled out is switched off by the kernel first: not told, nor mended, before that is known.
        setUpAt = loop.now + Self.switchedOffPause
        forgetConnections()
        status.state = .recovering
    }

    private func takeConnected(_ address: BluetoothAddress) {
        noteHeard()
        connectionNumbers += 1
        connections[address] = Connection(number: connectionNumbers, since: loop.now)
        status.connectedCount = connections.count
        // Nobody wants it here: it may have been asked for by another program.
        if !isWanted(address), talk?.concerns(address) != true { end(address) }
        changed.ring()
    }

    private func takeDisconnected(_ address: BluetoothAddress, _ reason: DisconnectReason) {
        let connection = connections.removeValue(forKey: address)
        held.removeValue(forKey: address)?.link.close()
        status.connectedCount = connections.count
        if isWanted(address) {
            discoveryIsSpent = true
            histories[address, default: History()].disconnected = (reason, loop.now)
            // The kernel tells of a connection before the device has answered to it.
            if reason == .unknown, let connection, loop.now - connection.since <= Self.stillbornLimit {
                histories[address]?.connectFailures += 1
            }
            if reason == .authenticationFailure { noteStale(address) }
        }
        talk?.noteDisconnected(address, reason)
        changed.ring()
    }

    private func takeFailed(_ address: BluetoothAddress, _ status: ManagementStatus) {
        if isWanted(address) { histories[address, default: History()].connectFailures += 1 }
        talk?.noteFailed(address, status)
        changed.ring()
    }

    /// Another program, or the kernel itself, forgot the keys.
    private func takeUnpaired(_ address: BluetoothAddress) {
        guard let adapter, talk?.concerns(address) != true else { return }
        listed.remove(address)
        if bonds.forget(address, on: adapter.address) {
            bondsAreChanged = true
            log(.warning, "bluetooth: \(address): another program made the kernel forget its keys")
        }
    }

    /// The device did not know the keys. Told once, and left alone for a while.
    func noteStale(_ address: BluetoothAddress) {
        guard isPaired(address), talk?.concerns(address) != true else { return }
        let wasStale = histories[address]?.staleUntil != nil
        histories[address, default: History()].staleUntil = loop.now + Self.staleRest
        guard !wasStale else { return }
        let problem = BluetoothProblem.bondForgottenByDevice
        log(.warning, "bluetooth: \(address): \(problem.cause): \(problem.remedy(for: address))")
    }

    /// Asks for the end of a connection, once.
    func end(_ address: BluetoothAddress) {
        guard var connection = connections[address], connection.endingSince == nil else { return }
        connection.endingSince = loop.now
        connections[address] = connection
        later(.about(address, .disconnect))
    }

    // MARK: Keys

    private func take(_ key: LongTermKey, isLasting: Bool) {
        guard let adapter, let talkOrKnown = owner(of: key.address) else {
            return log(.warning, "bluetooth: \(key.address): keys of a device that nobody paired are not kept")
        }
        if talkOrKnown { talk?.noteKey(of: key.address, isLasting: isLasting) }
        guard isLasting else { return }
        if bonds.keep(key, on: adapter.address) {
            bondsAreChanged = true
        } else {
            log(.error, "bluetooth: \(key.address): no room for its keys: unpair a device that is no longer used")
        }
        changed.ring()
    }

    private func take(_ key: IdentityKey, heardAs: BluetoothAddress, isLasting: Bool) {
        talk?.noteIdentity(key.address, heardAs: heardAs)
        if let talk, talk.identity == key.address { rename(talk.address, key.address) }
        guard let adapter, owner(of: key.address) != nil, isLasting else { return }
        if bonds.keep(key, on: adapter.address) { bondsAreChanged = true }
    }

    /// From now on the kernel speaks of the connection by the device's identity.
    private func rename(_ old: BluetoothAddress, _ identity: BluetoothAddress) {
        guard old != identity else { return }
        if let connection = connections.removeValue(forKey: old) { connections[identity] = connection }
        if let one = held.removeValue(forKey: old) { held[identity] = one }
        guests[identity] = guests.removeValue(forKey: old)
    }

    /// `true`: the device being paired; `false`: a known one; `nil`: nobody's.
    private func owner(of address: BluetoothAddress) -> Bool? {
        if talk?.concerns(address) == true { return true }
        return isWanted(address) ? false : nil
    }
}
