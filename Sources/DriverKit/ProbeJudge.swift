public import Vitals

/// Listens to bytes with one driver's ears and says whether they are its own.
///
/// It feeds the driver and counts what it tells: values against bytes that belong to no frame. What the driver
/// wants to send is given to the one who probes, who sends it or does not.
public struct ProbeJudge {
    public let type: any Driver.Type
    private var driver: any Driver
    private var values = 0
    private var droppedBefore = 0
    private var droppedBehind = 0
    private var receivedBytes = 0
    private var faults = 0
    /// The moment at which the driver wants to go on.
    public private(set) var wakeAt = Instant.never

    /// A sync byte alone is in any stream; so many bytes in frames that follow one another without a gap are not
    /// chance. With values among them it takes fewer.
    public static let bytesForCertainty = 64
    public static let bytesWithValuesForCertainty = 24
    public static let valuesForCertainty = 4
    /// A stream may be joined in the middle of a frame: so much may be dropped before the first value.
    public static let droppedBytesTolerated = 192
    /// One fault in so many values is a bad cable, not a wrong driver.
    public static let valuesForOneFault = 8

    public init(_ type: any Driver.Type) {
        self.type = type
        driver = type.init(settings: DriverSettings())
    }

    /// What the driver says when its link opens: its first, harmless questions.
    public mutating func begin(at now: Instant) -> [Turn.Request] { step(at: now) { $0.begin(&$1) } }

    /// What the driver asks for after it has heard that.
    @discardableResult
    public mutating func receive(_ bytes: [UInt8], at now: Instant) -> [Turn.Request] {
        receivedBytes += bytes.count
        return step(at: now) { $0.receive(bytes.span, from: .serial, &$1) }
    }

    /// Lets the driver go on when its moment has come.
    @discardableResult
    public mutating func wake(at now: Instant) -> [Turn.Request] {
        guard wakeAt <= now else { return [] }
        wakeAt = .never
        return step(at: now) { $0.wake(&$1) }
    }

    /// Goodbye, for a device that was asked something.
    public mutating func end(at now: Instant) -> [Turn.Request] { step(at: now) { $0.end(&$1) } }

    /// What can be said now; nothing that the driver holds back is taken for understood.
    public func verdict(at now: Instant) -> Verdict {
        var copy = self
        _ = copy.end(at: now)
        return copy.told
    }

    /// In the order of certainty.
    public enum Verdict: Int, Comparable, Sendable {
        case foreign
        /// Values, few and nothing against them: enough when the device says no more.
        case likely
        /// No chance: values, and nothing wrong since the first of them.
        case certain

        public static func < (one: Verdict, other: Verdict) -> Bool { one.rawValue < other.rawValue }
    }

    /// Better is greater: values against what could not be understood.
    public var score: Int { values * 8 - droppedBefore - droppedBehind - faults * 16 }

    private var told: Verdict {
        let understood = receivedBytes - droppedBefore - droppedBehind
        guard values > 0, droppedBehind == 0, faults * Self.valuesForOneFault <= values,
            droppedBefore <= Self.droppedBytesTolerated
        else { return .foreign }
        let isEnough =
            understood >= Self.bytesForCertainty
            || values >= Self.valuesForCertainty && understood >= Self.bytesWithValuesForCertainty
        return isEnough ? .certain : .likely
    }

    private mutating func step(
        at now: Instant, _ work: (inout any Driver, inout Turn) -> Void
    ) -> [Turn.Request] {
        var turn = Turn(now: now)
        work(&driver, &turn)
        if let asked = turn.wakeAt { wakeAt = asked }
        for event in turn.events { count(event) }
        return turn.requests
    }

    private mutating func count(_ event: Turn.Event) {
        switch event {
        case .reading, .waveform, .session, .status, .information: values += 1
        case .fault(.dropped(let bytes)) where values == 0: droppedBefore += bytes
        case .fault(.dropped(let bytes)): droppedBehind += bytes
        case .fault(.noAnswer), .notice: break
        case .fault: faults += 1
        }
    }
}
