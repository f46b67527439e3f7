public import Vitals

/// The one thing a loop waits on: time and descriptors. Real in `Linux`, simulated in `Simulation`.
public protocol Waiter: AnyObject, Sendable {
    /// The time now. May be called from any thread.
    var now: Instant { get }

    /// Returns when a watched descriptor is ready (its handler has been called then), after ``wake()``, or at
    /// `deadline`, whichever comes first. Called only on the loop's thread.
    func wait(until deadline: Instant)

    /// Ends a ``wait(until:)``, also one that has not begun yet. Called from any thread.
    func wake()

    /// Calls `handler` from within ``wait(until:)`` each time that the descriptor is ready. Level-triggered.
    /// Called only on the loop's thread.
    func watch(_ descriptor: Int32, for interest: Interest, _ handler: @escaping () -> Void) throws(WatchError)
        -> Watch

    /// Changes what is watched for. An ended watch is ignored.
    func change(_ watch: Watch, to interest: Interest) throws(WatchError)

    /// Ends it. No handler is called for it any more, not even for readiness seen before. Call it before the
    /// descriptor is closed.
    func end(_ watch: Watch)
}

/// What a descriptor is watched for.
public struct Interest: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    public static let readable = Interest(rawValue: 1)
    public static let writable = Interest(rawValue: 2)
}

/// A descriptor being watched. The number is never used twice, so that an event for a closed descriptor cannot
/// reach the one that took its place.
public struct Watch: Hashable, Sendable {
    public let number: UInt32
    public let descriptor: Int32
    public init(number: UInt32, descriptor: Int32) {
        self.number = number
        self.descriptor = descriptor
    }
}

/// The kernel does not watch that descriptor.
public struct WatchError: Error, Hashable, Sendable, CustomStringConvertible {
    public var descriptor: Int32
    public var errno: Int32
    public init(descriptor: Int32, errno: Int32) {
        self.descriptor = descriptor
        self.errno = errno
    }
    public var description: String { "descriptor \(descriptor) cannot be watched, errno \(errno)" }
}
