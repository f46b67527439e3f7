/// What was lost and why, told as a message of its own so that no loss is silent.
public struct Gap: Hashable, Sendable {
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        /// The outbox was at its limit: the oldest went.
        case evicted
        /// The disk was full: the oldest went.
        case diskFull = "disk-full"
        /// One message was larger than a message may be.
        case tooLarge = "too-large"
        /// The file was no sound database. It was set aside, and a new one begun.
        case storeDamaged = "store-damaged"
    }

    public var reason: Reason
    /// `nil` when it is not known which lanes lost something.
    public var lane: Lane?
    /// The store whose numbers these are; `nil` when it could not be read.
    public var epoch: String?
    public var fromSeq: Int64?
    public var toSeq: Int64?
    /// Messages lost from `fromSeq` to `toSeq`; fewer than the range when some between were delivered.
    public var count: Int64?
    /// Where the damaged file is now.
    public var file: String?

    public init(
        reason: Reason, lane: Lane? = nil, epoch: String? = nil, fromSeq: Int64? = nil, toSeq: Int64? = nil,
        count: Int64? = nil, file: String? = nil
    ) {
        self.reason = reason
        self.lane = lane
        self.epoch = epoch
        self.fromSeq = fromSeq
        self.toSeq = toSeq
        self.count = count
        self.file = file
    }

    /// It travels in the lane that is never evicted.
    var draft: Draft {
        let body = JSONText.members { text in
            text.member("reason", reason.rawValue)
            text.member("lostLane", ifPresent: lane?.name)
            text.member("lostEpoch", ifPresent: epoch)
            text.member("fromSeq", ifPresent: fromSeq)
            text.member("toSeq", ifPresent: toSeq)
            text.member("count", ifPresent: count)
            text.member("file", ifPresent: file)
        }
        return Draft(lane: .alert, topic: "gap", schema: "gap", body: body)
    }
}
