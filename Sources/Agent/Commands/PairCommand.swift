import Bluetooth
import Delivery
import DriverKit
import Loop
import Vitals

/// Pairing, guided: it is found, recognised, connected, bonded, registered, and tried.
extension HomeAgent {
    /// How long the device may take to be heard.
    static let searchMax: Duration = .seconds(30)
    /// Heard and not recognised, its answer to an active scan is waited for this long: it may hold the name.
    static let recogniseMax: Duration = .seconds(5)
    static let searchInterval: Duration = .milliseconds(250)
    /// Older sightings are of a device that may have gone.
    static let sightingAgeMax: Duration = .seconds(10)
    /// Weaker than this, a failure is most likely one of distance.
    static let rssiWeakDBm = -90
    static let testMax: Duration = .seconds(30)
    static let testReadingsMax = 3

    /// What was found out before the bond is made.
    private struct Candidate {
        var sighting: Sighting
        var driver: any Driver.Type
        var profile: BluetoothProfile
        var model: String?
    }

    /// - Returns: the name of the device.
    func pair(
        _ request: CommandRequest.Pairing, _ conversation: Conversation
    ) async throws(CommandFailure) -> Identifier {
        guard let radio = connections?.radio else { throw CommandFailure(.adapterMissing) }
        try refuse(radio.status)
        guard !isPairing else { throw CommandFailure(.busy, "another device is being paired") }
        isPairing = true
        defer { isPairing = false }
        let known = try known(request)
        try check(request, known)
        let held = known.flatMap { device in sessions.first { $0.setup.id == device.id } }
        if let held {
            guard !held.isHeld else { throw CommandFailure(.busy, "\(held.setup.id) is being unpaired") }
            hold(held)
        }
        defer { if let held { release(held) } }
        let candidate = try await find(request, known, radio, conversation)
        let driver = candidate.driver.manifest.id
        conversation.step("identified", "\(candidate.model ?? driver), driver \(driver)")
        let address = try await bond(candidate, radio, conversation)
        let device: RegisteredDevice
        do throws(CommandFailure) {
            guard !conversation.isEnded || known != nil else {
                throw CommandFailure(.stopping, "the one who asked has gone")
            }
            device = registration(
                candidate, address, request, known ?? keeper.registry.device(at: address), by: conversation.by)
            try await register(device)
        } catch {
            if known == nil { await forget(address, radio) }
            throw error
        }
        await test(device.id, conversation)
        conversation.send(event: "paired") { json in
            json.member("device", device.id.text)
            json.member("driver", device.driver)
            json.optional("model", device.model)
            json.member("address", address.description)
            json.member("bonded", radio.isPaired(address))
        }
        return device.id
    }

    // MARK: Before

    private func known(_ request: CommandRequest.Pairing) throws(CommandFailure) -> RegisteredDevice? {
        keeper.registry.devices.first { device in
            guard let address = device.address else { return false }
            return address.description == request.address.uppercased()
                && (request.kind ?? address.kind) == address.kind
        }
    }

    private func check(_ request: CommandRequest.Pairing, _ known: RegisteredDevice?) throws(CommandFailure) {
        if let name = request.driver, profile(of: name) == nil {
            let names = home.drivers.filter { $0.manifest.bluetooth != nil }.map { $0.manifest.id }
            throw CommandFailure(
                .badRequest, "there is no driver \"\(name.prefix(64))\" for Bluetooth",
                remedy: "use one of \(names.joined(separator: ", "))")
        }
        guard let id = request.device, id != known?.id else { return }
        if let known {
            throw CommandFailure(
                .badRequest, "it is paired as \(known.id) and keeps that name",
                remedy: "leave the name out, or run 'homeward unpair \(known.id)' first")
        }
        if isTaken(id) {
            throw CommandFailure(.badRequest, "there is another device \(id)", remedy: "choose another name")
        }
    }

    private func isTaken(_ id: Identifier) -> Bool {
        sessions.contains { $0.setup.id == id } || keeper.registry[id] != nil
    }

    private func profile(of driver: String) -> (driver: any Driver.Type, profile: BluetoothProfile)? {
        home.drivers.first { $0.manifest.id == driver }.flatMap { driver in
            driver.manifest.bluetooth.map { (driver, $0) }
        }
    }

    /// The drivers that know such a device, the best first.
    func candidates(
        name: String?, services: [BluetoothUUID]
    ) -> [(driver: any Driver.Type, score: Int, model: String?)] {
        home.drivers.compactMap { driver in
            driver.manifest.bluetooth?.recognise(name: name, services: services).map {
                (driver, $0.score, $0.model)
            }
        }.sorted { $0.1 > $1.1 }
    }

    // MARK: Finding

    private func find(
        _ request: CommandRequest.Pairing, _ known: RegisteredDevice?, _ radio: any RadioControl,
        _ conversation: Conversation
    ) async throws(CommandFailure) -> Candidate {
        conversation.step("searching", "listening for \(request.address)")
        let end = loop.now + Self.searchMax
        var heardSince: Instant?
        while true {
            guard !isStopping else { throw CommandFailure(.stopping, "homeward is stopping") }
            guard !conversation.isEnded else { throw CommandFailure(.stopping, "the one who asked has gone") }
            try refuse(radio.status)
            radio.look(until: loop.now + Self.recogniseMax)
            let sighting = sighting(request, radio)
            if let sighting, sighting.isConnectable {
                let since = heardSince ?? loop.now
                heardSince = since
                if let candidate = try candidate(sighting, request, known) { return candidate }
                if loop.now - since >= Self.recogniseMax { throw unsupported(sighting) }
            }
            guard loop.now < end else { throw notFound(sighting, request, radio) }
            await conversation.rest(before: loop.now + Self.searchInterval)
        }
    }

    private func sighting(_ request: CommandRequest.Pairing, _ radio: any RadioControl) -> Sighting? {
        radio.sightings.first { sighting in
            sighting.address.description == request.address.uppercased()
                && (request.kind ?? sighting.address.kind) == sighting.address.kind
                && loop.now - sighting.lastHeard <= Self.sightingAgeMax
        }
    }

    /// `nil`: no driver knows it, so far.
    private func candidate(
        _ sighting: Sighting, _ request: CommandRequest.Pairing, _ known: RegisteredDevice?
    ) throws(CommandFailure) -> Candidate? {
        let fitting = candidates(name: sighting.name, services: sighting.services)
        if let named = (request.driver ?? known?.driver).flatMap({ profile(of: $0) }) {
            let model = fitting.first { $0.driver.manifest.id == named.driver.manifest.id }?.model
            return Candidate(
                sighting: sighting, driver: named.driver, profile: named.profile, model: model ?? known?.model)
        }
        guard let best = fitting.first, let profile = best.driver.manifest.bluetooth else { return nil }
        let equal = fitting.prefix { $0.score == best.score }.map { $0.driver.manifest.id }
        guard equal.count == 1 else {
            throw CommandFailure(
                .badRequest, "several drivers fit: \(equal.joined(separator: ", "))",
                remedy: "say which one with the option for the driver")
        }
        return Candidate(sighting: sighting, driver: best.driver, profile: profile, model: best.model)
    }

    private func unsupported(_ sighting: Sighting) -> CommandFailure {
        let services = sighting.services.prefix(Listing.servicesMax).map(\.description)
        return CommandFailure(
            .unsupportedModel,
            "seen: name \(sighting.name.map { "\"\($0.prefix(Listing.nameMax))\"" } ?? "none"), "
                + "services \(services.isEmpty ? "none" : services.joined(separator: " "))")
    }

    private func notFound(
        _ sighting: Sighting?, _ request: CommandRequest.Pairing, _ radio: any RadioControl
    ) -> CommandFailure {
        if sighting != nil { return CommandFailure(.heldByAnotherCentral, "it is heard and takes no connection") }
        if radio.status.isBluetoothdRunning { return CommandFailure(.bluetoothdInTheWay) }
        return CommandFailure(
            .notAdvertising, "\(request.address) for \(Self.searchMax.wholeMilliseconds / 1000) s")
    }

    // MARK: Bonding

    private func bond(
        _ candidate: Candidate, _ radio: any RadioControl, _ conversation: Conversation
    ) async throws(CommandFailure) -> BluetoothAddress {
        let guide = PairingConversation(conversation, on: loop)
        do throws(LinkError) {
            return try await radio.pair(
                candidate.sighting.address, profile: candidate.profile, guide: guide)
        } catch {
            if isStopping { throw CommandFailure(.stopping, "homeward is stopping") }
            if let failure = guide.failure { throw failure }
            let failure = CommandFailure(error)
            if case .bluetooth(let problem, let what) = error,
                [.noAnswer, .linkLost, .notAdvertising].contains(problem),
                let rssi = candidate.sighting.rssiDBm, rssi <= Self.rssiWeakDBm
            {
                throw CommandFailure(.outOfRange, "heard with \(rssi) dBm\(what.isEmpty ? "" : ", \(what)")")
            }
            throw failure
        }
    }

    /// A bond that nobody uses is none.
    private func forget(_ address: BluetoothAddress, _ radio: any RadioControl) async {
        do throws(LinkError) { try await radio.unpair(address) } catch {
            world.log(.warning, "\(address): was not registered, and its keys are still there: \(error)")
        }
    }

    // MARK: Behind it

    private func registration(
        _ candidate: Candidate, _ address: BluetoothAddress, _ request: CommandRequest.Pairing,
        _ known: RegisteredDevice?, by: String
    ) -> RegisteredDevice {
        let name = candidate.sighting.name.map { String($0.prefix(Listing.nameMax)) } ?? known?.name
        let model = candidate.model ?? known?.model ?? candidate.driver.manifest.models.first
        return RegisteredDevice(
            id: known?.id ?? request.device ?? makeID(model ?? candidate.driver.manifest.id, address),
            driver: candidate.driver.manifest.id, address: address, name: name, model: model, pairedAt: utcNow,
            pairedBy: by)
    }

    /// `nonin-3230-2233`: its model and the last digits of its address.
    private func makeID(_ model: String, _ address: BluetoothAddress) -> Identifier {
        let words = model.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        let digits = address.description.filter { $0 != ":" }.suffix(4).lowercased()
        let stem = (words.isEmpty ? "device" : words.joined(separator: "-")).prefix(Identifier.lengthMax - 8)
        for number in 1 ... Registry.devicesMax + HomeAgent.configuredMax {
            let ending = number == 1 ? "" : "-\(number)"
            if let id = Identifier("\(stem)-\(digits)\(ending)"), !isTaken(id) { return id }
        }
        preconditionFailure("more devices than there can be")
    }

    /// Devices that a configuration may have.
    static let configuredMax = 64

    /// Its first readings, as a proof that everything works.
    private func test(_ id: Identifier, _ conversation: Conversation) async {
        conversation.step("testing", "waiting for a first reading: put it on, or measure now")
        let watcher = feed.add(device: id, kinds: [.reading]) { conversation.ring() }
        defer { feed.remove(watcher) }
        let end = loop.now + Self.testMax
        var count = 0
        while count < Self.testReadingsMax, loop.now < end, !conversation.isEnded, !isStopping {
            await conversation.rest(before: end)
            watcher.hand { line in
                guard count < Self.testReadingsMax else { return true }
                count += 1
                return conversation.send(line)
            }
        }
        guard count == 0, let twin = sessions.first(where: { $0.setup.id == id })?.twin else { return }
        let reason = twin.problem ?? "the device is \(twin.state.rawValue), and has measured nothing"
        conversation.step("testing", "no reading yet: \(reason)")
    }
}
