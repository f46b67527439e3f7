/// Equally spaced samples of one manoeuvre: BTPS, out of the patient positive.
public struct BlowSamples: Hashable, Sendable {
    public var quantity: Quantity
    public var sampleRateHz: Double
    /// In L/s or L.
    public var values: [Double]

    public enum Quantity: String, Hashable, Sendable, CaseIterable { case flow, volume }

    /// What spirometers send; ATS/ERS 2019 asks for 100 Hz at least (ISO 26782).
    public static let sampleRates = 25.0 ... 500.0
    /// No blow with its breaths before and after lasts longer.
    public static let secondsMax = 120.0
    /// Without half a second there is no start of a blow to look at.
    public static let secondsMin = 0.5
    /// ISO 26782 asks for 14 L/s; nobody reaches this.
    public static let flowMagnitudeMax = 30.0
    /// A spirometer's volume may have any zero; this is far beyond any of them.
    public static let volumeMagnitudeMax = 100.0

    public init(_ quantity: Quantity, sampleRateHz: Double, values: [Double]) {
        self.quantity = quantity
        self.sampleRateHz = sampleRateHz
        self.values = values
    }

    public var sampleIntervalSeconds: Double { 1 / sampleRateHz }

    /// What a value of this quantity can be.
    public static func magnitudeMax(_ quantity: Quantity) -> Double {
        quantity == .flow ? flowMagnitudeMax : volumeMagnitudeMax
    }

    /// Why this cannot be analysed; `nil`: it can.
    public var problem: BlowProblem? {
        guard Self.sampleRates.contains(sampleRateHz) else { return .sampleRate(sampleRateHz) }
        let seconds = Double(values.count) / sampleRateHz
        guard seconds >= Self.secondsMin else { return .tooShort(seconds: seconds) }
        guard seconds <= Self.secondsMax else { return .tooLong(seconds: seconds) }
        let limit = Self.magnitudeMax(quantity)
        if let index = values.firstIndex(where: { !(abs($0) <= limit) }) { return .impossibleValue(index: index) }
        return nil
    }

    /// Flow with the offset taken off that the sensor showed while nobody blew, L/s. Volume has no such offset.
    public func correcting(zeroFlowLitresPerSecond offset: Double) -> BlowSamples {
        guard quantity == .flow, offset.isFinite else { return self }
        return BlowSamples(.flow, sampleRateHz: sampleRateHz, values: values.map { $0 - offset })
    }
}

/// Why samples are no manoeuvre.
public enum BlowProblem: Error, Hashable, Sendable, CustomStringConvertible {
    case sampleRate(Double)
    case tooShort(seconds: Double)
    case tooLong(seconds: Double)
    /// Not a number, or beyond what any spirometer can show.
    case impossibleValue(index: Int)
    /// Nobody blew.
    case noExpiration

    public var description: String {
        switch self {
        case .sampleRate(let rate):
            "\(rate) samples a second are not from \(BlowSamples.sampleRates.lowerBound) to "
                + "\(BlowSamples.sampleRates.upperBound)"
        case .tooShort(let seconds): "it lasts \(seconds) s: \(BlowSamples.secondsMin) s are needed at least"
        case .tooLong(let seconds): "it lasts \(seconds) s: \(BlowSamples.secondsMax) s are allowed at most"
        case .impossibleValue(let index): "sample \(index + 1) is no value that a spirometer can show"
        case .noExpiration: "there is no forced expiration in it"
        }
    }
}
