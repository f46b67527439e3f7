import DriverKit
import Loop
import Vitals

/// What is plugged in: one task for each port that the configuration does not name.
extension HomeAgent {
    /// USB has no more.
    static let portsMax = 127
    /// A kind of cable that no driver names is probed so often and then left alone; a known one until it speaks.
    static let roundsOfStrangers = 3
    /// Behind so many rounds there is time to listen longer.
    static let roundsInHaste = 3
    /// A device that says nothing is asked in every round at first, then in each of so many.
    static let roundsBetweenQuestions = 6
    /// Behind a failure that a person has to mend, and behind any other.
    static let portMendPause: Duration = .seconds(5)
    static let portPause: Duration = .milliseconds(250)
    /// The line ends before udev has told why.
    static let removalMax: Duration = .seconds(2)
    /// Where a plugged device is while it is not plugged in.
    static let unpluggedPath = "unplugged"

    func startPorts() {
        guard connections?.ports != nil else { return }
        Task(executorPreference: loop) { await self.watchPorts() }
    }

    /// Everything ends: nothing is probed any more. What is read says goodbye first.
    func leavePorts() {
        for port in ports.values where port.device == nil { port.leave() }
    }

    private func watchPorts() async {
        while !isStopping, let monitor = connections?.ports {
            guard let event = await monitor.next(before: .never), !isStopping else { continue }
            switch event {
            case .appeared(let identity): appear(identity, monitor)
            case .disappeared(let path): ports.removeValue(forKey: path)?.leave()
            }
        }
    }

    private func appear(_ identity: PortIdentity, _ monitor: any PortMonitor) {
        ports.removeValue(forKey: identity.path)?.leave()
        let owners = sessions.filter { session in
            guard session.binding.origin == .configuration else { return false }
            guard case .serial(let path, _) = session.setup.address else { return false }
            return path == identity.path || monitor.resolve(path) == identity.path
        }
        guard owners.isEmpty else {
            for owner in owners { owner.hasArrived = true }
            return
        }
        guard let usb = identity.usb, ports.count < Self.portsMax else { return }
        let port = PluggedPort(identity, usb, on: loop)
        ports[identity.path] = port
        Task(executorPreference: loop) { await self.serve(at: identity.path) }
    }

    private func serve(at path: String) async {
        guard let port = ports[path] else { return }
        while port.isThere, !isStopping {
            guard let found = await recognise(port) else { continue }
            guard let session = await claim(port, found.driver) else {
                port.close()
                return await port.restForGood()
            }
            await converse(session, found, port)
            port.device = nil
        }
    }

    // MARK: Recognising

    /// `nil`: the port is no longer there, or has to be looked at again.
    private func recognise(_ port: PluggedPort) async -> PortProbe.Finding? {
        let choice = PortChoice(port, among: home.drivers, remembered: keeper.registry)
        if let own = choice.certain { return PortProbe.Finding(driver: own) }
        guard let connector = connections?.connector, !choice.candidates.isEmpty else {
            await port.restForGood()
            return nil
        }
        let probe = PortProbe(
            port, candidates: choice.candidates, askers: choice.askers, connector: connector, on: loop)
        var round = 0
        while port.isThere, !isStopping {
            do throws(LinkError) {
                let isInHaste = round < Self.roundsInHaste
                let asks = isInHaste || round % Self.roundsBetweenQuestions == 0
                let isPatient = !isInHaste || probe.isSimple
                if let found = try await probe.round(isPatient: isPatient, asks: asks) { return found }
            } catch {
                await fail(error, port)
                continue
            }
            round += 1
            if round == Self.roundsOfStrangers, port.isThere {
                tellUnknown(port, isHeard: probe.heardBytes > 0, isStranger: choice.isStranger)
                if choice.isStranger { await port.restForGood() }
            }
        }
        return nil
    }

    private func tellUnknown(_ port: PluggedPort, isHeard: Bool, isStranger: Bool) {
        // What the frames have spoken against may be right all the same.
        port.refuted = []
        let what = isHeard ? "no driver understands what it sends" : "nothing is heard from it"
        let next = isStranger ? "it is left alone until it is plugged in again" : "it is listened to further"
        world.log(
            .notice, "\(port.identity): \(what), \(next); 'devices' in the configuration can name its driver")
    }

    /// Told once for each plugging, whatever happens how often.
    private func fail(_ error: LinkError, _ port: PluggedPort) async {
        switch error {
        case .closed, .gone: await port.rest(Self.portPause)
        case .busy, .denied, .system, .bluetooth:
            if !port.hasFailed { world.log(.warning, "\(error)") }
            port.hasFailed = true
            await port.rest(Self.portMendPause)
        }
    }

    // MARK: Reading

    private func converse(_ session: DeviceSession, _ found: PortProbe.Finding, _ port: PluggedPort) async {
        guard let connector = connections?.connector, let line = found.driver.manifest.serial else { return }
        let readings = session.twin.counts.readings
        var failure: LinkError?
        do throws(LinkError) {
            let link: any Link
            if let open = found.link { link = open } else { link = try await port.open(line, by: connector) }
            guard !isStopping else { return port.close() }
            try await session.converse(over: HeardLink(link, heard: found.heard))
        } catch {
            failure = error
        }
        port.close()
        guard !isStopping, isCurrent(session) else { return }
        if session.isMisfit { return await undo(session, port, isNew: session.twin.counts.readings == readings) }
        if case .gone? = failure, port.isThere { await port.rest(Self.removalMax) }
        guard port.isThere else {
            await session.change(to: .gone, problem: "unplugged: plug it in again, into any port")
            return
        }
        guard let failure else { return }
        await session.change(to: DeviceTwin.LinkState(failure), problem: failure.description)
        let isMendable = if case .gone = failure { true } else { false }
        await port.rest(isMendable ? Self.portPause : Self.portMendPause)
    }

    /// A wrong guess: the port is probed anew, without that driver at first.
    private func undo(_ session: DeviceSession, _ port: PluggedPort, isNew: Bool) async {
        let driver = session.setup.driver.manifest.id
        port.refuted.insert(driver)
        world.log(
            .warning, "\(session.setup.id): what comes is not of driver \(driver), \(port.identity) is probed anew")
        let id = session.setup.id
        guard isNew, keeper.registry.assignments[id] == nil else {
            await session.change(to: .gone, problem: "another device is on its port")
            return
        }
        await dismiss(session, because: "No longer watched: there was no such device.")
        do throws(CommandFailure) {
            try await keeper.change { registry throws(CommandFailure) in registry.remove(id) }
        } catch {
            world.log(.warning, "\(id): \(error.text)")
        }
    }
}
