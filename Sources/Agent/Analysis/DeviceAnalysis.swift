import Alarms
import Delivery
import Vitals

/// Looks at what one device says, and makes more of it: numbers, sessions, findings for alarms.
///
/// A value apart from any link: it outlives the device's connections and ends with its patient. It holds next to
/// nothing before the device has said something that concerns it.
protocol DeviceAnalysis {
    /// The conditions that it may look for.
    var rules: [FindingRule] { get }
    /// What it may derive.
    var metrics: Set<Metric> { get }
    /// The device is to report its waveforms, whether they are published or not.
    var wantsWaveforms: Bool { get }

    mutating func hear(_ event: AnalysisEvent, _ turn: inout AnalysisTurn)

    /// Adds to a session of the device, before it is told, what this program makes of it.
    mutating func complete(_ session: inout Session, _ place: SessionPlace)
}

extension DeviceAnalysis {
    func complete(_ session: inout Session, _ place: SessionPlace) {}
}

/// What an analysis hears, in the order in which it came.
enum AnalysisEvent {
    case reading(Observation)
    /// From another analysis of the device.
    case derived(Observation)
    /// Stored by the device, and known already: it was streamed, or told before.
    case known(Observation)
    /// Its last sample was received just now.
    case waveform(Waveform)
    /// Of the device, completed; one that was told before is not heard.
    case session(Session, SessionPlace)
    /// About once a second, with or without a link.
    case tick
    /// The connection has ended; another may come.
    case unlinked
    /// Nothing follows: the program stops, or the device leaves its patient. What is open is told.
    case end
}

/// Whose a session is, and when it was.
struct SessionPlace {
    /// At the time of the session.
    var patient: Identifier?
    var start: Stamp
    var end: Stamp?
    /// `false`: the device's clock cannot be right.
    var isPlausible = true
}

/// What an analysis is lent each time it hears something: the time, and a place for what it has to say.
struct AnalysisTurn {
    let device: Identifier
    /// Of the moment of hearing.
    let stamp: Stamp

    private(set) var readings: [(reading: Reading, at: Instant)] = []
    private(set) var sessions: [Session] = []
    private(set) var looks: [FindingLook] = []
    private(set) var keepsakes: [Keepsake] = []

    init(device: Identifier, stamp: Stamp) {
        self.device = device
        self.stamp = stamp
    }

    /// A derived number.
    ///
    /// - Parameter at: `nil`: just now. For one from a device's memory its own time counts.
    mutating func report(_ reading: Reading, at: Instant? = nil) {
        readings.append((reading, at ?? stamp.received))
    }

    mutating func report(_ session: Session) { sessions.append(session) }

    /// Each finding that could be looked for, there or not: silence means that nobody sees the patient.
    mutating func report(_ look: FindingLook) { looks.append(look) }

    /// To be kept with what is told in this turn, or alone.
    mutating func keep(_ keepsake: Keepsake) { keepsakes.append(keepsake) }

    /// The name that a live session will have on the wire, for alerts that come before it.
    func name(of session: Session) -> String {
        var start = stamp
        start.received = session.begun ?? stamp.received
        return SessionMessage.identity(of: session, device: device, start: start)
    }

    var isEmpty: Bool { readings.isEmpty && sessions.isEmpty && looks.isEmpty && keepsakes.isEmpty }
}
