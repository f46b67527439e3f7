/// A few small files that must outlive a power cut: bonds, assignments, what is known of a device's services.
///
/// Handed in, so that a whole home runs without a disk. Waiting is allowed: an SD card can take a second.
public protocol StateFolder: Sendable {
    /// `nil`: there is no such file.
    func read(_ name: String) async throws(StateError) -> [UInt8]?
    /// All or nothing, durable when it returns, readable by the owner only.
    func write(_ bytes: [UInt8], to name: String) async throws(StateError)
    /// Gone when it returns; no error when it was not there.
    func remove(_ name: String) async throws(StateError)
}

/// The disk did not do what it was asked.
public struct StateError: Error, Hashable, Sendable, CustomStringConvertible {
    public var name: String
    public var reason: String

    public init(name: String, reason: String) {
        self.name = name
        self.reason = reason
    }

    public var description: String { "\(name): \(reason)" }
}
