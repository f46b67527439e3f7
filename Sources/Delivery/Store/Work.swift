/// Where there may be something to send: counts that grow with each arrival, so that nothing is asked in vain.
struct Work: Hashable, Sendable {
    /// By the raw value of the lane.
    private(set) var lanes = [UInt64](repeating: 0, count: Lane.allCases.count)
    private(set) var states: UInt64 = 0

    mutating func arrived(in lane: Lane) { lanes[lane.rawValue] += 1 }
    mutating func stateArrived() { states += 1 }

    mutating func arrivedEverywhere() {
        for lane in Lane.allCases { arrived(in: lane) }
        stateArrived()
    }
}
