import Loop

/// What the link told and the session has not looked at: the handler of a connection only puts it here.
final class EventInbox {
    private let bell: Bell
    private var events: [BrokerEvent] = []
    private var attempt: UInt64 = 0

    init(bell: Bell) { self.bell = bell }

    var isEmpty: Bool { events.isEmpty }

    /// A new connection begins. What an older one still tells is not heard.
    func handler() -> (BrokerEvent) -> Void {
        attempt += 1
        events = []
        let attempt = attempt
        return { [self] event in
            guard attempt == self.attempt else { return }
            events.append(event)
            bell.ring()
        }
    }

    func take() -> [BrokerEvent] {
        defer { events = [] }
        return events
    }
}
