/// How urgent an alarm is (IEC 60601-1-8): the harm if nobody comes, and how soon it comes.
public enum AlarmPriority: Int, Hashable, Comparable, Sendable, CaseIterable {
    case low = 1
    case medium
    case high

    public static func < (one: AlarmPriority, other: AlarmPriority) -> Bool { one.rawValue < other.rawValue }

    public var name: String {
        switch self {
        case .low: "low"
        case .medium: "medium"
        case .high: "high"
        }
    }
}

/// Whether the patient or the equipment is in trouble (IEC 60601-1-8).
public enum AlarmKind: String, Hashable, Sendable, CaseIterable { case physiological, technical }

/// What happened to an alarm condition (IHE ACM event phases).
public enum AlarmPhase: String, Hashable, Sendable, CaseIterable {
    case start, update, escalate, deescalate, acknowledge, end
}

/// Where an alarm condition stands.
public enum AlarmState: String, Hashable, Sendable, CaseIterable {
    case active
    /// The cause is gone, but nobody has acknowledged it yet.
    case latched
    case inactive
}
