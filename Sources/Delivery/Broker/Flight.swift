import Vitals

/// A message on its way to the broker.
struct Flight {
    enum Cargo {
        case status
        case state(StateMessage)
        case row(StoredMessage)
    }

    let token: UInt64
    let cargo: Cargo
    let sentAt: Instant

    var isAlert: Bool {
        guard case .row(let message) = cargo else { return false }
        return message.key.lane == .alert
    }
}

/// Everything that is on its way, in the order of sending, and how much more may be.
struct Window {
    private(set) var flights: [Flight] = []
    private var tokens: UInt64 = 0
    private var most: Int
    private var forAlerts: Int

    init(most: Int, forAlerts: Int) {
        self.most = max(1, most)
        self.forAlerts = min(forAlerts, self.most - 1)
    }

    var count: Int { flights.count }
    var oldestSentAt: Instant? { flights.first?.sentAt }

    func hasRoom(forAlert isAlert: Bool) -> Bool {
        guard flights.count < most else { return false }
        return isAlert || flights.count { !$0.isAlert } < most - forAlerts
    }

    mutating func begin(_ cargo: Flight.Cargo, now: Instant) -> UInt64 {
        tokens += 1
        flights.append(Flight(token: tokens, cargo: cargo, sentAt: now))
        return tokens
    }

    /// `nil` when nothing with this token is on its way: an acknowledgement said twice.
    mutating func end(_ token: UInt64) -> Flight? {
        guard let index = flights.firstIndex(where: { $0.token == token }) else { return nil }
        return flights.remove(at: index)
    }
}
