import Loop
import Vitals

/// The session while there is a connection.
extension BrokerSession {
    func live(_ receiveMaximum: Int) async -> End {
        window = Window(
            most: min(settings.windowMax, receiveMaximum), forAlerts: settings.windowForAlerts)
        current.state = .live
        current.connectedSince = loop.now
        current.connection = connection
        current.connections += 1
        current.failuresInRow = 0
        for index in flows.indices { flows[index].restart(now: loop.now) }
        states = []
        refusedStates = []
        mayHaveStates = true
        publishStatus()
        await store.connection(isUp: true)
        do throws(BrokerLinkError) {
            try send(.status, statusMessage("online"))
            if settings.hearsCommands { try link.subscribe(to: settings.root + "command/+") }
            return try await deliver()
        } catch {
            return .failed(error.description)
        }
    }

    private func deliver() async throws(BrokerLinkError) -> End {
        while true {
            if let end = hear() { return end }
            await settle()
            if let end = timedOut() { return end }
            if try await isStopped() { return .stopped }
            try await fill()
            publishStatus()
            if !inbox.isEmpty { continue }
            await waitForNews(before: nextDeadline)
        }
    }

    private var nextDeadline: Instant {
        var next = window.oldestSentAt.map { $0 + settings.ackTimeout } ?? .never
        for flow in flows where window.hasRoom(forAlert: flow.lane == .alert) {
            next = min(next, flow.nextDeadline)
        }
        // Only what could be done then: a deadline that nothing can be done about would be met again and again.
        if window.hasRoom(forAlert: false), let state = refusedStates.first { next = min(next, state.retryAt) }
        if isStopping { next = min(next, stopDeadline - settings.farewellTime) }
        return next
    }

    private func timedOut() -> End? {
        guard let sentAt = window.oldestSentAt, loop.now >= sentAt + settings.ackTimeout else { return nil }
        current.acksTimedOut += 1
        return .failed(
            "the broker left a message unacknowledged for \(settings.ackTimeout.wholeMilliseconds) ms")
    }

    // MARK: Hearing

    private func hear() -> End? {
        for event in inbox.take() {
            switch event {
            case .acknowledged(let token, let reason): acknowledged(token, reason)
            case .ended(let reason): return .failed("the connection ended: \(reason)")
            case .refused(let refusal): return .refused(refusal)
            case .received(let message): command(message)
            case .subscribed(let reason): current.areCommandsHeard = reason < Self.reasonsRefused
            case .accepted: break
            }
        }
        return nil
    }

    /// A retained command is old: it was meant for a moment that has gone.
    private func command(_ message: BrokerMessage) {
        let start = settings.root + "command/"
        guard !message.isRetained, message.topic.hasPrefix(start) else { return }
        onCommand(String(message.topic.dropFirst(start.count)), message.payload)
    }

    private func acknowledged(_ token: UInt64, _ reason: UInt8) {
        guard let flight = window.end(token) else { return }
        let isTaken = reason < Self.reasonsRefused
        switch flight.cargo {
        case .row(let message): isTaken ? delivered(message, reason) : refused(message, reason)
        case .state(let message):
            if isTaken {
                statesTaken.append(message)
            } else {
                note(message.topic, reason)
                refusedStates.append((message, loop.now + settings.heldPause))
            }
        case .status: if !isTaken { note("status", reason) }
        }
    }

    private func delivered(_ message: StoredMessage, _ reason: UInt8) {
        let lane = message.key.lane
        flows[lane.rawValue].delivered(message)
        taken.append(message.key)
        measure(message)
        guard lane == .alert else { return }
        current.isAlertHeard = reason != Self.noSubscribers
        if reason == Self.noSubscribers { current.alertsWithoutSubscriber += 1 }
    }

    /// How long the way takes while there is one: what waited for a connection says nothing of it.
    private func measure(_ message: StoredMessage) {
        guard let committed = message.committedAt, let since = current.connectedSince, committed >= since else {
            return
        }
        let lane = message.key.lane.rawValue
        fromCommit[lane].record(loop.now - committed)
        if let received = message.receivedAt { fromReception[lane].record(loop.now - received) }
    }

    private func refused(_ message: StoredMessage, _ reason: UInt8) {
        note(message.topic, reason)
        flows[message.key.lane.rawValue].refused(message, now: loop.now)
    }

    private func note(_ topic: String, _ reason: UInt8) {
        current.publishesRefused += 1
        current.publishRefusedLast = "\(topic): reason \(BrokerRefusal.hexadecimal(reason))"
    }

    /// Lets the store forget what the broker has.
    func settle() async {
        let messages = statesTaken
        statesTaken = []
        for message in messages { await store.delivered(message) }
        guard !taken.isEmpty else { return }
        let keys = taken
        taken = []
        await store.delivered(keys)
    }

    // MARK: Sending

    /// Sends as much as the window takes, the most urgent first.
    private func fill() async throws(BrokerLinkError) {
        while inbox.isEmpty {
            var hasSent = try await sendNext(.alert)
            if !hasSent { hasSent = try await sendNextState() }
            for lane in [Lane.session, .reading, .waveform] where !hasSent {
                hasSent = try await sendNext(lane)
            }
            if !hasSent { return }
        }
    }

    private func sendNext(_ lane: Lane) async throws(BrokerLinkError) -> Bool {
        let index = lane.rawValue
        while window.hasRoom(forAlert: lane == .alert), inbox.isEmpty {
            if let topic = flows[index].probeDue(now: loop.now) {
                let message = await store.first(lane, topic: topic)
                flows[index].beginProbe(topic, with: message)
                if let message {
                    try send(message)
                    return true
                }
            }
            if let message = flows[index].next(now: loop.now) {
                try send(message)
                return true
            }
            guard flows[index].wantsPage else { return false }
            let workBefore = work.lanes[index]
            let page = await store.next(
                after: flows[index].last, limit: settings.windowMax, skipping: flows[index].skipped)
            flows[index].take(page, isCurrent: work.lanes[index] == workBefore)
        }
        return false
    }

    private func sendNextState() async throws(BrokerLinkError) -> Bool {
        guard window.hasRoom(forAlert: false) else { return false }
        while let first = refusedStates.first, loop.now >= first.retryAt {
            refusedStates.removeFirst()
            await store.refused(first.message)
            mayHaveStates = true
        }
        if states.isEmpty, mayHaveStates {
            mayHaveStates = false
            states = await store.nextStates(limit: 1)
            if !states.isEmpty { mayHaveStates = true }
        }
        guard !states.isEmpty else { return false }
        let message = states.removeFirst()
        let payload = message.payload
        try send(
            .state(message),
            BrokerMessage(topic: settings.root + message.topic, payload: payload, isRetained: true))
        return true
    }

    private func send(_ message: StoredMessage) throws(BrokerLinkError) {
        try send(
            .row(message),
            BrokerMessage(
                topic: settings.root + message.topic, payload: message.payload,
                isRetained: message.isRetained))
    }

    func send(_ cargo: Flight.Cargo, _ message: BrokerMessage) throws(BrokerLinkError) {
        let token = window.begin(cargo, now: loop.now)
        do throws(BrokerLinkError) {
            try link.publish(message, token: token)
        } catch {
            guard case .tooLarge = error else { throw error }
            acknowledged(token, Self.packetTooLarge)
        }
    }

    // MARK: Stopping

    /// Takes leave when everything is delivered, or when only the time for that is left.
    private func isStopped() async throws(BrokerLinkError) -> Bool {
        guard isStopping else { return false }
        let isDrained = window.count == 0 && states.isEmpty && !mayHaveStates && flows.allSatisfy(\.isDrained)
        guard isDrained || loop.now + settings.farewellTime >= stopDeadline else { return false }
        let before = window.count
        try send(.status, statusMessage("offline", reason: "stopped"))
        while window.count > before, loop.now < stopDeadline {
            if hear() != nil { break }
            if window.flights.last.map({ if case .status = $0.cargo { false } else { true } }) ?? true { break }
            await waitForNews(before: stopDeadline)
        }
        link.disconnect()
        return true
    }

    /// MQTT 5: from here on a reason code says no.
    private static let reasonsRefused: UInt8 = 0x80
    private static let noSubscribers: UInt8 = 0x10
    private static let packetTooLarge: UInt8 = 0x95
}
