import Bluetooth
import DriverKit
import Loop
import Vitals

/// What a person may change at run time: which devices there are, and whose they are.
extension HomeAgent {
    /// Everything that is known: the configuration in its order, then what was paired, in the order of pairing.
    func knownDevices() -> [(setup: DeviceSetup, binding: DeviceBinding)] {
        let registry = keeper.registry
        var known = home.devices.map { setup in
            (
                setup,
                DeviceBinding(
                    configured: setup.patient, origin: .configuration, expectation: setup.expectation,
                    assignments: registry.assignments[setup.id] ?? [])
            )
        }
        for device in registry.devices {
            guard !home.devices.contains(where: { $0.id == device.id }) else {
                world.log(
                    .warning,
                    "\(device.id): \(device.origin), but the configuration has another device of that name")
                continue
            }
            guard let setup = setup(device) else {
                world.log(
                    .warning, "\(device.id): \(device.origin), but this program has no driver \(device.driver)")
                continue
            }
            known.append((setup, binding(device)))
        }
        return known
    }

    /// Of a paired or plugged device everything is taken that it can give. `nil`: there is no such driver.
    func setup(_ device: RegisteredDevice) -> DeviceSetup? {
        guard let driver = home.drivers.first(where: { $0.manifest.id == device.driver }) else { return nil }
        let manifest = driver.manifest
        let address: Address
        if let place = device.address, let profile = manifest.bluetooth {
            address = .bluetooth(place, profile)
        } else if device.plug != nil, let line = manifest.serial {
            address = .serial(path: Self.unpluggedPath, line)
        } else {
            return nil
        }
        return DeviceSetup(
            id: device.id, driver: driver, address: address, patient: nil,
            settings: DriverSettings(
                reportsWaveforms: true, fetchesStored: manifest.canFetchStored, setsClock: manifest.canSetClock))
    }

    func binding(_ device: RegisteredDevice) -> DeviceBinding {
        DeviceBinding(
            configured: nil, origin: device.origin, name: device.name, model: device.model,
            assignments: keeper.registry.assignments[device.id] ?? [])
    }

    func session(_ id: Identifier) throws(CommandFailure) -> DeviceSession {
        if let session = sessions.first(where: { $0.setup.id == id }) { return session }
        throw CommandFailure(.unknownDevice, "there is no device \(id)")
    }

    /// UTC in whole milliseconds, as it stands in files and messages.
    var utcNow: Int64 { stampNow.utcNanoseconds / 1_000_000 * 1_000_000 }

    // MARK: Assigning

    /// - Throws: `unknown-device`, `already-assigned`, `state-not-written`.
    func assign(
        _ id: Identifier, to patient: Identifier, missingAfterSeconds: Int?, by: String
    ) async throws(CommandFailure) -> Assignment {
        let session = try session(id)
        try refuseConfigured(session)
        let assignment = Assignment(
            patient: patient, from: utcNow, to: nil, by: by, missingAfterSeconds: missingAfterSeconds)
        try await keeper.change { registry throws(CommandFailure) in
            if let current = registry.current(id) {
                throw CommandFailure(
                    .alreadyAssigned,
                    "\(id) belongs to \(current.patient) since \(rfc3339(utcNanoseconds: current.from))")
            }
            registry.assign(id, assignment)
        }
        await rebind(session, because: "")
        return assignment
    }

    /// - Throws: `unknown-device`, `not-assigned`, `already-assigned` by the configuration, `state-not-written`.
    func unassign(_ id: Identifier) async throws(CommandFailure) -> Assignment {
        let session = try session(id)
        try refuseConfigured(session)
        let now = utcNow
        var ended: Assignment?
        try await keeper.change { registry throws(CommandFailure) in
            guard registry.current(id) != nil else {
                throw CommandFailure(.notAssigned, "\(id) belongs to nobody")
            }
            registry.unassign(id, at: now)
            ended = registry.assignments[id]?.last
        }
        await rebind(session, because: "No longer watched: the device was taken from the patient.")
        guard let ended else { throw CommandFailure(.notAssigned, "\(id) belongs to nobody") }
        return ended
    }

    private func refuseConfigured(_ session: DeviceSession) throws(CommandFailure) {
        guard let patient = session.binding.configured else { return }
        throw CommandFailure(
            .alreadyAssigned, "the configuration gives \(session.setup.id) to \(patient)",
            remedy: "change or remove 'patient' of that device in the configuration, and restart homeward")
    }

    private func rebind(_ session: DeviceSession, because reason: String) async {
        guard isCurrent(session) else { return }
        var binding = session.binding
        binding.assignments = keeper.registry.assignments[session.setup.id] ?? []
        await session.bind(binding, makeWatch(binding.applied(to: session.setup)), because: reason)
    }

    // MARK: Registering

    /// Adds a device that was just paired, or brings the one with its id up to date, and keeps it connected.
    ///
    /// - Throws: `state-not-written`, `busy` when there are too many.
    func register(_ device: RegisteredDevice) async throws(CommandFailure) {
        try await keeper.change { registry throws(CommandFailure) in
            guard registry.register(device) else {
                throw CommandFailure(
                    .busy, "\(Registry.devicesMax) devices are paired, which is the most",
                    remedy: "run 'homeward unpair DEVICE' for one that is no longer used")
            }
        }
        guard let setup = setup(device) else { return }
        if let session = sessions.first(where: { $0.setup.id == device.id }) {
            session.change(to: setup, binding(device))
            session.isHeld = false
            updateKnown()
            serve(session)
        } else {
            let session = makeSession(setup, binding(device))
            sessions.append(session)
            updateKnown()
            serve(session)
            await session.publishTwin()
        }
        changed.ring()
    }

    /// Forgets a paired device: its keys, its place and its assignments.
    ///
    /// - Throws: `unknown-device`, what the radio says, `state-not-written`.
    func unpair(_ id: Identifier) async throws(CommandFailure) {
        if keeper.registry[id]?.plug != nil { return try await forgetPlugged(id) }
        guard let radio = connections?.radio else { throw CommandFailure(.adapterMissing) }
        if let address = keeper.registry[id]?.address, !sessions.contains(where: { $0.setup.id == id }) {
            return try await forget(id, at: address, radio)
        }
        let session = try session(id)
        guard session.binding.origin == .paired, let address = session.setup.address.bluetooth else {
            throw CommandFailure(
                .unknownDevice, "\(id) was not paired: it stands in the configuration",
                remedy: "remove it from the configuration, and restart homeward")
        }
        guard !session.isHeld else { throw CommandFailure(.busy, "\(id) is being paired or unpaired") }
        hold(session)
        do throws(CommandFailure) {
            try await forget(id, at: address, radio)
        } catch {
            release(session)
            throw error
        }
        await dismiss(session, because: "No longer watched: the device was unpaired.")
    }

    /// Takes it out of the home, with its alarms.
    func dismiss(_ session: DeviceSession, because reason: String) async {
        var binding = session.binding
        binding.assignments = []
        await session.bind(binding, makeWatch(binding.applied(to: session.setup)), because: reason)
        sessions.removeAll { $0 === session }
        await session.change(to: .stopped, problem: nil)
        updateKnown()
        changed.ring()
    }

    private func forget(
        _ id: Identifier, at address: BluetoothAddress, _ radio: any RadioControl
    ) async throws(CommandFailure) {
        do throws(LinkError) { try await radio.unpair(address) } catch { throw CommandFailure(error) }
        try await keeper.change { registry throws(CommandFailure) in registry.remove(id) }
    }

    /// Ends its connection and keeps it from being connected.
    func hold(_ session: DeviceSession) {
        session.isHeld = true
        updateKnown()
        session.close()
    }

    func release(_ session: DeviceSession) {
        guard session.isHeld else { return }
        session.isHeld = false
        updateKnown()
        changed.ring()
    }
}
