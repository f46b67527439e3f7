public import Bytes
public import Vitals

/// What holds for every number of one message.
public struct Circumstances: Hashable, Sendable {
    /// Why the device itself says that there is nothing to read.
    public var unusable: QualityReasons
    /// Why the numbers may be wrong.
    public var doubts: QualityReasons
    /// The device is still finding its value.
    public var isProvisional: Bool
    public var source: Reading.Source
    public var deviceTime: CivilTime?
    public var subindex: Int

    public init(
        unusable: QualityReasons = [], doubts: QualityReasons = [], isProvisional: Bool = false,
        source: Reading.Source = .live, deviceTime: CivilTime? = nil, subindex: Int = 0
    ) {
        self.unusable = unusable
        self.doubts = doubts
        self.isProvisional = isProvisional
        self.source = source
        self.deviceTime = deviceTime
        self.subindex = subindex
    }
}

/// One metric that comes as an SFLOAT, a FLOAT or a number already in the metric's unit.
public struct MedicalNumber: Hashable, Sendable {
    public let metric: Metric
    /// In the metric's unit. Zero outside of it is a mark for "no value", anything else outside is out of range.
    public let valid: ClosedRange<Double>

    public init(_ metric: Metric, valid: ClosedRange<Double>) {
        self.metric = metric
        self.valid = valid
    }

    /// - Parameter convert: from the device's unit to the metric's.
    public func reading(
        _ number: MedicalFloat, _ circumstances: Circumstances = .init(),
        convert: (Double) -> Double = { $0 }
    ) -> Reading {
        switch number {
        case .number: reading(number.value.map(convert), circumstances)
        case .notANumber, .reserved: reading(nil, circumstances)
        case .notAtThisResolution, .positiveInfinity, .negativeInfinity: none(.outOfRange, circumstances)
        }
    }

    /// - Parameter value: `nil`: the device has none.
    public func reading(_ value: Double?, _ circumstances: Circumstances = .init()) -> Reading {
        guard let value, value != 0 || valid.contains(0) else { return none(.noValue, circumstances) }
        guard valid.contains(value) else { return none(.outOfRange, circumstances) }
        guard circumstances.unusable.isEmpty else { return none([], circumstances) }
        let isPlain = circumstances.doubts.isEmpty
        return Reading(
            metric, value,
            isPlain && circumstances.isProvisional ? .calibrating : Quality(doubts: circumstances.doubts),
            source: circumstances.source, deviceTime: circumstances.deviceTime, subindex: circumstances.subindex)
    }

    private func none(_ reason: QualityReasons, _ circumstances: Circumstances) -> Reading {
        Reading(
            metric, nil, .invalid(reason.union(circumstances.unusable).union(circumstances.doubts)),
            source: circumstances.source, deviceTime: circumstances.deviceTime, subindex: circumstances.subindex)
    }
}
