public import Vitals

/// What the store has and what went wrong with it.
public struct StoreReport: Hashable, Sendable {
    public struct Lane: Hashable, Sendable {
        /// Messages waiting.
        public var depth: Int64 = 0
        public var bytes: Int64 = 0
        /// When the oldest waiting one was committed; the start of the box when that was before it.
        public var oldestAt: Instant?
        /// Ever accepted by this store.
        public var committed: Int64 = 0
        /// Ever acknowledged by a broker.
        public var delivered: Int64 = 0
        /// Lost, and told in a gap.
        public var evicted: Int64 = 0
    }

    public var epoch = ""
    public var lanes: [Delivery.Lane: Lane] = [:]
    /// Commits that failed since the start; each was tried again.
    public var faults: UInt64 = 0
    public var faultLast: String?
    /// Since when commits fail without one succeeding between.
    public var failingSince: Instant?
    /// Damaged files set aside since the start.
    public var setAside: UInt64 = 0
    public var statesDropped: UInt64 = 0
}
