import DriverKit

/// What comes before the first `receive`.
extension GATTLink {
    /// So often the services are looked for when they change meanwhile.
    private static let openingsMax = 3

    func begin() async throws(LinkError) {
        try await client.exchangeMTU()
        if client.mtu < profile.mtuMin {
            log("the device carries \(client.mtu) bytes at a time, \(profile.mtuMin) are needed for whole values")
        }
        for opening in 1 ... Self.openingsMax {
            client.areServicesChanged = false
            try await findTable(mayBeCached: opening == 1)
            if !client.areServicesChanged, try await isPrepared(), !client.areServicesChanged { return }
            await cache?.remove()
        }
        throw .bluetooth(
            .protocolError, "the device's services changed \(Self.openingsMax) times while they were looked for")
    }

    // MARK: What the device has

    private func findTable(mayBeCached: Bool) async throws(LinkError) {
        let interest = GATTInterest(profile)
        let discovery = GATTDiscovery(client, interest)
        let hash = try await discovery.databaseHash()
        isCached = false
        if mayBeCached, let known = await cache?.load(for: interest), isStillTrue(known, hash: hash) {
            table = known
            if missing().isEmpty { isCached = true }
        }
        if !isCached { table = try await discovery.table(hash: hash) }
        let missing = missing()
        guard missing.isEmpty else {
            let seen = services.isEmpty ? "none" : services.map(\.description).joined(separator: " ")
            throw .bluetooth(
                .unsupportedModel, "missing \(missing.joined(separator: ", ")); services seen: \(seen)")
        }
        pipes = profile.characteristics.compactMap { use in found(use).map { Pipe(use: use, characteristic: $0) } }
        try await client.watchServiceChanged(table.serviceChanged?.handle)
        if !isCached, !client.areServicesChanged { await cache?.store(table, for: interest) }
    }

    /// See ``GATTCache``.
    private func isStillTrue(_ known: GATTTable, hash: [UInt8]?) -> Bool {
        if known.hash != nil || hash != nil { return known.hash == hash }
        return profile.pairing == .bonded && known.serviceChanged?.configuration != nil
    }

    /// There, and able to do something of what the driver wants.
    private func found(_ use: CharacteristicUse) -> GATTTable.Characteristic? {
        guard let found = table.characteristic(use.characteristic, of: use.service) else { return nil }
        return use.access.isEmpty || !found.properties.isDisjoint(with: use.access.properties) ? found : nil
    }

    /// `pulse-oximeter (1822/2a5f)` of what the driver cannot do without.
    private func missing() -> [String] {
        profile.characteristics.filter { $0.isRequired && found($0) == nil }.map {
            "\($0.channel) (\($0.service)/\($0.characteristic))"
        }
    }

    // MARK: Reading and subscribing

    /// `false`: the handles are not the device's any more.
    private func isPrepared() async throws(LinkError) -> Bool {
        if let changed = table.serviceChanged, let refusal = try await subscribe(to: changed) { log("\(refusal)") }
        for pipe in pipes {
            if pipe.use.access.contains(.read), pipe.characteristic.properties.contains(.read) {
                guard try isBearable(try await read(pipe.characteristic), of: pipe) else { return false }
            }
            if pipe.use.access.contains(.subscribe) {
                guard try isBearable(try await subscribe(to: pipe.characteristic), of: pipe) else { return false }
            }
        }
        return true
    }

    /// What is not required may be refused. `false`: look for the services again.
    private func isBearable(_ refusal: ATTRefusal?, of pipe: Pipe) throws(LinkError) -> Bool {
        guard let refusal else { return true }
        // At a handle that is another by now, anything may be refused.
        let isDoubtful = pipe.use.isRequired && !refusal.code.asksForPairing
        if isCached, isDoubtful || refusal.code.tellsOfOtherHandles { return false }
        if pipe.use.isRequired { throw refusal.linkError }
        log("\(pipe.use.channel) left out: \(refusal)")
        return true
    }

    /// Its value becomes a chunk; a long one is read in parts (Core Specification 5.4, Vol 3, Part G, 4.8.3).
    private func read(_ characteristic: GATTTable.Characteristic) async throws(LinkError) -> ATTRefusal? {
        let handle = characteristic.handle
        var value: [UInt8] = []
        switch try await client.request(.readRequest(handle)) {
        case .response(.readResponse(let bytes)): value = bytes
        case .response: break
        case .refused(let refusal): return refusal
        }
        let room = client.mtu - 1
        var last = value.count
        while last >= room, value.count < ATTPDU.valueBytesMax {
            let offset = UInt16(truncatingIfNeeded: value.count)
            switch try await client.request(.readBlobRequest(handle, offset: offset)) {
            case .response(.readBlobResponse(let bytes)):
                value += bytes
                last = bytes.count
            case .response: last = 0
            case .refused(let refusal):
                guard refusal.code == .invalidOffset || refusal.code == .attributeNotLong else { return refusal }
                last = 0
            }
        }
        try client.keep(Array(value.prefix(ATTPDU.valueBytesMax)), from: handle)
        return nil
    }

    /// Notifications where there are any, else indications. What the device sends before it answers is kept.
    private func subscribe(to characteristic: GATTTable.Characteristic) async throws(LinkError) -> ATTRefusal? {
        let isNotified = characteristic.properties.contains(.notify)
        guard isNotified || characteristic.properties.contains(.indicate) else { return nil }
        guard let configuration = characteristic.configuration else {
            log("\(characteristic.type) has no switch for its notifications: taken as always on")
            return nil
        }
        let value = isNotified ? GATTConfiguration.notifications : GATTConfiguration.indications
        return try await write(ATTValue(configuration, value))
    }
}

extension CharacteristicUse.Access {
    /// Properties of which one at least must be there.
    fileprivate var properties: GATTProperties {
        var properties: GATTProperties = []
        if contains(.read) { properties.insert(.read) }
        if contains(.subscribe) { properties.formUnion([.notify, .indicate]) }
        if contains(.write) || contains(.writeWithoutResponse) {
            properties.formUnion([.write, .writeWithoutResponse])
        }
        return properties
    }
}
