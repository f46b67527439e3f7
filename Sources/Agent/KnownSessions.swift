import Delivery
import Vitals

/// The sessions of one device that were told already: many devices send their whole memory at every connection.
struct KnownSessions {
    private let device: Identifier
    /// Oldest first.
    private var names: [String] = []
    private var isChanged = false

    /// More than a home spirometer stores.
    static let namesMax = 1024

    static let prefix = "session/"

    init(device: Identifier, remembering keepsakes: [Keepsake]) {
        self.device = device
        guard let value = keepsakes.last(where: { $0.key == Self.prefix + device.text })?.value else { return }
        names = String(decoding: value, as: UTF8.self).split(separator: " ").suffix(Self.namesMax).map(String.init)
    }

    /// `false`: it is the same record again. One without a time of the device is always new.
    mutating func admits(_ session: Session) -> Bool {
        guard let time = session.deviceTime else { return true }
        let name = "\(time)/\(session.digestText)"
        guard !names.contains(name) else { return false }
        if names.count >= Self.namesMax { names.removeFirst() }
        names.append(name)
        isChanged = true
        return true
    }

    /// What has changed since this was last asked, to be kept with the sessions it belongs to.
    mutating func takeKeepsakes() -> [Keepsake] {
        guard isChanged else { return [] }
        isChanged = false
        return [Keepsake(Self.prefix + device.text, Array(names.joined(separator: " ").utf8))]
    }
}
