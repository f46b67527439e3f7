public import Vitals

/// One lead of an ECG: which, and how often it is sampled.
public struct LeadDescription: Hashable, Sendable {
    public var metric: Metric
    public var sampleRateHz: Double

    public init(_ metric: Metric, sampleRateHz: Double) {
        self.metric = metric
        self.sampleRateHz = sampleRateHz
    }

    /// Of all leads that an analyzer takes: those of the standard twelve, and one without a name.
    public static let leadsMax = 13
}
