public import Trends
public import Vitals

/// What the box makes of the signals by itself.
public struct AnalysisSettings: Hashable, Sendable {
    public var isECGOn: Bool
    public var isOximetryOn: Bool
    public var isTrendsOn: Bool
    /// What clinicians decided for single patients; the others have ``TrendSettings`` as they are.
    public var trendsByPatient: [Identifier: TrendSettings]

    public init(
        isECGOn: Bool = true, isOximetryOn: Bool = true, isTrendsOn: Bool = true,
        trendsByPatient: [Identifier: TrendSettings] = [:]
    ) {
        self.isECGOn = isECGOn
        self.isOximetryOn = isOximetryOn
        self.isTrendsOn = isTrendsOn
        self.trendsByPatient = trendsByPatient
    }
}
