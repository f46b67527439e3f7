/// What the header file (`.hea`) of a record says.
public struct RecordHeader: Hashable, Sendable {
    public var name: String
    /// Frames a second; a signal with several samples a frame has a higher rate of its own.
    public var sampleRateHz: Double
    /// Of the counter that a recorder showed, for those who look up a place in it.
    public var counterFrequencyHz: Double
    public var baseCounter: Double
    /// `nil` when the header does not say: the signal files tell.
    public var frameCount: Int?
    /// When the first sample was taken, as written: `HH:MM:SS` and `DD/MM/YYYY`.
    public var baseTime: String?
    public var baseDate: String?
    public var signals: [SignalSpecification]
    /// The lines behind `#`, without it.
    public var comments: [String]

    /// What WFDB takes when a header does not say.
    public static let sampleRateHzDefault = 250.0

    public init(
        name: String, sampleRateHz: Double, frameCount: Int? = nil, signals: [SignalSpecification] = [],
        comments: [String] = []
    ) {
        self.name = name
        self.sampleRateHz = sampleRateHz
        counterFrequencyHz = sampleRateHz
        baseCounter = 0
        self.frameCount = frameCount
        self.signals = signals
        self.comments = comments
    }
}

/// One signal's line in a header.
public struct SignalSpecification: Hashable, Sendable {
    /// In the folder of the header; neighbours in the header with the same name share the file.
    public var file: String
    public var format: SignalFormat
    public var samplesPerFrame = 1
    /// Frames by which the file holds this signal too late.
    public var skewFrames = 0
    /// In front of the first sample.
    public var byteOffset = 0
    /// Steps of the converter for one unit; ``gainDefault`` when nobody has calibrated it.
    public var gain = Self.gainDefault
    public var isCalibrated = true
    /// The converter's value of zero units.
    public var baseline = 0
    public var unit = "mV"
    public var resolutionBits = 12
    public var converterZero = 0
    public var initialValue = 0
    /// Of all samples, added up in 16 bits; `nil` when the header does not say.
    public var checksum: Int16?
    public var blockSize = 0
    public var description = ""

    /// What WFDB takes when a header does not say, or says 0.
    public static let gainDefault = 200.0

    public init(file: String, format: SignalFormat) {
        self.file = file
        self.format = format
    }

    /// A sample in units; not a number when it was not measured.
    public func physical(_ sample: Int32) -> Float {
        guard sample != SignalFormat.missing else { return .nan }
        return Float((Double(sample) - Double(baseline)) / gain)
    }

    /// The nearest step of the converter; ``SignalFormat/missing`` for what is no number.
    public func digital(_ value: Float) -> Int32 {
        let steps = (Double(value) * gain + Double(baseline)).rounded()
        guard steps.isFinite else { return SignalFormat.missing }
        return Int32(min(max(steps, Double(format.values.lowerBound)), Double(format.values.upperBound)))
    }
}
