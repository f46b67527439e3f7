public import Vitals

/// Listens to bytes with one driver's ears and says whether they are its own.
///
/// It feeds the driver and counts what it tells: values against bytes that belong to no frame. What the driver
/// wants to send is not sent, unless the one who probes asks for it.
public struct ProbeJudge {
    public let manifest: Manifest
    private var driver: any Driver
    private var values = 0
    private var droppedBytes = 0
    private var receivedBytes = 0
    private var faults = 0

    /// So many values, and nothing wrong since the first of them, make a driver sure. A sync byte alone is in any
    /// stream; a frame that passes its checks four times is not chance.
    public static let valuesForCertainty = 4
    /// A stream may be joined in the middle of a frame: so much may be dropped before the first value.
    public static let droppedBytesTolerated = 64

    public init(_ driver: any Driver.Type) {
        manifest = driver.manifest
        self.driver = driver.init(settings: DriverSettings())
    }

    public mutating func receive(_ bytes: [UInt8], at now: Instant) {
        var turn = Turn(now: now)
        driver.receive(bytes.span, from: .serial, &turn)
        receivedBytes += bytes.count
        count(turn)
    }

    /// What the driver says when its link opens: its first, harmless questions.
    public mutating func greeting(at now: Instant) -> [Turn.Request] {
        var turn = Turn(now: now)
        driver.begin(&turn)
        count(turn)
        return turn.requests
    }

    /// The conversation that the driver asks for after it has received something.
    public mutating func converse(_ bytes: [UInt8], at now: Instant) -> [Turn.Request] {
        var turn = Turn(now: now)
        driver.receive(bytes.span, from: .serial, &turn)
        receivedBytes += bytes.count
        count(turn)
        return turn.requests
    }

    /// Goodbye, for a device that was asked something and is not this driver's, or will be opened anew.
    public mutating func farewell(at now: Instant) -> [Turn.Request] {
        var turn = Turn(now: now)
        driver.end(&turn)
        return turn.requests
    }

    public var isCertain: Bool { values >= Self.valuesForCertainty && faults == 0 && !isNoise }

    /// Better is greater: values against what could not be understood.
    public var score: Int { values * 8 - droppedBytes - faults * 16 }

    private var isNoise: Bool { droppedBytes > max(Self.droppedBytesTolerated, receivedBytes / 4) }

    private mutating func count(_ turn: Turn) {
        for event in turn.events {
            switch event {
            case .reading, .waveform, .status, .information: values += 1
            case .fault(.dropped(let bytes)): droppedBytes += bytes
            case .fault(.noAnswer): break
            case .fault: faults += 1
            case .notice: break
            }
        }
    }
}
