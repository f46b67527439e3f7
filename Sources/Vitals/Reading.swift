/// One measured number, or the plain statement that there is none, as a driver tells it.
///
/// Who measured it, on whom and when in UTC is added by ``Observation``.
public struct Reading: Hashable, Sendable {
    public var metric: Metric
    /// In the metric's unit. `nil` when the quality is invalid.
    public var value: Double?
    public var quality: Quality
    public var source: Source
    /// The time on the device's own clock, when it sent one.
    public var deviceTime: CivilTime?
    /// Tells readings of one metric at one device time apart: 0, 1, …
    public var subindex: Int

    /// Measured just now, or taken from the device's memory.
    public enum Source: String, Hashable, Sendable, CaseIterable { case live, stored }

    public init(
        _ metric: Metric, _ value: Double?, _ quality: Quality = .valid, source: Source = .live,
        deviceTime: CivilTime? = nil, subindex: Int = 0
    ) {
        self.metric = metric
        self.value = value
        self.quality = quality
        self.source = source
        self.deviceTime = deviceTime
        self.subindex = subindex
    }
}

/// Who made a number: nature through a sensor, a computation, or somebody trying the kit.
public enum Origin: String, Hashable, Sendable, CaseIterable {
    case measured, derived
    /// A technician's trial or a simulation. No clinical alarm may come of it.
    case test
}

/// A reading with everything that makes it a fact: its device, its patient and its clocks.
public struct Observation: Hashable, Sendable {
    public var reading: Reading
    public var device: Identifier
    /// `nil`: the device belongs to nobody; it goes to `unassigned` and raises no clinical alarm.
    public var patient: Identifier?
    public var origin: Origin
    public var stamp: Stamp

    public init(
        reading: Reading, device: Identifier, patient: Identifier?, origin: Origin, stamp: Stamp
    ) {
        self.reading = reading
        self.device = device
        self.patient = patient
        self.origin = origin
        self.stamp = stamp
    }

    /// The same for the same fact, however often it is received: device, metric, time and subindex.
    ///
    /// A stored record is named by the device's own time, so that a second download is the same reading.
    /// (The idea of the HL7 Personal Health Device guide's Observation identifier.)
    public var identity: String {
        let time =
            if reading.source == .stored, let deviceTime = stamp.device {
                deviceTime.description
            } else {
                "\(stamp.bootID)+\(stamp.received.nanoseconds / 1000)"
            }
        return "\(device)/\(reading.metric.rawValue)/\(time)/\(reading.subindex)"
    }
}

/// Equally spaced samples of one signal. Never padded: a missing sample ends the block.
public struct Waveform: Hashable, Sendable {
    public var metric: Metric
    /// Greater than zero.
    public var sampleRateHz: Double
    /// value = sample × scale + offset, in the metric's unit.
    public var scale: Double
    public var offset: Double
    /// At most ``samplesMax``.
    public var samples: [Int32]
    public var quality: Quality
    /// Samples known to be missing between the block before and this one.
    public var lostBefore: Int

    public static let samplesMax = 1000

    public init(
        _ metric: Metric, sampleRateHz: Double, scale: Double = 1, offset: Double = 0, samples: [Int32],
        quality: Quality = .valid, lostBefore: Int = 0
    ) {
        self.metric = metric
        self.sampleRateHz = sampleRateHz
        self.scale = scale
        self.offset = offset
        self.samples = samples
        self.quality = quality
        self.lostBefore = lostBefore
    }
}
