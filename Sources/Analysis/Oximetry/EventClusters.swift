/// Groups of events as repeated pauses of breathing make them.
///
/// A cluster: at least five events within thirty minutes, none further than that rule from the others. (The idea
/// of the McGill oximetry score, Nixon et al. 2004: five or more falls in a period of ten to thirty minutes.)
public struct EventClusters: Hashable, Sendable {
    public private(set) var count = 0
    /// Events that belong to one.
    public private(set) var events = 0
    /// From the first event of each to its last, s.
    public private(set) var seconds = 0
    private var starts: [Int] = []
    private var clusterStart: Int?
    private var lastStart = 0

    public static let eventsMin = 5
    public static let windowSeconds = 1800

    public init() {}

    /// The latest event belongs to a cluster.
    public var isOpen: Bool { clusterStart != nil }

    /// The events of one definition, in order. `true`: with this one a cluster has formed.
    public mutating func add(startSecond: Int) -> Bool {
        starts.removeAll { startSecond - $0 > Self.windowSeconds }
        starts.append(startSecond)
        if starts.count > Self.eventsMin { starts.removeFirst() }
        guard starts.count >= Self.eventsMin, let first = starts.first else {
            if clusterStart != nil, startSecond - lastStart > Self.windowSeconds { clusterStart = nil }
            guard clusterStart != nil else { return false }
            clusterStart = nil
            return false
        }
        defer { lastStart = startSecond }
        guard clusterStart == nil else {
            events += 1
            seconds += max(0, startSecond - lastStart)
            return false
        }
        clusterStart = first
        count += 1
        events += Self.eventsMin
        seconds += startSecond - first
        return true
    }
}
