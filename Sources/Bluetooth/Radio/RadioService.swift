import DriverKit
import Loop
import Vitals

/// The task that reads the management channel and does what is due.
extension Radio {
    static let reopenFirst: Duration = .seconds(1)
    static let reopenLongest: Duration = .seconds(30)
    /// So many failures one after the other, and the adapter is plugged out and in by software.
    static let failuresBeforeReset = 3

    public func run() async {
        await loadBonds()
        var backoff = Backoff(first: Self.reopenFirst, longest: Self.reopenLongest)
        while !isStopped {
            do throws(LinkError) {
                try await serve(&backoff)
            } catch {
                if !isStopped { note(channelError: error) }
            }
            if let index = adapter?.index, failures >= Self.failuresBeforeReset, !isStopped {
                resetUSB(index, because: "it failed \(failures) times one after the other")
            }
            leaveAdapter()
            channel?.close()
            channel = nil
            changed.ring()
            if !isStopped { await pause(backoff.next(using: &chance)) }
        }
        await saveBondsIfChanged()
    }

    private func pause(_ length: Duration) async {
        let end = loop.now + length
        while !isStopped, loop.now < end { _ = await changed.wait(before: end) }
    }

    private func serve(_ backoff: inout Backoff) async throws(LinkError) {
        channel = ManagementChannel(try kernel.openManagement(), on: loop)
        let version = try await ask(.readVersion, to: ManagementPacket.noController)
        guard version.status == .success else {
            throw version.status == .permissionDenied ? .denied("bluetooth") : .gone("the Bluetooth of the kernel")
        }
        let list = try await ask(.readControllers, to: ManagementPacket.noController)
        controllers.formUnion(ControllerInformation.controllers(list.data) ?? [])
        backoff.reset()
        setUpAt = .boot
        if controllers.isEmpty { change(to: .missing, BluetoothProblem.adapterMissing) }
        while !isStopped {
            try await attend()
            if isStopped { break }
            try await hear(before: loop.now + Self.wakeInterval)
        }
    }

    private func note(channelError error: LinkError) {
        switch error {
        case .denied, .bluetooth(.notPermitted, _): change(to: .denied, BluetoothProblem.notPermitted)
        case .system(_, Self.timedOut, _), .closed:
            failures += 1
            change(to: .recovering, "the Bluetooth management channel is opened anew (\(error))")
        default: change(to: .missing, error.description)
        }
    }

    /// One event, or nothing before `deadline`. Only the run task.
    func hear(before deadline: Instant) async throws(LinkError) {
        guard let channel else { throw .closed }
        guard let packet = try await channel.receive(before: deadline) else { return }
        guard packet.code != 0, let event = ManagementEvent(packet) else {
            if status.managementErrors == 0 {
                log(
                    .warning,
                    "bluetooth: the kernel sent \(packet.bytes.count) bytes that make no sense; passed over")
            }
            status.managementErrors += 1
            return
        }
        take(event, from: packet.controller)
    }

    /// Sends a command and hears events until its answer comes. Only the run task.
    func ask(
        _ command: ManagementCommand, to controller: UInt16? = nil, within limit: Duration = answerLimit
    ) async throws(LinkError) -> ManagementChannel.Answer {
        guard let channel, let index = controller ?? adapter?.index else { throw .closed }
        let request = try await channel.send(command, to: index)
        let deadline = loop.now + limit
        while true {
            if let answer = request.answer { return answer }
            guard loop.now < deadline else {
                channel.drop(request)
                giveUp(channel, waitingFor: command.code)
                throw .system(call: "\(command.code)", errno: Self.timedOut, "the Bluetooth management channel")
            }
            try await hear(before: deadline)
        }
    }

    /// The adapter is not used any more, for now.
    func leaveAdapter() {
        adapter = nil
        controllers = []
        forgetConnections()
    }

    /// Nothing is connected any more, and nothing is set up.
    func forgetConnections() {
        connections = [:]
        listed = []
        chores = []
        isDiscovering = false
        pacesAreChanged = !paces.isEmpty
        for one in held.values { one.link.close() }
        held = [:]
        status.connectedCount = 0
        changed.ring()
    }

    /// Told once.
    func change(to state: RadioStatus.State, _ problem: BluetoothProblem) {
        change(to: state, "\(problem.cause): \(problem.remedy)")
    }

    func change(to state: RadioStatus.State, _ problem: String?) {
        let isNew = status.state != state || status.problem != problem
        status.state = state
        status.problem = problem
        guard isNew else { return }
        if let problem {
            log(.warning, "bluetooth: \(state.rawValue): \(problem)")
        } else {
            log(.notice, "bluetooth: \(state.rawValue)")
        }
        changed.ring()
    }
}
