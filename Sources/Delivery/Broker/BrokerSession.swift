public import Loop
import Synchronization
public import Vitals

/// Brings what the store holds to the broker and lets the store forget only what the broker has taken.
///
/// One task runs ``run()`` until ``stop(before:)``: down, connecting, waiting for the broker's answer, live; every
/// state ends by itself at a deadline.
public actor BrokerSession: LoopActor {
    public nonisolated let loop: EventLoop
    let settings: SessionSettings
    let store: Store
    let link: any BrokerLink
    let bell: Bell
    let inbox: EventInbox
    var random: any RandomNumberGenerator & Sendable
    /// Names this run in the ids of `status`.
    let epoch: String
    var statusSeq: Int64 = 0
    var connection = ""
    var flows: [LaneFlow]
    var window: Window
    var refusedStates: [(message: StateMessage, retryAt: Instant)] = []
    var states: [StateMessage] = []
    /// Taken by the broker, and the store has not been told.
    var statesTaken: [StateMessage] = []
    var mayHaveStates = true
    /// Taken by the broker, and the store has not been told.
    var taken: [MessageKey] = []
    var work = Work()
    var isStopping = false
    var stopDeadline = Instant.never
    private var isRunning = false
    private let ended: Bell
    var current = DeliveryStatus()
    var fromCommit = Lane.allCases.map { _ in LatencyHistogram() }
    var fromReception = Lane.allCases.map { _ in LatencyHistogram() }
    private let snapshot = Mutex(Snapshot())
    let onCommand: @Sendable (_ name: String, _ payload: [UInt8]) -> Void

    /// - Parameter onCommand: called on the loop for each command heard; must return at once.
    public init(
        settings: SessionSettings, store: Store, link: sending any BrokerLink, loop: EventLoop,
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator(),
        onCommand: @escaping @Sendable (_ name: String, _ payload: [UInt8]) -> Void = { _, _ in }
    ) {
        self.loop = loop
        self.settings = settings
        self.store = store
        self.link = link
        self.onCommand = onCommand
        var random = random
        epoch = Envelope.randomName(using: &random)
        self.random = random
        bell = Bell(on: loop)
        ended = Bell(on: loop)
        inbox = EventInbox(bell: bell)
        window = Window(most: settings.windowMax, forAlerts: settings.windowForAlerts)
        let limits = settings.laneLimits
        flows = Lane.allCases.map { LaneFlow($0, limits: limits) }
        current.protocolName = link.protocolName
        let status = current
        snapshot.withLock { $0.status = status }
    }

    /// Why a connection is over.
    enum End {
        case refused(BrokerRefusal)
        case failed(String)
        case stopped
    }

    /// Connects, delivers, and begins again after every end but a stop.
    public func run() async {
        guard !isRunning, !isStopping else { return }
        isRunning = true
        current.protocolName = link.protocolName
        let pump = Task(executorPreference: loop) { [self] in await pumpWork() }
        var pauses = Backoff(first: settings.pauseFirst, longest: settings.pauseLongest)
        var refusedPauses = Backoff(first: settings.refusedPauseFirst, longest: settings.refusedPauseLongest)
        while !isStopping {
            let end = await attempt()
            let lasted = current.connectedSince.map { loop.now - $0 }
            await wentDown(end)
            if isStopping { break }
            if let lasted, lasted >= settings.stableAfter { pauses.reset() }
            if lasted != nil { refusedPauses.reset() }
            if case .refused(let refusal) = end, refusal.kind != .busy {
                await pause(refusedPauses.next(using: &random))
            } else {
                await pause(pauses.next(using: &random))
            }
        }
        current.state = .stopped
        publishStatus()
        await store.workArrived()
        await pump.value
        isRunning = false
        ended.ring()
    }

    /// Delivers what the broker takes before the deadline, says `offline` and takes leave. Returns when
    /// ``run()`` is about to.
    public func stop(before deadline: Instant) async {
        isStopping = true
        stopDeadline = min(stopDeadline, deadline)
        bell.ring()
        while isRunning { _ = await ended.wait(before: loop.now + .milliseconds(100)) }
    }

    /// As it was after the last change; ages are of now. Can be asked from any thread, also while the session
    /// is blocked in connecting.
    public nonisolated var status: DeliveryStatus {
        let snapshot = snapshot.withLock { $0 }
        var status = snapshot.status
        for lane in Lane.allCases {
            var part = DeliveryStatus.Lane()
            part.fromCommit = DeliveryStatus.Latency(snapshot.fromCommit[lane.rawValue])
            part.fromReception = DeliveryStatus.Latency(snapshot.fromReception[lane.rawValue])
            status.lanes[lane] = part
        }
        status.add(store.report, now: loop.now)
        return status
    }

    private struct Snapshot {
        var status = DeliveryStatus()
        var fromCommit = Lane.allCases.map { _ in LatencyHistogram() }
        var fromReception = Lane.allCases.map { _ in LatencyHistogram() }
    }

    func publishStatus() {
        current.inFlight = window.count
        current.heldTopics = flows.flatMap { $0.held.keys }.sorted()
        let now = Snapshot(status: current, fromCommit: fromCommit, fromReception: fromReception)
        snapshot.withLock { $0 = now }
    }

    private func pumpWork() async {
        while !isStopping || isRunning {
            let seen = work
            work = await store.waitForWork(after: seen)
            for index in flows.indices where work.lanes[index] != seen.lanes[index] { flows[index].workArrived() }
            if work.states != seen.states { mayHaveStates = true }
            bell.ring()
            if isStopping, current.state == .stopped { return }
        }
    }

    private func pause(_ duration: Duration) async {
        let end = loop.now + duration
        while !isStopping, loop.now < end { _ = await bell.wait(before: end) }
    }

    private func wentDown(_ end: End) async {
        link.close()
        window = Window(most: settings.windowMax, forAlerts: settings.windowForAlerts)
        current.state = .down
        current.connectedSince = nil
        current.connection = nil
        switch end {
        case .refused(let refusal):
            current.troubleLast = refusal.description
            current.failuresInRow += 1
        case .failed(let text):
            current.troubleLast = text
            current.failuresInRow += 1
        case .stopped: break
        }
        publishStatus()
        await settle()
        await store.connection(isUp: false)
    }

    // MARK: Connecting

    /// From the first packet to the end of the connection.
    private func attempt() async -> End {
        connection = Envelope.randomName(using: &random)
        current.state = .connecting
        publishStatus()
        do throws(BrokerLinkError) {
            let will = statusMessage("offline", reason: "connection lost")
            try link.connect(will: will, inbox.handler())
        } catch {
            return .failed(error.description)
        }
        current.state = .waiting
        publishStatus()
        let deadline = loop.now + settings.connectTimeout
        while loop.now < deadline {
            if isStopping { return .stopped }
            switch inbox.take().first {
            case .accepted(let receiveMaximum): return await live(receiveMaximum)
            case .refused(let refusal): return .refused(refusal)
            case .ended(let reason): return .failed("the broker closed before it answered: \(reason)")
            case .acknowledged, .received, .subscribed, nil: break
            }
            await waitForNews(before: deadline)
        }
        return .failed("the broker did not answer within \(settings.connectTimeout.wholeMilliseconds) ms")
    }

    func waitForNews(before deadline: Instant) async {
        _ = await bell.wait(before: min(deadline, link.nextTick))
        if loop.now >= link.nextTick { link.tick() }
    }

    /// Retained at the broker: the will of the connection, its birth and its farewell.
    func statusMessage(_ state: String, reason: String? = nil) -> BrokerMessage {
        statusSeq += 1
        let body = JSONText.members { text in
            text.member("state", state)
            text.member("connection", connection)
            text.member("reason", ifPresent: reason)
            text.members(settings.statusMembers)
        }
        let payload = Envelope.payload(
            schema: "status", epoch: epoch, lane: "status", seq: statusSeq, isLive: true, body: body)
        return BrokerMessage(topic: settings.root + "status", payload: payload, isRetained: true)
    }
}
