/// How the session treats the broker.
public struct SessionSettings: Hashable, Sendable {
    /// Before every topic, such as `homeward/1/gw-1/`.
    public var root: String
    /// Members of the `status` message besides its own: the version of the program, for instance.
    public var statusMembers: [UInt8] = []
    /// Messages unacknowledged at a time.
    public var windowMax = 16
    /// Of those, kept free for alerts.
    public var windowForAlerts = 4
    public var connectTimeout: Duration = .seconds(15)
    /// After that long without an acknowledgement the connection is given up.
    public var ackTimeout: Duration = .seconds(20)
    public var pauseFirst: Duration = .seconds(1)
    public var pauseLongest: Duration = .seconds(15)
    /// When the broker refused for a reason that only a person can mend.
    public var refusedPauseFirst: Duration = .seconds(2)
    public var refusedPauseLongest: Duration = .seconds(60)
    /// A connection that lasted so long was a good one: the pauses begin anew.
    public var stableAfter: Duration = .seconds(10)
    /// Times that a row is refused before its topic is held.
    public var deniedRoundsMax = 6
    public var heldPause: Duration = .seconds(60)
    /// Of the time to stop, kept for the last `status`.
    public var farewellTime: Duration = .milliseconds(500)

    /// Listens for commands below `command/`.
    public var hearsCommands = false

    public init(root: String) { self.root = root }

    var laneLimits: LaneFlow.Limits {
        LaneFlow.Limits(deniedRoundsMax: deniedRoundsMax, heldPause: heldPause)
    }
}
