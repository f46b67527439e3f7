import DriverKit
import Vitals

/// A plugged device becomes a device of the home, and is known again.
extension HomeAgent {
    /// The session of the device that the driver has recognised at the port: the one from before, or a new one.
    /// `nil`: there are too many, which is told.
    func claim(_ port: PluggedPort, _ driver: any Driver.Type) async -> DeviceSession? {
        let plug = Plug(port.identity, port.usb)
        let present = Set(ports.values.compactMap(\.device))
        let known = keeper.registry.plugged(driver: driver.manifest.id, plug, present: present)
        let id = known?.id ?? makeID(driver.manifest, plug, port.identity, present: present)
        guard let id else { return nil }
        // Nobody else takes it meanwhile.
        port.device = id
        let device = RegisteredDevice(
            id: id, driver: driver.manifest.id, address: nil, plug: plug, name: port.usb.productName,
            model: known?.model, pairedAt: known?.pairedAt ?? utcNow, pairedBy: known?.pairedBy ?? "plugged in")
        guard await remember(device, known, present: present) else {
            port.device = nil
            return nil
        }
        return await session(of: device, at: port)
    }

    /// `false`: there is no room for it.
    private func remember(
        _ device: RegisteredDevice, _ known: RegisteredDevice?, present: Set<Identifier>
    ) async -> Bool {
        guard device != known else { return true }
        do throws(CommandFailure) {
            try await keeper.change { registry throws(CommandFailure) in
                guard registry.registerPlugged(device, present: present) else {
                    throw CommandFailure(
                        .busy, "\(device.id): \(Registry.devicesMax) devices are known, which is the most",
                        remedy: "run 'homeward unpair DEVICE' for one that is no longer used")
                }
            }
        } catch {
            let isFull = error.code == CommandFailure.Code.busy.rawValue
            world.log(.warning, isFull ? "\(error.text)" : "\(device.id): is not remembered, \(error.text)")
            return !isFull
        }
        let gone = sessions.filter { session in
            session.binding.origin == .plugged && keeper.registry[session.setup.id] == nil
                && !present.contains(session.setup.id)
        }
        for session in gone { await dismiss(session, because: "No longer watched: it made room for another.") }
        return true
    }

    private func session(of device: RegisteredDevice, at port: PluggedPort) async -> DeviceSession? {
        guard var setup = setup(device), let line = setup.driver.manifest.serial else { return nil }
        setup.address = .serial(path: port.identity.path, line)
        if let session = sessions.first(where: { $0.setup.id == device.id }) {
            session.change(to: setup, binding(device))
            return session
        }
        let session = makeSession(setup, binding(device))
        sessions.append(session)
        world.log(.notice, "\(device.id): plugged in, \(port.identity)")
        await session.publishTwin()
        return session
    }

    /// Forgets a device that is not plugged in.
    func forgetPlugged(_ id: Identifier) async throws(CommandFailure) {
        guard !ports.values.contains(where: { $0.device == id }) else {
            throw CommandFailure(
                .busy, "\(id) is plugged in, and would be found again at once", remedy: "unplug it first")
        }
        try await keeper.change { registry throws(CommandFailure) in registry.remove(id) }
        guard let session = sessions.first(where: { $0.setup.id == id }) else { return }
        await dismiss(session, because: "No longer watched: the device was forgotten.")
    }

    // MARK: Names

    /// `contec-cms50-v7-a1b2`: driver and number, and the socket where that is not enough.
    private func makeID(
        _ manifest: Manifest, _ plug: Plug, _ port: PortIdentity, present: Set<Identifier>
    ) -> Identifier? {
        func isTaken(_ id: Identifier) -> Bool {
            if present.contains(id) || keeper.registry[id] != nil { return true }
            return sessions.contains { $0.setup.id == id && $0.binding.origin != .plugged }
        }
        let socket = PlugName.short(plug.socket ?? port.path)
        let endings = (plug.serialNumber.map { [PlugName.short($0)] } ?? []).flatMap { [$0, "\($0)-\(socket)"] }
        for ending in endings + [socket] + (2 ... Registry.devicesMax).map({ "\(socket)-\($0)" }) {
            if let id = PlugName.id(manifest.id, ending), !isTaken(id) { return id }
        }
        return nil
    }
}

/// Names made of what a device says of itself.
enum PlugName {
    static let partMax = 24

    /// Letters and digits, with single hyphens between them. What is too long is told by its end, behind a number
    /// made of the whole, so that two never become one.
    static func short(_ text: String) -> String {
        let words = text.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        let slug = words.joined(separator: "-")
        // Nothing was lost but the form of the letters and of what stands between them.
        guard slug.utf8.count > partMax || slug.isEmpty else { return slug }
        let tail = slug.suffix(partMax - 9).drop { $0 == "-" }
        return tail.isEmpty ? hash(text) : "\(hash(text))-\(tail)"
    }

    static func id(_ driver: String, _ ending: String) -> Identifier? {
        if let id = Identifier("\(driver)-\(ending)") { return id }
        return Identifier("\(driver.prefix(Identifier.lengthMax - 9))-\(hash(ending))")
    }

    /// FNV-1a of 32 bits, eight digits.
    private static func hash(_ text: String) -> String {
        var number: UInt32 = 0x811C_9DC5
        for byte in text.utf8 { number = (number ^ UInt32(byte)) &* 0x0100_0193 }
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
