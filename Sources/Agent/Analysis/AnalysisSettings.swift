public import ECG

/// What the box makes of the signals by itself.
public struct AnalysisSettings: Hashable, Sendable {
    public var isECGOn: Bool
    /// Of ECG findings.
    public var strips: StripSettings

    public init(isECGOn: Bool = true, strips: StripSettings = StripSettings()) {
        self.isECGOn = isECGOn
        self.strips = strips
    }
}
