public import Vitals

/// What a driver is lent each time it is called: the time, and a place to put what it has to say.
public struct Turn: Sendable {
    /// When the bytes were received.
    public let now: Instant
    /// The box's local date and time, `nil` while its clock is not trusted.
    public let localTime: CivilTime?
    /// The pipes that the link has: a Bluetooth device may lack what the driver could use.
    public let channels: [Channel]

    /// In the order in which they were told; at most ``eventsMax``.
    public private(set) var events: [Event] = []
    public private(set) var requests: [Request] = []
    /// `nil`: no change to what was asked before. ``Instant/never``: nothing is awaited any more.
    public private(set) var wakeAt: Instant?
    /// Events that found no room.
    public private(set) var lost = 0

    /// More than any real chunk gives: one stored download packet of 4096 bytes is 4096 readings.
    public static let eventsMax = 20_000
    public static let requestsMax = 64

    public init(now: Instant, localTime: CivilTime? = nil, channels: [Channel] = [.serial]) {
        self.now = now
        self.localTime = localTime
        self.channels = channels
    }

    public enum Event: Hashable, Sendable {
        case reading(Reading)
        case waveform(Waveform)
        case session(Session)
        case status(DeviceStatus)
        case information(DeviceInformation)
        case notice(DeviceNotice)
        case fault(Fault)
    }

    public struct Request: Hashable, Sendable {
        public var bytes: [UInt8]
        public var channel: Channel
    }

    public mutating func report(_ reading: Reading) { add(.reading(reading)) }
    public mutating func report(_ waveform: Waveform) { add(.waveform(waveform)) }
    public mutating func report(_ session: Session) { add(.session(session)) }
    public mutating func report(_ status: DeviceStatus) { add(.status(status)) }
    public mutating func report(_ information: DeviceInformation) { add(.information(information)) }
    public mutating func report(_ notice: DeviceNotice) { add(.notice(notice)) }
    public mutating func report(_ fault: Fault) { add(.fault(fault)) }

    /// To the device, after this turn and in this order.
    public mutating func send(_ bytes: [UInt8], to channel: Channel = .serial) {
        guard requests.count < Self.requestsMax else {
            lost += 1
            return
        }
        requests.append(Request(bytes: bytes, channel: channel))
    }

    /// Calls ``Driver/wake(_:)`` then, instead of whenever was asked before.
    public mutating func wake(after duration: Duration) { wakeAt = now + duration }

    /// The same at a moment, for a driver that keeps several deadlines; ``Instant/never`` asks for nothing.
    public mutating func wake(at instant: Instant) { wakeAt = instant }

    public mutating func cancelWake() { wakeAt = .never }

    private mutating func add(_ event: Event) {
        guard events.count < Self.eventsMax else {
            lost += 1
            return
        }
        events.append(event)
    }
}

/// What a device shows beside its measurements: signal strength, bar graph, lamps. Small whole numbers by name.
public struct DeviceStatus: Hashable, Sendable {
    /// Names in lower case with hyphens, each at most once, in the driver's order.
    public var fields: [Field]

    public struct Field: Hashable, Sendable {
        public var name: String
        public var value: Int
        public init(_ name: String, _ value: Int) {
            self.name = name
            self.value = value
        }
    }

    public init(_ fields: [Field]) { self.fields = fields }

    public subscript(name: String) -> Int? { fields.first { $0.name == name }?.value }
}

/// Something a device announces that is not a measurement.
public enum DeviceNotice: Hashable, Sendable, CustomStringConvertible {
    /// It will stop talking; the text says why, in the driver's words.
    case disconnecting(reason: String)
    /// It has, or has not, measurements in its memory.
    case hasStored(Bool)
    /// Its memory holds a measurement that begins then and has that many records.
    case storedSegment(start: CivilTime?, records: Int?)
    /// All of a stored measurement has come. `missing`: records announced and not received.
    case storedComplete(records: Int, missing: Int)
    /// It answered a command: done, refused, unknown.
    case answered(command: String, result: String)
    /// Its clock showed that time just now.
    case clock(CivilTime)
    /// We set its clock to that time.
    case clockSet(CivilTime)
    /// A feature it has or lacks, or a version, in the driver's words.
    case feature(String, String)

    public var name: String {
        switch self {
        case .disconnecting: "disconnecting"
        case .hasStored: "has-stored"
        case .storedSegment: "stored-segment"
        case .storedComplete: "stored-complete"
        case .answered: "answered"
        case .clock: "clock"
        case .clockSet: "clock-set"
        case .feature: "feature"
        }
    }

    public var description: String {
        switch self {
        case .disconnecting(let reason): "disconnecting \(reason)"
        case .hasStored(let has): "has-stored \(has ? "yes" : "no")"
        case .storedSegment(let start, let records):
            "stored-segment start \(start?.description ?? "-") records \(records.map(String.init) ?? "-")"
        case .storedComplete(let records, let missing): "stored-complete records \(records) missing \(missing)"
        case .answered(let command, let result): "answered \(command) \(result)"
        case .clock(let time): "clock \(time)"
        case .clockSet(let time): "clock-set \(time)"
        case .feature(let name, let value): "feature \(name) \(value)"
        }
    }
}

/// Something wrong with what the device sent. Counted and shown; the conversation goes on.
public enum Fault: Hashable, Sendable, CustomStringConvertible {
    /// Bytes that belong to no frame, passed over to find the next one.
    case dropped(bytes: Int)
    /// A frame whose check does not fit.
    case checksum
    /// A frame of the right form whose content cannot be.
    case malformed(String)
    /// A form nobody has described.
    case unknown(String)
    /// The device did not answer a request in time.
    case noAnswer(String)

    public var name: String {
        switch self {
        case .dropped: "dropped"
        case .checksum: "checksum"
        case .malformed: "malformed"
        case .unknown: "unknown"
        case .noAnswer: "no-answer"
        }
    }

    public var description: String {
        switch self {
        case .dropped(let bytes): "dropped \(bytes) bytes"
        case .checksum: "checksum"
        case .malformed(let what): "malformed \(what)"
        case .unknown(let what): "unknown \(what)"
        case .noAnswer(let what): "no-answer \(what)"
        }
    }
}
