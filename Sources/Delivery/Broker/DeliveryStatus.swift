public import Vitals

/// How delivery is doing: what the health message tells.
public struct DeliveryStatus: Hashable, Sendable {
    public enum State: String, Hashable, Sendable { case down, connecting, waiting, live, stopped }

    /// A share of the times, from the step of the histogram in which it lies.
    public struct Latency: Hashable, Sendable {
        public var count: UInt64 = 0
        public var p50Milliseconds: Double = 0
        public var p99Milliseconds: Double = 0
        public var maxMilliseconds: Double = 0

        public init() {}

        init(_ histogram: LatencyHistogram) {
            count = histogram.count
            p50Milliseconds = Self.milliseconds(histogram.quantile(0.5))
            p99Milliseconds = Self.milliseconds(histogram.quantile(0.99))
            maxMilliseconds = Self.milliseconds(histogram.longest)
        }

        private static func milliseconds(_ duration: Duration) -> Double {
            Double(duration.wholeNanoseconds) / 1e6
        }
    }

    public struct Lane: Hashable, Sendable {
        public var depth: Int64 = 0
        public var bytes: Int64 = 0
        /// `nil` when nothing waits. Of a message from before this start of the box: at least this.
        public var oldestAgeMilliseconds: Int64?
        public var committed: Int64 = 0
        public var delivered: Int64 = 0
        public var evicted: Int64 = 0
        /// From the commit to the broker's acknowledgement, of what was committed while connected.
        public var fromCommit = Latency()
        /// From the device's bytes to the broker's acknowledgement, of what was committed while connected.
        public var fromReception = Latency()

        public init() {}
    }

    public var state = State.down
    public var connectedSince: Instant?
    /// Of this connection; also in `status`.
    public var connection: String?
    public var protocolName = ""
    /// Why the last connection failed, was refused or ended, and what to do.
    public var troubleLast: String?
    /// Connections that were accepted since the start.
    public var connections: UInt64 = 0
    /// Attempts in a row that failed.
    public var failuresInRow: UInt64 = 0
    public var lanes: [Delivery.Lane: Lane] = [:]
    public var inFlight = 0
    /// Topics that the broker refuses. What is for them waits in the outbox.
    public var heldTopics: [String] = []
    /// Publishes that the broker refused.
    public var publishesRefused: UInt64 = 0
    /// The last of them, with its reason.
    public var publishRefusedLast: String?
    public var acksTimedOut: UInt64 = 0
    public var alertsWithoutSubscriber: UInt64 = 0
    /// Whether somebody had subscribed to the last alert; `nil` before the first.
    public var isAlertHeard: Bool?
    /// Whether the broker lets us listen for commands; `nil` before its answer.
    public var areCommandsHeard: Bool?
    public var epoch = ""
    public var storeFaults: UInt64 = 0
    public var storeFaultLast: String?
    /// How long commits have been failing; `nil` when they succeed.
    public var storeFailingMilliseconds: Int64?
    /// Damaged stores set aside since the start.
    public var storesSetAside: UInt64 = 0

    public init() {}

    mutating func add(_ report: StoreReport, now: Instant) {
        epoch = report.epoch
        storeFaults = report.faults
        storeFaultLast = report.faultLast
        storeFailingMilliseconds = report.failingSince.map { (now - $0).wholeMilliseconds }
        storesSetAside = report.setAside
        for (name, part) in report.lanes {
            var lane = lanes[name] ?? Lane()
            lane.depth = part.depth
            lane.bytes = part.bytes
            lane.oldestAgeMilliseconds = part.oldestAt.map { (now - $0).wholeMilliseconds }
            lane.committed = part.committed
            lane.delivered = part.delivered
            lane.evicted = part.evicted
            lanes[name] = lane
        }
    }
}
