import Bluetooth
import DriverKit
import Loop
import Vitals

/// Keeping devices connected: one task for each place where a device is.
extension HomeAgent {
    /// The pauses between attempts to open a port.
    static let reopenFirst: Duration = .milliseconds(250)
    static let reopenLongest: Duration = .seconds(5)
    /// By radio an attempt waits until the device is heard, so that pauses only keep a failure from being repeated
    /// without end.
    static let reconnectFirst: Duration = .milliseconds(100)
    static let reconnectLongest: Duration = .seconds(1)
    /// Before trying again what only a person can mend.
    static let mendPause: Duration = .seconds(30)

    /// Keeps the session's place connected from now on.
    func serve(_ session: DeviceSession) {
        // A plugged device is served by its port.
        guard session.binding.origin != .plugged else { return }
        let place = session.setup.address.place
        guard served.insert(place).inserted else { return changed.ring() }
        let number = servedCount
        servedCount += 1
        Task(executorPreference: loop) { await self.keepConnected(place, number) }
    }

    func isCurrent(_ session: DeviceSession) -> Bool { sessions.contains { $0 === session } }

    private func keepConnected(_ place: String, _ number: UInt64) async {
        defer { served.remove(place) }
        var random = Jitter(seed: world.seed &+ number)
        var backoff: Backoff?
        while !isStopping, let session = sessions.first(where: { $0.setup.address.place == place }) {
            let isRadio = session.setup.address.isRadio
            var pauses =
                backoff
                ?? Backoff(
                    first: isRadio ? Self.reconnectFirst : Self.reopenFirst,
                    longest: isRadio ? Self.reconnectLongest : Self.reopenLongest)
            if session.hasArrived { pauses.reset() }
            session.hasArrived = false
            let before = loop.now
            let error = await attempt(session)
            guard !isStopping else { return }
            let wasLong = loop.now - before > Self.reopenLongest
            if wasLong { pauses.reset() }
            if let error { await tell(error, of: session) }
            let isHopeless = error?.needsPerson ?? false
            let length = isHopeless ? Self.mendPause : pauses.next(using: &random)
            backoff = pauses
            // The radio has waited long enough by itself, and a device that comes back is not kept waiting.
            if isRadio, wasLong, !isHopeless { continue }
            await pause(session, until: loop.now + length)
        }
    }

    /// One connection from its beginning to its end. `nil`: it ended without an error.
    private func attempt(_ session: DeviceSession) async -> LinkError? {
        guard let connector = connections?.connector else { return nil }
        await waitWhileHeld(session)
        guard isCurrent(session), !isStopping else { return nil }
        let address = session.setup.address
        do throws(LinkError) {
            session.isConnecting = true
            defer { session.isConnecting = false }
            let link = try await connector.connect(to: address)
            await waitWhileHeld(session)
            // Meanwhile it may have been removed, or paired anew: the link is for the one that is there now.
            let now = sessions.first { $0.setup.address == address }
            guard let now, !isStopping else {
                link.close()
                return nil
            }
            session.isConnecting = false
            try await now.converse(over: link)
            return nil
        } catch {
            return error
        }
    }

    private func tell(_ error: LinkError, of session: DeviceSession) async {
        guard isCurrent(session) else { return }
        if session.isHeld {
            await session.change(to: .waiting, problem: nil)
        } else if case .bluetooth(let problem, _) = error {
            await session.change(
                to: DeviceTwin.LinkState(error), problem: error.description(of: session.setup.address),
                code: problem)
        } else {
            await session.change(to: DeviceTwin.LinkState(error), problem: error.description)
        }
    }

    private func waitWhileHeld(_ session: DeviceSession) async {
        while session.isHeld, isCurrent(session), !isStopping {
            _ = await changed.wait(before: loop.now + DeviceSession.tickInterval)
        }
    }

    /// Waits, while the alarms of the device go on looking at the clock.
    private func pause(_ session: DeviceSession, until end: Instant) async {
        while loop.now < end, !isStopping, !session.isHeld, !session.hasArrived, isCurrent(session) {
            await session.tick()
            await session.rest(before: min(end, loop.now + DeviceSession.tickInterval))
        }
    }

    // MARK: The radio

    func startRadio() {
        guard connections?.radio != nil else { return }
        updateKnown()
        Task(executorPreference: loop) { await self.runRadio() }
    }

    private func runRadio() async {
        guard !isStopping else { return }
        await connections?.radio?.run()
    }

    /// Tells the radio whom it may connect to: what a person paired, and nothing while it is being paired anew.
    func updateKnown() {
        let known = sessions.compactMap { session -> KnownDevice? in
            guard !session.isHeld, case .bluetooth(let address, let profile) = session.setup.address else {
                return nil
            }
            return KnownDevice(address, pairing: profile.pairing)
        }
        connections?.radio?.setKnown(known)
    }

    /// The alarms of devices that wait for a link look at the clock too; and a change of the radio is told at once.
    func tickWaiting() async {
        guard connections?.radio != nil || connections?.ports != nil else { return }
        while !isStopping {
            _ = await stopped.wait(before: loop.now + DeviceSession.tickInterval)
            guard !isStopping else { return }
            for session in sessions where session.isWaiting { await session.tick() }
            await tellRadio()
        }
    }
}

extension Address {
    /// One device is at one place.
    var place: String {
        switch self {
        case .serial(let path, _): path
        case .bluetooth(let address, _): "\(address) \(address.kind.rawValue)"
        }
    }

    var isRadio: Bool { bluetooth != nil }

    var bluetooth: BluetoothAddress? { if case .bluetooth(let address, _) = self { address } else { nil } }
}

extension LinkError {
    /// It fails again in the same way until a person does something.
    fileprivate var needsPerson: Bool {
        guard case .bluetooth(let problem, _) = self else { return false }
        return switch problem {
        case .bondForgottenByDevice, .bondStaleHere, .notPaired, .wrongPasskey, .pairingRefused, .unsupportedModel,
            .notPermitted:
            true
        case .notAdvertising, .heldByAnotherCentral, .outOfRange, .radioBlocked, .adapterMissing,
            .bluetoothdInTheWay, .noAnswer, .protocolError, .linkLost:
            false
        }
    }
}

extension DeviceTwin.LinkState {
    /// What a failed link means for the one who looks at the twin.
    init(_ error: LinkError) {
        switch error {
        case .closed: self = .waiting
        case .gone: self = .gone
        case .busy: self = .busy
        case .denied: self = .denied
        case .system: self = .failed
        case .bluetooth(let problem, _):
            self =
                switch problem {
                case .notAdvertising, .outOfRange, .linkLost: .gone
                case .heldByAnotherCentral: .busy
                case .notPermitted: .denied
                default: .failed
                }
        }
    }
}

/// A small generator for pauses (SplitMix64): good enough to keep boxes from acting in step, and repeatable.
struct Jitter: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
