import DriverKit
import Loop
import Vitals

/// What is due, done by the task that runs the radio.
extension Radio {
    static let discoverPause: Duration = .seconds(1)
    static let listPause: Duration = .seconds(5)

    func attend() async throws(LinkError) {
        try await attendAdapter()
        if talk == nil { await saveBondsIfChanged() }
        guard adapter?.isReady == true else { return }
        try await sendChores()
        try await attendPaces()
        try await attendKnown()
        try await attendDiscovery()
        endUnused()
        try await attendDeafness()
    }

    /// Their answers are of no use: what comes of them is told by events.
    private func sendChores() async throws(LinkError) {
        while !chores.isEmpty, adapter?.isReady == true {
            _ = try await ask(chores.removeFirst())
        }
    }

    private func attendPaces() async throws(LinkError) {
        guard pacesAreChanged else { return }
        pacesAreChanged = false
        paces = paces.filter { isWanted($0.key) }
        let parameters = paces.sorted { $0.key < $1.key }.map { ConnectionParameters($0.key, pace: $0.value) }
        guard !parameters.isEmpty else { return }
        _ = try await ask(.load(parameters))
    }

    // MARK: Known devices

    /// Tells the kernel whom to connect by itself.
    private func attendKnown() async throws(LinkError) {
        guard loop.now >= listAt else { return }
        for address in listed.subtracting(known.keys).sorted() { try await unlist(address, isForgotten: true) }
        for address in known.keys.sorted() {
            let isStale = histories[address]?.staleUntil.map { $0 > loop.now } ?? false
            if isStale || talk?.concerns(address) == true {
                if listed.contains(address) { try await unlist(address, isForgotten: false) }
            } else if !listed.contains(address), known[address] != nil {
                try await list(address)
            }
        }
    }

    private func list(_ address: BluetoothAddress) async throws(LinkError) {
        guard !lacksBond(address) else { return }
        let answer = try await ask(.addDevice(address))
        guard adapter?.isReady == true else { return }
        if answer.status == .success {
            listed.insert(address)
            discoveryIsSpent = true
        } else {
            listAt = loop.now + Self.listPause
            log(.debug, "bluetooth: \(address): the kernel does not take it yet: \(answer.status)")
        }
    }

    private func unlist(_ address: BluetoothAddress, isForgotten: Bool) async throws(LinkError) {
        listed.remove(address)
        _ = try await ask(.about(address, .removeDevice))
        if isForgotten, !isWanted(address) { end(address) }
    }

    /// It gives its values only with keys, and there are none: a connection would be of no use.
    func lacksBond(_ address: BluetoothAddress) -> Bool {
        known[address]?.pairing == .bonded && !isPaired(address)
    }

    // MARK: Listening to everybody

    /// The kernel ends a discovery after about ten seconds: it is begun again at once.
    private func attendDiscovery() async throws(LinkError) {
        let isWanted = talk?.isQuiet != true && max(lookEnd, listenEnd) > loop.now
        if isWanted, isDiscovering, discoveryIsSpent {
            _ = try await ask(.stopDiscovery)
            isDiscovering = false
        }
        discoveryIsSpent = false
        guard isWanted != isDiscovering, loop.now >= discoverAt else { return }
        let answer = try await ask(isWanted ? .startDiscovery : .stopDiscovery)
        guard adapter?.isReady == true else { return }
        if answer.status == .success {
            isDiscovering = isWanted
            discoveryFailures = 0
        } else if !isWanted {
            isDiscovering = false
        } else {
            discoverAt = loop.now + Self.discoverPause
            discoveryFailures += 1
            if discoveryFailures == 3 {
                log(.warning, "bluetooth: listening does not begin: \(answer.status); tried again")
            }
        }
    }

    // MARK: Connections that nobody uses

    private func endUnused() {
        let now = loop.now
        for (address, one) in held where one.until <= now {
            held[address] = nil
            one.link.close()
            connections[address]?.isUsed = false
        }
        for (address, connection) in connections {
            if let since = connection.endingSince, now - since >= Self.answerLimit {
                // It is still there: asked again.
                connections[address]?.endingSince = nil
                end(address)
            } else if !connection.isUsed, now - connection.since >= Self.unusedLimit, held[address] == nil,
                talk?.concerns(address) != true
            {
                end(address)
            }
        }
        guests = guests.filter { $0.value > now }
    }
}
